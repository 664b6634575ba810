"""The chain over the ledger: whole when nobody meddled, and naming the entry when somebody did."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from accounts_app.access import system
from core_app import chain
from core_app.ledger import record
from core_app.models import ChainHead, Entry, Seal

pytestmark = pytest.mark.django_db

CLERK = system("clerk")


def write(target, count=1, **data) -> list[Entry]:
    """That many entries about the target, in order."""
    with transaction.atomic():
        return [record(CLERK, "core.noted", target, number=number, **data)[0] for number in range(count)]


def sql(statement: str, *values) -> None:
    """What somebody with the database's password can do and the ORM refuses."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def copy_entry(pk: int, into: int, verb: str) -> None:
    columns = ", ".join(field.column for field in Entry._meta.concrete_fields if field.name not in ("id", "verb"))
    sql(
        f"INSERT INTO core_app_entry (id, verb, {columns}) SELECT %s, %s, {columns} FROM core_app_entry WHERE id = %s",
        into,
        verb,
        pk,
    )


class TestWhole:
    def test_an_empty_ledger_is_whole(self):
        assert chain.seal() == 0
        assert chain.verify().whole

    def test_entries_are_sealed_once_and_in_their_order(self, analyst):
        entries = write(analyst, 3)
        assert (chain.seal(), chain.seal()) == (3, 0)
        assert list(Seal.objects.values_list("number", "entry_id")) == [(1 + at, e.pk) for at, e in enumerate(entries)]

    def test_the_verdict_counts_what_is_sealed_and_what_not_yet(self, analyst):
        write(analyst, 2)
        chain.seal()
        write(analyst)
        verdict = chain.verify()
        assert (verdict.whole, verdict.sealed, verdict.unsealed) == (True, 2, 1)
        assert verdict.head == Seal.objects.get(number=2).digest

    def test_more_than_a_chunk_is_sealed_at_once(self, analyst, monkeypatch):
        monkeypatch.setattr(chain, "CHUNK", 4)
        write(analyst, 10)
        assert chain.seal() == 10
        assert chain.verify().whole

    def test_any_json_that_an_entry_holds_reads_back_as_it_was_sealed(self, analyst):
        write(
            analyst,
            state=["open", None],
            rate=0.1,
            huge=1e16,
            words="é \U0001f600 \u2028",
            nested={"b": 1, "a": [True]},
        )
        chain.seal()
        assert chain.verify().whole

    def test_a_new_secret_key_goes_on_with_the_chain_when_the_old_one_is_a_fallback(self, analyst, settings):
        write(analyst)
        chain.seal()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" + "y" * 40, [settings.SECRET_KEY]
        write(analyst)
        chain.seal()
        assert chain.verify().whole

    def test_without_the_old_key_nothing_can_be_vouched_for(self, analyst, settings):
        write(analyst)
        chain.seal()
        settings.SECRET_KEY = "new-" + "y" * 40
        assert not chain.verify().whole


class TestMeddling:
    @pytest.fixture
    def entries(self, analyst):
        entries = write(analyst, 5)
        chain.seal()
        assert chain.verify().whole
        return entries

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("actor_label", "Somebody Else"),
            ("verb", "core.denied"),
            ("target_id", "999"),
            ("data", '{"number": 7}'),
            ("at", "2020-01-01 00:00:00+00:00"),
            ("request_id", "forged"),
        ],
    )
    def test_an_altered_entry_is_named(self, entries, column, value):
        sql(f"UPDATE core_app_entry SET {column} = %s WHERE id = %s", value, entries[2].pk)
        verdict = chain.verify()
        assert (verdict.entry, "altered" in verdict.fault) == (entries[2].pk, True)

    def test_the_first_of_several_altered_entries_is_named(self, entries):
        sql("UPDATE core_app_entry SET verb = 'core.denied' WHERE id IN (%s, %s)", entries[3].pk, entries[1].pk)
        assert chain.verify().entry == entries[1].pk

    def test_a_removed_entry_is_named(self, entries):
        sql("DELETE FROM core_app_entry WHERE id = %s", entries[1].pk)
        verdict = chain.verify()
        assert (verdict.entry, verdict.fault) == (entries[1].pk, f"entry {entries[1].pk} was removed")

    def test_an_entry_removed_with_its_seal_is_noticed(self, entries):
        sql("DELETE FROM core_app_entry WHERE id = %s", entries[1].pk)
        sql("DELETE FROM core_app_seal WHERE entry_id = %s", entries[1].pk)
        assert chain.verify().fault == "link 2 of the chain was removed"

    def test_removing_links_and_numbering_the_rest_anew_is_noticed(self, entries):
        sql("DELETE FROM core_app_entry WHERE id = %s", entries[1].pk)
        sql("DELETE FROM core_app_seal WHERE number = 2")
        for number in (3, 4, 5):
            sql("UPDATE core_app_seal SET number = %s WHERE number = %s", number - 1, number)
        assert chain.verify().entry == entries[2].pk

    def test_the_last_entries_cannot_be_cut_off_with_their_seals(self, entries):
        sql("DELETE FROM core_app_entry WHERE id >= %s", entries[3].pk)
        sql("DELETE FROM core_app_seal WHERE number >= 4")
        assert "cut off after link 3" in chain.verify().fault

    def test_nor_when_the_record_of_the_end_is_made_to_agree(self, entries):
        sql("DELETE FROM core_app_entry WHERE id >= %s", entries[3].pk)
        sql("DELETE FROM core_app_seal WHERE number >= 4")
        sql("UPDATE core_app_chainhead SET length = 3, digest = (SELECT digest FROM core_app_seal WHERE number = 3)")
        assert chain.verify().fault == "the record of the chain's end was altered"

    def test_nor_can_the_whole_chain_be_dropped(self, entries):
        sql("DELETE FROM core_app_entry")
        sql("DELETE FROM core_app_seal")
        assert not chain.verify().whole

    def test_an_entry_with_a_forged_seal_is_named(self, entries):
        copy_entry(entries[0].pk, into=entries[-1].pk + 1, verb="core.forged")
        sql("INSERT INTO core_app_seal (number, entry_id, digest) VALUES (6, %s, %s)", entries[-1].pk + 1, "f" * 64)
        assert chain.verify().entry == entries[-1].pk + 1

    def test_an_inserted_entry_is_named_before_the_sweep_has_sealed_it(self, entries):
        copy_entry(entries[0].pk, into=entries[-1].pk + 1, verb="core.forged")
        assert chain.verify().fault == f"entry {entries[-1].pk + 1} was inserted"

    def test_an_inserted_entry_is_named_after_the_sweep_has_sealed_it(self, entries):
        copy_entry(entries[0].pk, into=entries[-1].pk + 1, verb="core.forged")
        assert chain.seal() == 1
        assert chain.verify().fault == f"entry {entries[-1].pk + 1} was inserted"

    def test_an_exact_copy_of_an_entry_is_named(self, entries):
        copy_entry(entries[0].pk, into=entries[-1].pk + 1, verb=entries[0].verb)
        chain.seal()
        assert chain.verify().entry == entries[-1].pk + 1


class TestHorizon:
    def test_the_sweep_stops_looking_at_what_has_long_been_sealed(self, analyst):
        entries = write(analyst, 3)
        chain.seal()
        with time_machine.travel(timezone.now() + chain.LONGEST_TRANSACTION + timedelta(minutes=1), tick=False):
            chain.seal()
            assert ChainHead.objects.get().horizon == entries[-1].pk

    def test_an_entry_that_commits_late_under_a_lower_id_is_still_sealed(self, analyst):
        _, second, _ = write(analyst, 3)
        columns = {field.column: getattr(second, field.attname) for field in Entry._meta.concrete_fields}
        sql("DELETE FROM core_app_entry WHERE id = %s", second.pk)
        assert chain.seal() == 2
        Entry.objects.bulk_create([Entry(**columns)])
        assert chain.seal() == 1
        assert chain.verify().whole


class TestCommand:
    def test_says_that_the_ledger_is_whole_and_how_long(self, analyst):
        write(analyst, 2)
        chain.seal()
        out = StringIO()
        call_command("verify_ledger", stdout=out)
        assert "whole: 2 entries sealed, 0 not yet" in out.getvalue()
        assert Seal.objects.get(number=2).digest in out.getvalue()

    def test_fails_and_names_the_entry_at_fault(self, analyst):
        entry = write(analyst)[0]
        chain.seal()
        sql("UPDATE core_app_entry SET actor_id = '1' WHERE id = %s", entry.pk)
        with pytest.raises(CommandError, match=rf"entry {entry.pk} was altered"):
            call_command("verify_ledger")

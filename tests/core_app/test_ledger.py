"""Writing entries: beside the change or not at all, and never changed afterwards."""

import pytest
import structlog
from django.db import connection, transaction

from accounts_app.access import person, system
from core_app.ledger import history, record, record_each
from core_app.models import Entry

pytestmark = pytest.mark.django_db

CLERK = system("clerk")


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused(analyst):
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record(CLERK, "core.noted", analyst)
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_when_the_change_beside_it_is_rolled_back(analyst):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(CLERK, "core.noted", analyst)
        1 / 0  # noqa: B018
    assert not Entry.objects.exists()


def test_an_entry_says_who_did_what_to_what_and_in_which_request(analyst, admin):
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        record(person(admin), "core.noted", analyst, name=["before", "after"])
    entry = Entry.objects.get()
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("person", str(admin.pk), "Ada Admin")
    assert (entry.verb, entry.data, entry.request_id) == ("core.noted", {"name": ["before", "after"]}, "r-1")
    assert (entry.target_type, entry.target_id) == ("accounts_app.user", str(analyst.pk))
    assert entry.target_label == "Ana Analyst"


def test_many_entries_cost_few_queries(analyst, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        record_each(CLERK, "core.noted", [(analyst, {"number": number}) for number in range(500)])


def test_history_is_of_one_thing_and_newest_first(analyst, viewer):
    for number in range(3):
        record(CLERK, "core.noted", analyst, number=number)
    record(CLERK, "core.noted", viewer)
    assert [entry.data["number"] for entry in history(analyst)] == [2, 1, 0]


class TestAppendOnly:
    @pytest.fixture
    def entry(self, analyst):
        return record(CLERK, "core.noted", analyst)[0]

    @pytest.mark.parametrize(
        "meddle",
        [
            lambda entry: Entry.objects.update(verb="core.denied"),
            lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
            lambda entry: Entry.objects.all().delete(),
            lambda entry: Entry.objects.bulk_update([entry], ["verb"]),
            lambda entry: entry.save(),
            lambda entry: entry.delete(),
            lambda entry: Entry._base_manager.filter(pk=entry.pk).update(verb="core.denied"),
            lambda entry: Entry._base_manager.filter(pk=entry.pk).delete(),
        ],
        ids=["update", "filter-delete", "delete-all", "bulk-update", "save", "delete", "base-update", "base-delete"],
    )
    def test_the_orm_has_no_way_to_change_or_remove_an_entry(self, entry, meddle):
        with pytest.raises(TypeError, match="cannot be"):
            meddle(entry)
        with connection.cursor() as cursor:
            cursor.execute("SELECT verb FROM core_app_entry")
            assert cursor.fetchall() == [("core.noted",)]

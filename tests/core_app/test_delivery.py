"""Carrying out what is owed: once when all goes well, again after a failure, and openly given up in the end."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts_app.access import system
from core_app import delivery
from core_app.ledger import record
from core_app.models import Delivery, Entry
from tests.conftest import home
from tests.processes import PYTHON, Process, children_of, eventually

CLERK = system("clerk")


def ask(target) -> Entry:
    with transaction.atomic():
        return record(CLERK, "core.asked", target)[0]


@pytest.mark.django_db
class TestInProcess:
    def test_a_handler_gets_the_entry_once(self, handler, analyst):
        got = []
        handler(got.append)
        entry = ask(analyst)
        assert (delivery.deliver_due(), delivery.deliver_due()) == (1, 0)
        assert got == [entry]
        assert Delivery.objects.get().state == Delivery.State.DONE

    def test_a_verb_nobody_listens_to_owes_nothing(self, handler, analyst):
        record(CLERK, "core.mentioned", analyst)
        assert not Delivery.objects.exists()

    def test_what_a_failed_handler_wrote_is_rolled_back_and_why_is_kept(self, handler, analyst):
        @handler
        def fail(entry):
            record(CLERK, "core.answered", analyst)
            raise ValueError("the line is busy")

        ask(analyst)
        delivery.deliver_due()
        owed = Delivery.objects.get()
        assert (owed.state, owed.attempts, owed.error) == (Delivery.State.OWED, 1, "ValueError: the line is busy")
        assert not Entry.objects.filter(verb="core.answered").exists()

    def test_a_failed_delivery_waits_and_is_tried_again(self, handler, analyst):
        attempts = []

        @handler
        def fail_once(entry):
            attempts.append(entry)
            if len(attempts) == 1:
                raise ValueError

        ask(analyst)
        assert (delivery.deliver_due(), delivery.deliver_due()) == (1, 0)
        with time_machine.travel(timezone.now() + timedelta(seconds=3)):
            delivery.deliver_due()
        assert Delivery.objects.get().state == Delivery.State.DONE
        assert len(attempts) == 2

    def test_one_failure_does_not_hold_up_the_others(self, handler, analyst, viewer):
        @handler
        def fail_for_the_first(entry):
            if entry.target_id == str(analyst.pk):
                raise ValueError

        ask(analyst), ask(viewer)
        assert delivery.deliver_due() == 2
        assert sorted(Delivery.objects.values_list("state", flat=True)) == ["done", "owed"]

    def test_after_the_last_attempt_it_is_given_up_in_the_open(self, handler, analyst):
        @handler
        def fail(entry):
            raise ValueError("never")

        ask(analyst)
        now = timezone.now()
        for day in range(delivery.MAX_ATTEMPTS + 2):
            with time_machine.travel(now + timedelta(days=day)):
                delivery.deliver_due()
        given_up = Delivery.objects.get()
        assert (given_up.state, given_up.attempts) == (Delivery.State.FAILED, delivery.MAX_ATTEMPTS)
        assert given_up.error == "ValueError: never"

    def test_one_that_kills_its_worker_every_time_is_given_up_too(self, handler, analyst):
        handler(lambda entry: pytest.fail("it must not run again"))
        ask(analyst)
        Delivery.objects.update(attempts=delivery.MAX_ATTEMPTS)
        delivery.deliver_due()
        assert Delivery.objects.get().state == Delivery.State.FAILED

    def test_a_handler_whose_code_is_gone_is_told_and_not_forgotten(self, analyst):
        entry = ask(analyst)
        Delivery.objects.create(entry=entry, handler="core_app.handlers.gone")
        delivery.deliver_due()
        assert Delivery.objects.get().error == "LookupError: no handler is called core_app.handlers.gone"

    def test_what_another_worker_has_claimed_is_left_to_it_for_its_lease(self, handler, analyst):
        handler(lambda entry: None)
        ask(analyst)
        delivery._claim()
        assert delivery.deliver_due() == 0
        with time_machine.travel(timezone.now() + delivery.LEASE + timedelta(seconds=1)):
            assert delivery.deliver_due() == 1

    def test_the_lease_is_longer_than_a_task_may_run(self):
        from core_app.tasks import deliver, sweep_deliveries

        assert delivery.LEASE.total_seconds() > max(deliver.time_limit, sweep_deliveries.time_limit)


@pytest.mark.process
class TestKilledWorker:
    """A real worker, a real broker, a real file: killed with SIGKILL in the middle of a handler."""

    @pytest.fixture
    def env(self, request, tmp_path, valkey_url):
        return {
            **home(request, tmp_path / "data"),
            "CLERK_FOLDER": str(tmp_path),
            "REDIS_URL": valkey_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    @pytest.fixture
    def run(self, tmp_path, env):
        def run(*command: str) -> None:
            with Process([PYTHON, *command], log=tmp_path / "run.log", env=env) as process:
                assert process.ended(seconds=60) == 0, process.said

        return run

    @pytest.fixture
    def worker(self, tmp_path, env):
        command = [PYTHON, "-m", "celery", "--app", "config", "worker", "--concurrency", "1"]

        def start() -> Process:
            return Process([*command, "--include", "tests.core_app.clerk"], log=tmp_path / "worker.log", env=env)

        return start

    @pytest.fixture
    def rows(self, tmp_path):
        """Runs SQL on the worker's database."""

        def rows(statement: str, *values) -> list[tuple]:
            path = tmp_path / "data" / "tocsin.sqlite3"
            with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as link:
                return link.execute(statement, values).fetchall()

        return rows

    def test_what_it_was_doing_is_neither_lost_nor_done_twice(self, tmp_path, run, worker, rows):
        begun = tmp_path / "begun"
        with worker() as first:
            run("-c", "from tests.core_app import clerk; clerk.ask()")
            first.wait_for(begun.exists, what="the handler to begin")
            assert children_of(first.pid)
        assert rows("SELECT state, attempts FROM core_app_delivery") == [("owed", 1)]
        assert rows("SELECT count(*) FROM core_app_entry WHERE verb = 'core.answered'") == [(0,)]

        (tmp_path / "go").touch()
        rows("UPDATE core_app_delivery SET due_at = '2000-01-01 00:00:00'")  # its lease runs out
        with worker() as second:
            run("-m", "celery", "--app", "config", "call", "core_app.tasks.sweep_deliveries")
            second.wait_for(lambda: rows("SELECT state FROM core_app_delivery") == [("done",)], what="the delivery")
            run("-m", "celery", "--app", "config", "call", "core_app.tasks.sweep_deliveries")
            eventually(lambda: rows("SELECT attempts FROM core_app_delivery") == [(2,)])
        answers = rows("SELECT data FROM core_app_entry WHERE verb = 'core.answered'")
        asked = rows("SELECT id FROM core_app_entry WHERE verb = 'core.asked'")
        assert [json.loads(data) for (data,) in answers] == [{"asked": pk} for (pk,) in asked]
        assert len(begun.read_text().split()) == 2

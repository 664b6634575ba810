"""Bulk operations in real processes, killed in the middle and two at once: nothing is lost, nothing is done twice."""

import json
import os
import random
import signal
import time

import pytest
from celery import Celery

from tests.conftest import home
from tests.processes import PYTHON, Process, children_of, eventually

from .test_crash import Place

pytestmark = pytest.mark.process
ROWS, KILLS = 20_000, 10
BEGIN = f"""
import numpy as np
from uuid import uuid4
from django.utils import timezone
from accounts_app.access import system
from search_app.bulk import bulk_action, operations
from search_app.bulk.frozen import Frozen
from signals_app.models import Signal
from tests.signals_app.factories import RuleFactory, SourceFactory
now = timezone.now()
told = {{"rule": RuleFactory(), "source": SourceFactory(), "env": "prod", "correlation_key": "waf", "count": 1}}
told |= {{"severity": 3, "first_seen": now, "last_seen": now}}
rows = [Signal(**told, title=f"Signal {{n}}", search_text=f"signal {{n}}") for n in range({ROWS})]
Signal.objects.bulk_create(rows)  # not by the factory, which needs fifteen seconds for as many
keys = np.array(Signal.objects.order_by("pk").values_list("pk", flat=True))
operations.begin(
    actor=system("tests"), action=bulk_action("signals", "set_state"), rows=Frozen.of(keys, np.zeros(len(keys))),
    params={{"to": "under_review", "reason": "", "comment": ""}}, words="Under Review", selection="all", token=uuid4(),
)
"""
TOTALS = """
import json
from django.db.models import Count
from core_app.chain import verify
from core_app.models import Entry
from search_app.models import BulkOperation
from signals_app.models import Signal
operation = BulkOperation.objects.get()
entries = Entry.objects.filter(verb="signals.state_changed")
print("TOTALS", json.dumps({
    "signals": list(Signal.objects.values_list("state", "version").annotate(Count("pk")).order_by("state")),
    "operation": [operation.state, operation.changed, operation.unchanged, operation.refused],
    "entries": entries.filter(operation=operation.uuid).count(),
    "signals_told_of": entries.values("target_id").distinct().count(),
    "finished": Entry.objects.filter(verb="bulk.finished").count(),
    "ledger": verify().fault,
}))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path, valkey_url):
    env = home(request, tmp_path / "data", request.param)
    return Place({**env, "REDIS_URL": valkey_url, "DJANGO_SETTINGS_MODULE": "config.settings"})


def progress(place: Place) -> tuple[str, int]:
    return place.ask("SELECT state, position FROM search_app_bulkoperation")[0]


def test_killed_at_ten_random_moments_the_totals_are_exact(place, valkey_url):
    place.manage("shell", "--verbosity=0", "-c", BEGIN)
    broker = Celery(broker=valkey_url.replace("unix://", "redis+socket://", 1))

    def nudge() -> None:
        broker.send_task("search_app.tasks.run_bulk_operations", queue="default")

    chance = random.Random(7)
    command = [PYTHON, "-m", "celery", "-A", "config", "worker", "--concurrency=1", "--queues=default"]
    with Process(command, log=place.folder / "worker", env=place.env) as worker:
        in_the_middle = 0
        for _ in range(KILLS):
            _, before = progress(place)
            nudge()
            worker.wait_for(lambda before=before: progress(place)[1] > before, what="the worker to go on")
            time.sleep(chance.uniform(0, 0.1))  # the moment that the test is about
            killed = eventually(lambda: list(children_of(worker.pid)), what="a process that works")
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            in_the_middle += progress(place)[0] == "running"
            worker.wait_for(
                lambda killed=killed: set(children_of(worker.pid)) - set(killed), what="another to take its place"
            )
            # Time passes, and the lease of the dead runs out.
            place.ask("UPDATE search_app_bulkoperation SET lease_until = '2026-01-01'")
        nudge()
        worker.wait_for(lambda: progress(place)[0] == "done", seconds=90, what="the end")
    assert in_the_middle == KILLS
    said = place.manage("shell", "--verbosity=0", "-c", TOTALS)
    totals = json.loads(next(line for line in said.splitlines() if line.startswith("TOTALS")).removeprefix("TOTALS"))
    assert totals == {
        "signals": [["under_review", 1, ROWS]],
        "operation": ["done", ROWS, 0, 0],
        "entries": ROWS,
        "signals_told_of": ROWS,
        "finished": 1,
        "ledger": "",
    }


TWO = (
    BEGIN.replace(f"{ROWS}", "3000")
    + """
operations.begin(
    actor=system("others"), action=bulk_action("signals", "set_state"), rows=Frozen.of(keys, np.zeros(len(keys))),
    params={"to": "archived", "reason": "other", "comment": ""}, words="Archive", selection="all", token=uuid4(),
)
"""
)
RUN = "from search_app.bulk import run; run.run_due()"
REPORTS = """
import json
from django.db.models import Sum
from core_app.models import Entry
from search_app.models import BulkOperation
from signals_app.models import Signal
columns = ("state", "total", "changed", "unchanged", "refused", "reasons")
print("TOTALS", json.dumps({
    "operations": list(BulkOperation.objects.order_by("pk").values(*columns)),
    "versions": Signal.objects.aggregate(sum=Sum("version"))["sum"],
    "entries": Entry.objects.filter(verb="signals.state_changed").count(),
}))
"""


def test_two_over_the_same_rows_at_once_both_end_with_an_honest_report(place):
    place.manage("shell", "--verbosity=0", "-c", TWO)
    run = ["shell", "--verbosity=0", "-c", RUN]
    with place.start(*run, log="one") as one, place.start(*run, log="two") as two:
        assert (one.ended(seconds=120), two.ended(seconds=120)) == (0, 0), one.said + two.said
    said = place.manage("shell", "--verbosity=0", "-c", REPORTS)
    found = json.loads(next(line for line in said.splitlines() if line.startswith("TOTALS")).removeprefix("TOTALS"))
    first, second = found["operations"]
    assert first["state"] == second["state"] == "done"
    for report in (first, second):
        assert report["changed"] + report["refused"] == report["total"] == 3000
        assert all("Someone changed this" in reason for reason in report["reasons"])
    assert first["changed"] + second["changed"] == 3000 == found["versions"] == found["entries"]

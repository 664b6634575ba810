"""Real processes that are killed, and that do the same at once: nothing is lost, nothing counts twice."""

import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import psycopg
import pytest

from tests.conftest import home
from tests.processes import PYTHON, Process

from .recording import ACCESS, AUDIT, of

pytestmark = pytest.mark.process
CAMPAIGN = ("203.0.113.10/32", "198.51.100.40/29", "192.0.2.10/32", "203.0.113.30/32")
KILLS = 6
TOTALS = """
import json
from collections import Counter
from django.db.models import Count, Sum
from core_app.models import Entry
from signals_app.models import Detection, RawItem, Sample, Signal, SignalEntity
print("TOTALS", json.dumps({
    "items": list(RawItem.objects.order_by("state").values_list("state").annotate(Count("pk"))),
    "detections": list(Detection.objects.order_by("kind").values_list("kind").annotate(Count("pk"))),
    "signals": list(Signal.objects.order_by("rule__key").values_list("rule__key").annotate(Sum("count"))),
    "attached": Detection.objects.exclude(signal=None).count() - sum(Signal.objects.values_list("count", flat=True)),
    "parts": list(SignalEntity.objects.order_by("role", "entity__value", "signal__rule__key").values_list(
        "role", "entity__value", "signal__rule__key").annotate(Sum("count"))),
    "ledgered": Entry.objects.filter(verb="signals.created").count() - Signal.objects.count(),
    "oversampled": max(Counter(Sample.objects.values_list("signal", flat=True)).values()) > 10,
}))
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    path.write_bytes(b"\n".join([*of(ACCESS, *CAMPAIGN), *of(AUDIT, *CAMPAIGN)]) + b"\n")
    return path


class Place:
    """One Tocsin with its own folder and database."""

    def __init__(self, env: dict[str, str]) -> None:
        self.folder, self.env = Path(env["TOCSIN_DATA_DIR"]), env

    def start(self, *arguments: str, log: str = "log") -> Process:
        return Process([PYTHON, "manage.py", *arguments], log=self.folder / log, env=self.env)

    def manage(self, *arguments: str) -> str:
        with self.start(*arguments, log="said") as process:
            assert process.ended(seconds=300) == 0, process.said
            return process.said

    def totals(self) -> str:
        said = self.manage("shell", "--verbosity=0", "-c", TOTALS)
        return [line for line in said.splitlines() if line.startswith("TOTALS")][-1]

    def ask(self, statement: str) -> list[tuple]:
        """One statement from outside, past Django: a killed process's database as anybody sees it."""
        if url := self.env.get("DATABASE_URL"):
            folder, _, name = url.removeprefix("postgres:///").rpartition("/")
            with psycopg.connect(host=folder, dbname=name) as link:
                found = link.execute(statement)
                return found.fetchall() if found.description else []
        link = sqlite3.connect(self.folder / "tocsin.sqlite3", timeout=30)
        try:
            with link:
                return link.execute(statement).fetchall()
        finally:
            link.close()


def ingest(events: Path) -> list[str]:
    return ["ingest", "--source=edge", "--create", "--format=modsecurity3", "--env=prod", "--wait", str(events)]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    return Place(home(request, tmp_path / "data", request.param))


@pytest.fixture(scope="module")
def expected(request, events, tmp_path_factory):
    """What one process makes of the events when nobody disturbs it."""
    place = Place(home(request, tmp_path_factory.mktemp("undisturbed")))
    place.manage(*ingest(events))
    return place.totals()


def steps(place: Place) -> int:
    """How far it is: an item is taken in, and later it is read."""
    return place.ask("SELECT count(*) + count(CASE WHEN state = 'done' THEN 1 END) FROM signals_app_rawitem")[0][0]


def test_killed_anywhere_and_begun_again_the_totals_are_exact(place, events, expected):
    chance = random.Random(42)
    count = len(events.read_bytes().splitlines())
    # In both halves of the work, and so far from the end that no process is there before it is killed.
    for target in sorted(chance.sample(range(count * 3 // 2), KILLS)):
        target = max(target, steps(place) + 1)
        with place.start(*ingest(events)) as process:
            process.wait_for(lambda target=target: steps(place) >= target, what="the moment to kill it")
            time.sleep(chance.uniform(0, 0.1))  # on in the middle of the next transaction
            assert process.alive
            process.send(signal.SIGKILL)
            process.ended()
    place.manage(*ingest(events))
    assert place.totals() == expected


def test_two_processes_that_send_and_read_the_same_at_once_count_it_once(place, events, expected):
    place.manage(*ingest(Path(os.devnull)))
    with place.start(*ingest(events), log="one") as one, place.start(*ingest(events), log="two") as two:
        assert (one.ended(seconds=300), two.ended(seconds=300)) == (0, 0), one.said + two.said
    assert place.totals() == expected

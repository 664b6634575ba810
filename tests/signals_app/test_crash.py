"""Real processes that are killed, and that do the same at once: nothing is lost, nothing counts twice."""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

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


def ingest(events: Path) -> list[str]:
    return ["ingest", "--source=edge", "--create", "--format=modsecurity3", "--env=prod", "--wait", str(events)]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    return Place(home(request, tmp_path / "data", request.param))


@pytest.fixture(scope="module")
def expected(request, events, tmp_path_factory):
    """What one process makes of the events when nobody disturbs it, and the seconds it takes."""
    place = Place(home(request, tmp_path_factory.mktemp("undisturbed")))
    began = time.monotonic()
    place.manage(*ingest(events))
    return place.totals(), time.monotonic() - began


def test_killed_anywhere_and_begun_again_the_totals_are_exact(place, events, expected):
    wanted, took = expected
    chance = random.Random(42)
    killed = Counter()
    while killed["in the middle"] < KILLS and killed["too late"] < KILLS:
        with place.start(*ingest(events)) as process:
            deadline = time.monotonic() + chance.uniform(0.25, 0.8) * took
            while process.alive and time.monotonic() < deadline:
                time.sleep(0.01)
            killed["in the middle" if process.alive else "too late"] += 1
            if process.alive:
                process.send(signal.SIGKILL)
                process.ended()
    assert killed["in the middle"] > 0
    place.manage(*ingest(events))
    assert place.totals() == wanted


def test_two_processes_that_send_and_read_the_same_at_once_count_it_once(place, events, expected):
    place.manage(*ingest(Path(os.devnull)))
    with place.start(*ingest(events), log="one") as one, place.start(*ingest(events), log="two") as two:
        assert (one.ended(seconds=300), two.ended(seconds=300)) == (0, 0), one.said + two.said
    assert place.totals() == expected[0]

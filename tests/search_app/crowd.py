"""Writers that do whatever is done to signals, in random order; and a reader that holds the index to the rows."""

import random
from itertools import groupby
from pathlib import Path

import numpy as np
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from accounts_app.access import system
from accounts_app.models import Team, User
from search_app.held import INDEX
from search_app.index import Window
from search_app.index.bitmaps import keeper as keepers
from search_app.index.bitmaps.columns import positions
from search_app.index.bitmaps.evaluate import Evaluation
from search_app.index.bitmaps.keeper import Keeper
from search_app.index.scope import EPOCH, Scope
from signals_app.actions import assign, set_state, set_team
from signals_app.fields import SIGNALS
from signals_app.models import Assignment, Service, Signal, SignalTag
from tests.signals_app.factories import ServiceFactory, SignalFactory

ONE = {"state": "state", "archive_reason": "archive_reason", "team": "team_id", "service": "service_id"}
NUMBERS = ("count",)
EVER = Window(EPOCH, EPOCH.replace(year=9000))


def prepare(signals: int) -> None:
    """What the writers work with."""
    for number in range(4):
        User.objects.create_user(f"p{number}@example.test", "x", name=f"Person {number}")
        Team.objects.create(name=f"Team {number}", handle=f"team-{number}")
        ServiceFactory(name=f"service-{number}")
    SignalFactory.create_batch(signals)


class Writer:
    """One hand. `act` does one thing, or finds that somebody else has been quicker."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.actor = system("crowd")
        self.people = list(User.objects.order_by("pk"))
        self.teams = [None, *Team.objects.order_by("pk")]
        self.services = list(Service.objects.order_by("pk"))
        self.deeds = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]

    def act(self) -> None:
        try:
            with transaction.atomic():
                for _ in range(self.chance.randint(1, 3)):
                    self.chance.choice(self.deeds)()
                if self.chance.random() < 0.1:
                    transaction.set_rollback(True)
        except IntegrityError:
            pass  # the signal went, or somebody has given it the same tag
        except DatabaseError as problem:
            if not any(word in str(problem) for word in ("deadlock", "did not affect any rows")):
                raise

    def some(self, most: int = 6) -> list[int]:
        pks = list(Signal.objects.order_by("pk").values_list("pk", flat=True))
        return self.chance.sample(pks, min(self.chance.randint(1, most), len(pks)))

    def rows(self, most: int = 6):
        return Signal.objects.filter(pk__in=self.some(most))

    def do_state(self):
        to, reason = self.chance.choice([("under_review", ""), ("archived", "other"), ("open", "")])
        set_state(actor=self.actor, seen=dict.fromkeys(self.some(30)), to=to, reason=reason)

    def do_assign(self):
        people = self.chance.sample(self.people, self.chance.randint(0, 3))
        assign(actor=self.actor, seen=dict.fromkeys(self.some(30)), users=people)

    def do_team(self):
        set_team(actor=self.actor, seen=dict.fromkeys(self.some(30)), team=self.chance.choice(self.teams))

    def do_service(self):
        self.rows().update(service=self.chance.choice(self.services))

    def do_count(self):
        self.rows().update(count=F("count") + 1, service=self.chance.choice(self.services))

    def do_save(self):
        signal = self.rows(1).first()
        if signal:
            signal.service = self.chance.choice(self.services)
            signal.save(update_fields=["service"])

    def do_attributes(self):
        self.rows(9).update(attributes={"n": self.chance.randint(1, 2)})

    def do_create(self):
        SignalFactory.create_batch(3, tags=["new"])

    def do_delete(self):
        self.rows(2).delete()

    def do_one_more_assignee(self):
        Assignment.objects.create(signal_id=self.some(1)[0], user=self.chance.choice(self.people), position=9)

    def do_one_assignee_less(self):
        Assignment.objects.filter(signal__in=self.some(3), user=self.chance.choice(self.people)).delete()

    def do_tag(self):
        SignalTag.objects.bulk_create([SignalTag(signal_id=self.some(1)[0], text=f"t{self.chance.randint(1, 9)}")])


class CheckedKeeper(Keeper):
    """Holds each of its states to the rows of the moment that it is of."""

    checked = 0

    def _applied(self, snapshot, news):
        after = super()._applied(snapshot, news)
        indexed, stored = in_index(after), in_database()
        differences = {pk for pk in indexed.keys() | stored.keys() if indexed.get(pk) != stored.get(pk)}
        assert not differences, [(pk, indexed.get(pk), stored.get(pk)) for pk in differences]
        self.checked += bool(news)
        return after


def in_index(snapshot) -> dict:
    """What the index holds of each living signal: single values, numbers, assignees, tags."""
    rows = np.array(snapshot.alive().to_array(), np.int64)
    ones = []
    for name in ONE:
        column = snapshot.columns[name]
        ones.append([column.dictionary.values[code] for code in column.codes[rows]])
    numbers = [snapshot.columns[name].values[rows].tolist() for name in NUMBERS]
    sets = [_sets(snapshot.columns[name], rows) for name in ("assignees", "tags")]
    return dict(zip(snapshot.pks[rows].tolist(), zip(*ones, *numbers, *sets, strict=True), strict=True))


def _sets(column, rows: np.ndarray) -> list[frozenset]:
    by_row = {row: set() for row in range(len(rows))}
    for row, code in zip(*column.pairs(rows), strict=True):
        by_row[int(row)].add(column.dictionary.values[code])
    # By bitmap, too: they are kept apart.
    for code, value in enumerate(column.dictionary.values):
        having = set(column.having(0, [code]))
        assert {row for row, at in enumerate(rows.tolist()) if at in having} == {
            row for row, values in by_row.items() if value in values
        }
    return [frozenset(values - {None}) for values in by_row.values()]


def in_database() -> dict:
    own = {pk: row for pk, *row in Signal.objects.order_by().values_list("pk", *ONE.values(), *NUMBERS)}
    children = []
    for model, name in ((Assignment, "user_id"), (SignalTag, "text")):
        pairs = model.objects.order_by("signal_id").values_list("signal_id", name)
        children.append({pk: frozenset(v for _, v in some) for pk, some in groupby(pairs, lambda pair: pair[0])})
    return {pk: (*row, *(of.get(pk, frozenset()) for of in children)) for pk, row in own.items()}


def write(seed: int, times: int) -> None:
    """What a process that writes does."""
    writer = Writer(seed)
    for _ in range(times):
        writer.act()


def read(stop: str) -> int:
    """What a process that reads does, until there is a file of that name: how often there was news, and it was true.

    It asks for an attribute all the while. What is kept of the answers has to be true in the end.
    """
    keepers.PATIENCE = 60
    keeper = CheckedKeeper(SIGNALS)
    scope = Scope.of(SIGNALS, INDEX, SIGNALS.parse("@n:1"), EVER)
    done = False
    while not done:
        done = Path(stop).exists()  # before the last look, so that it sees everything
        snapshot = keeper.current()
        hits = Evaluation.of(scope, snapshot).rows(scope.tree)
    found = set(snapshot.pks[positions(hits)].tolist())
    assert found == set(Signal.objects.filter(attributes__n=1).values_list("pk", flat=True))
    return keeper.checked

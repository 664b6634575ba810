"""A deterministic set of signals, written straight into the tables: a million in a minute or two.

Values are skewed as real ones are (few rules make most signals), states follow severity and age, and with
`HIGH_CARDINALITY` there are thousands of rules and services, a hundred thousand attackers and titles with names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

import numpy as np
from django.db import connection, models, transaction
from django.utils import timezone

from accounts_app.models import Team, User
from search_app.changes import next_number
from signals_app.models import (
    Assignment,
    DetectionRule,
    Entity,
    Service,
    Severity,
    Signal,
    SignalEntity,
    SignalTag,
    Source,
    TriageState,
)

SEED = 20261122
DAYS = 90
CHUNK = 20_000
ATTACKS = ("SQL injection", "Cross-site scripting", "Path traversal", "Brute force", "SSRF", "Scanner", "Log-in", "RCE")
COUNTRIES = [a + b for a in "ABCDEFGHI" for b in "ABCDEFGHIJ"]


@dataclass(frozen=True)
class Shape:
    """How many distinct things there are."""

    rules: int = 150
    services: int = 60
    attackers: int = 20_000
    titles: int = 10_000
    teams: int = 12
    people: int = 60
    sources: int = 6


ORDINARY = Shape()
HIGH_CARDINALITY = Shape(rules=5_000, services=3_000, attackers=100_000, titles=200_000)


def build(signals: int, shape: Shape = ORDINARY) -> None:
    """Fill an empty, migrated database. The newest signal is of now."""
    chance = np.random.default_rng(SEED)
    now = timezone.now().replace(microsecond=0)
    stock = _Stock.make(shape, now)
    ages = np.sort(chance.random(signals) * DAYS * 86_400)[::-1]
    for start in range(0, signals, CHUNK):
        with transaction.atomic():
            _write(chance, stock, now, ages[start : start + CHUNK], start)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@dataclass(frozen=True)
class _Stock:
    """Primary keys of what signals refer to."""

    shape: Shape
    rules: np.ndarray
    services: np.ndarray
    sources: np.ndarray
    teams: np.ndarray
    people: np.ndarray
    attackers: np.ndarray
    titles: Sequence[str]

    @classmethod
    def make(cls, shape: Shape, now: datetime) -> _Stock:
        hour = timedelta(hours=1)
        _create(Team, (Team(name=f"Team {n}", handle=f"team-{n}") for n in range(shape.teams)))
        _create(User, (User(email=f"p{n}@bench.test", name=f"Person {n}", password="!") for n in range(shape.people)))  # noqa: S106 - nobody's
        _create(Source, (Source(name=f"source-{n}", format=Source.Format.TOCSIN) for n in range(shape.sources)))
        _create(Service, (Service(name=f"service-{n}") for n in range(shape.services)))
        tactics = [f"TA{n:04} Tactic {n}" for n in range(14)]
        _create(
            DetectionRule,
            (
                DetectionRule(key=f"rule-{n}", name=f"Rule {n}", tactic=tactics[n % 14], window=hour)
                for n in range(shape.rules)
            ),
        )
        _create(
            Entity,
            (
                Entity(
                    kind=Entity.Kind.IP,
                    value=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}",
                    country=COUNTRIES[n % len(COUNTRIES)],
                    first_seen=now,
                    last_seen=now,
                )
                for n in range(shape.attackers)
            ),
        )
        titles = [f"{ATTACKS[n % 8]} on service-{n % shape.services} by user-{n}" for n in range(shape.titles)]
        kept = (DetectionRule, Service, Source, Team, User, Entity)
        return cls(shape, *(np.array(model._default_manager.values_list("pk", flat=True)) for model in kept), titles)


def _create(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=1_000)


def _skewed(chance: np.random.Generator, things: np.ndarray, size: int) -> np.ndarray:
    """Things by Zipf's law: the first is as frequent as the next two together."""
    weights = 1 / np.arange(1, len(things) + 1)
    return things[chance.choice(len(things), size, p=weights / weights.sum())]


def _write(chance: np.random.Generator, stock: _Stock, now: datetime, ages: np.ndarray, start: int) -> None:
    size = len(ages)
    severity = chance.choice(5, size, p=[0.3, 0.3, 0.25, 0.12, 0.03])
    # The older and the milder, the more likely it is done with.
    done = chance.random(size) < np.minimum(0.9, ages / (DAYS * 86_400)) * (1 - 0.15 * (severity >= Severity.HIGH))
    review = ~done & (chance.random(size) < 0.15)
    state = np.where(done, TriageState.ARCHIVED, np.where(review, TriageState.UNDER_REVIEW, TriageState.OPEN))
    rule, service = _skewed(chance, stock.rules, size), _skewed(chance, stock.services, size)
    source, team = _skewed(chance, stock.sources, size), _skewed(chance, stock.teams, size)
    has_team = chance.random(size) < 0.8
    title = [stock.titles[number] for number in chance.integers(len(stock.titles), size=size).tolist()]
    env = np.array(["prod", "staging", "dev", ""])[chance.choice(4, size, p=[0.7, 0.15, 0.1, 0.05])]
    count = chance.integers(1, 500, size).tolist()
    codes = np.array([200, 403, 404, 500])[chance.choice(4, size)].tolist()
    pks = range(start + 1, start + size + 1)
    adapt = connection.ops.adapt_datetimefield_value
    moments = [adapt(now - timedelta(seconds=age)) for age in ages.tolist()]
    _insert(
        Signal,
        {
            "id": pks,
            "version": repeat(0),
            "change_seq": repeat(next_number(Signal.SURFACE)),
            "public_id": (f"AQAAA{pk:050}" for pk in pks),
            "rule_id": rule.tolist(),
            "source_id": source.tolist(),
            "correlation_key": repeat("bench"),
            "title": title,
            "message": (
                f"Seen {times} times, token-{pk % 5000}, on host-{pk % 997}."
                for pk, times in zip(pks, count, strict=True)
            ),
            "severity": severity.tolist(),
            "service_id": service.tolist(),
            "env": env.tolist(),
            "host": (f"host-{pk % 997}" for pk in pks),
            "attributes": (
                json.dumps({"http": {"status_code": code, "n": pk % 1000}}) for pk, code in zip(pks, codes, strict=True)
            ),
            "search_text": (text.casefold() for text in title),
            "state": state.tolist(),
            "archive_reason": np.where(done, "other", "").tolist(),
            "archive_comment": repeat(""),
            "team_id": (int(one) if has else None for one, has in zip(team, has_team, strict=True)),
            "first_seen": moments,
            "last_seen": moments,
            "count": count,
            "created_at": moments,
            "updated_at": moments,
        },
    )
    parts = chance.poisson(1.5, size)
    addresses = _skewed(chance, stock.attackers, int(parts.sum()))
    of, entity = np.unique(np.stack([np.repeat(np.arange(size), parts), addresses], axis=1), axis=0).T
    seen = [moments[place] for place in of.tolist()]
    _insert(
        SignalEntity,
        {
            "signal_id": (of + start + 1).tolist(),
            "entity_id": entity.tolist(),
            "role": repeat(SignalEntity.Role.ATTACKER.value),
            "first_seen": seen,
            "last_seen": seen,
            "count": repeat(1),
            "evidence": repeat("{}"),
        },
    )
    assigned = np.flatnonzero(chance.random(size) < 0.4)
    people = _skewed(chance, stock.people, len(assigned))
    _insert(
        Assignment,
        {"signal_id": (assigned + start + 1).tolist(), "user_id": people.tolist(), "position": repeat(0)},
    )
    _insert(SignalTag, {"signal_id": pks, "text": (f"site:{pk % 40}" for pk in pks)})


def _insert(model: type[models.Model], columns: Mapping[str, Iterable[Any]]) -> None:
    """Rows by column, past the ORM, which takes most of the time. A column without an end is the same in every row."""
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(map(quote, columns))
    rows = zip(*columns.values())  # noqa: B905 (see above)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 (names of our models)

"""`manage.py bench`: how fast it is, as a table and as JSON."""

from __future__ import annotations

import json
import os
import random
from argparse import ArgumentParser
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from accounts_app.access import system
from accounts_app.actions import make_api_key, make_application_key
from accounts_app.authentication import API_KEY, APPLICATION_KEY
from accounts_app.models import User
from config.bench import bulk, dataset, engines
from config.bench.run import SCRATCH, growth, run, table
from config.environment import BASE_DIR
from core_app.models import Entry
from search_app.models import BulkOperation
from signals_app.actions import set_state
from signals_app.models import Signal, TriageState

OPEN = 500  # signals that are changed one by one
STAGES = ("all", "data", "cold-start", "engines", "change", "bulk", "open", "ledger")


class Command(BaseCommand):
    help = "Measure whole pages over HTTP on a scratch database of so many signals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--signals", type=int, nargs="+", default=[1_000_000], help="several for the growth too")
        parser.add_argument("--high-cardinality", action="store_true", help="thousands of rules, 100,000 attackers")
        parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; SQLite when left out")
        parser.add_argument("--folder", type=Path, default=BASE_DIR / "bench", help="keeps data sets and figures")
        parser.add_argument("--times", type=int, default=30, help="samples of each page")
        parser.add_argument("--stage", choices=STAGES, default="all", help="what the bench calls itself for")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, stage: str, **options: Any) -> None:
        if stage != "all" and SCRATCH not in os.environ:  # one that wrote a million signals among somebody's own
            raise CommandError("The bench calls itself for its stages. Leave --stage out: it makes its own database.")
        match stage:
            case "all":
                self._all(**options)
            case "data":
                self._tell(_data(*options["signals"], high_cardinality=options["high_cardinality"]))
            case "cold-start":
                self._tell(engines.cold_start())
            case "engines":
                self._tell(engines.compare())
            case "bulk":
                self._tell(bulk.measure())
            case "open":
                self._tell(_open())
            case "ledger":
                self._tell(Entry.objects.filter(verb="signals.state_changed").count())
            case "change":
                self._tell(_change(*options["signals"], options["seed"]))

    def _all(
        self,
        *,
        signals: list[int],
        high_cardinality: bool,
        database_url: str,
        folder: Path,
        times: int,
        **_: Any,
    ) -> None:
        if database_url and len(signals) > 1:
            raise CommandError("One PostgreSQL database holds one data set: give one number of --signals.")
        known = []
        for size in signals:
            found = run(
                signals=size,
                high_cardinality=high_cardinality,
                database_url=database_url,
                folder=folder.resolve(),
                times=times,
            )
            path = folder / f"{found['database'].split()[0].lower()}-{size}-{found['shape']}.json"
            path.write_text(json.dumps(found, indent=1))
            self.stdout.write(f"{table(found)}\n\n{path}\n")
            known.append(found)
        for small, large in pairwise(known):
            self.stdout.write(growth(small, large))

    def _tell(self, found: Any) -> None:
        self.stdout.write(json.dumps(found))


def _data(signals: int, *, high_cardinality: bool) -> dict[str, Any]:
    """Make the data set unless it is there; and somebody who is logged in."""
    call_command("migrate", verbosity=0)
    if Signal.objects.count() != signals:
        dataset.build(signals, dataset.HIGH_CARDINALITY if high_cardinality else dataset.ORDINARY)
    user, _ = User.objects.get_or_create(email="bench@bench.test", defaults={"name": "Bench", "is_superuser": True})
    if not user.has_usable_password():
        user.set_unusable_password()
    # What an earlier run did can be undone for an hour, and would be told of on every page.
    BulkOperation.objects.filter(is_dismissed=False).update(is_dismissed=True)
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    with connection.cursor() as cursor:
        version = connection.vendor
        if version == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            version = f"SQLite {cursor.fetchone()[0]}"
        else:
            version = f"PostgreSQL {connection.pg_version // 10000}"
    house = system("bench")
    _, api_key = make_api_key(actor=house, name="Bench")
    _, application_key = make_application_key(actor=house, owner=user, name="Bench")
    return {
        "session": session.session_key,
        "keys": {API_KEY: api_key, APPLICATION_KEY: application_key},
        "open": _open(),
        "database": version,
    }


def _open() -> list[str]:
    """The newest signals that are open, by public id: the first click on each is a change."""
    return list(
        Signal.objects.filter(state=TriageState.OPEN).order_by("-first_seen").values_list("public_id", flat=True)[:OPEN]
    )


def _change(signals: int, seed: int) -> dict[str, int]:
    """Give so many signals another state, as a bulk action does; of few signals half, for some have to stay open."""
    chance = random.Random(seed)  # noqa: S311
    to = [TriageState.UNDER_REVIEW, TriageState.OPEN][seed % 2]
    candidates = Signal.objects.exclude(state=TriageState.ARCHIVED).exclude(state=to).values_list("pk", flat=True)
    pks = sorted(chance.sample(list(candidates), min(signals, len(candidates) // 2)))
    changed = 0
    for start in range(0, len(pks), 1000):
        seen = dict.fromkeys(pks[start : start + 1000])
        changed += len(set_state(actor=system("bench"), seen=seen, to=to).changed)
    return {"changed": changed}

"""A handler for the tests of deliveries in real processes, and `ask`, which gives it work.

    celery --app config worker --include tests.core_app.clerk
    python -c 'from tests.core_app import clerk; clerk.ask()'

The handler waits in the middle until the file `go` is in the folder CLERK_FOLDER, so that a test can kill it there.
"""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import transaction

from accounts_app.access import system
from accounts_app.models import Role
from core_app.ledger import on, record
from core_app.models import Entry
from tests.processes import eventually

ASKED, ANSWERED = "core.asked", "core.answered"
FOLDER = Path(os.environ["CLERK_FOLDER"])
CLERK = system("clerk")


@on(ASKED)
def answer(entry: Entry) -> None:
    record(CLERK, ANSWERED, Role.objects.get(pk=entry.target_id), asked=entry.pk)
    with (FOLDER / "begun").open("a") as begun:
        begun.write(f"{entry.pk}\n")
    eventually((FOLDER / "go").exists, seconds=60, what="the leave to go on")


def ask() -> None:
    """Write one entry that owes the handler a delivery."""
    with transaction.atomic():
        record(CLERK, ASKED, Role.objects.first())

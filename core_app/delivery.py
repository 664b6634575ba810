"""Carrying out what is owed: claim, run, mark done; retry with growing pauses; give up in the open."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.utils import timezone

from core_app.ledger import handler_named
from core_app.metrics import gauge
from core_app.models import Delivery

MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=150)  # owed again after this, should its worker die; longer than a task may run
LONGEST_RUN = 60  # seconds; then the next task goes on, so that no handler meets a time limit for others' slowness

log = structlog.get_logger(__name__)


@gauge("deliveries_owed", "Ledger entries that a handler has still to be told of.")
def owed() -> int:
    return Delivery.objects.filter(state=Delivery.State.OWED).count()


def deliver_due(limit: int = 100) -> int:
    """Carry out deliveries that are due, oldest first, until none is left or `limit` is reached. Returns how many."""
    done, started = 0, time.monotonic()
    while done < limit and time.monotonic() - started < LONGEST_RUN and (delivery := _claim()):
        _carry_out(delivery)
        done += 1
    return done


@transaction.atomic
def _claim() -> Delivery | None:
    """Take one due delivery for the length of the lease, so that no other worker runs it meanwhile."""
    now = timezone.now()
    due = Delivery.objects.filter(state=Delivery.State.OWED, due_at__lte=now).order_by("due_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    delivery = due.select_related("entry").first()
    if delivery is not None:
        delivery.attempts += 1
        delivery.due_at = now + LEASE
        delivery.save(update_fields=["attempts", "due_at"])
    return delivery


def _carry_out(delivery: Delivery) -> None:
    handler = handler_named(delivery.handler)
    try:
        if handler is None:
            raise LookupError(f"no handler is called {delivery.handler}")
        if delivery.attempts > MAX_ATTEMPTS:
            raise RuntimeError("the worker died at every attempt")
        # The handler's writes and the mark that it is done commit together: a kill between them is impossible.
        with transaction.atomic():
            handler(delivery.entry)
            delivery.state, delivery.done_at, delivery.error = Delivery.State.DONE, timezone.now(), ""
            delivery.save(update_fields=["state", "done_at", "error"])
    except Exception as problem:  # a handler is any code: whatever it raises is kept and told, never lost
        log.exception("delivery_failed", delivery=delivery.pk, handler=delivery.handler)
        given_up = delivery.attempts >= MAX_ATTEMPTS
        delivery.state = Delivery.State.FAILED if given_up else Delivery.State.OWED
        delivery.done_at = None
        delivery.due_at = timezone.now() + timedelta(seconds=2**delivery.attempts)
        delivery.error = f"{type(problem).__name__}: {problem}"[:2000]
        delivery.save(update_fields=["state", "done_at", "due_at", "error"])

"""This floor's work in the background: bulk operations, and tidying up behind the facet index."""

from __future__ import annotations

from celery import shared_task

from core_app.queue import send
from search_app import changes
from search_app.bulk import run
from search_app.surfaces import surfaces


@shared_task(time_limit=120, soft_time_limit=100)
def forget_old_changes() -> None:
    """From the clock: what every index has long heard of need not be kept."""
    for surface in surfaces():
        changes.forget_old(surface.name)


@shared_task(time_limit=120, soft_time_limit=100)
def run_bulk_operations() -> None:
    """A nudge, and from the clock: work off what was begun, also what a dead worker left in the middle."""
    if run.run_due():
        send(run_bulk_operations)

"""The facet index's work in the background."""

from __future__ import annotations

from celery import shared_task

from search_app import changes
from search_app.surfaces import surfaces


@shared_task(time_limit=120, soft_time_limit=100)
def forget_old_changes() -> None:
    """From the clock: what every index has long heard of need not be kept."""
    for surface in surfaces():
        changes.forget_old(surface.name)

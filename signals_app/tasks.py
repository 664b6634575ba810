"""The intake's work in the background. Both find it in the database: a lost message costs seconds, no detection."""

from __future__ import annotations

from celery import shared_task

from signals_app import intake, processing
from signals_app.correlation.telling import tell_what_was_held_back

A_RUN = 5000  # items; the sweep comes back for the rest


@shared_task(time_limit=300, soft_time_limit=270)
def process_raw_items() -> None:
    """A nudge: something has come in."""
    processing.process_pending(A_RUN)


@shared_task(time_limit=300, soft_time_limit=270)
def sweep_raw_items() -> None:
    """From the clock: what a lost nudge or a dead worker left, what waited in vain, and what was not told yet."""
    processing.process_pending(A_RUN)
    intake.forget_the_waiting()
    tell_what_was_held_back()

"""The intake's work in the background. All find it in the database: a lost message costs seconds, no detection."""

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
    """From the clock: what a lost nudge or a dead worker left, and what waited in vain."""
    processing.process_pending(A_RUN)
    intake.forget_the_waiting()


@shared_task(time_limit=60, soft_time_limit=50)
def tell_held_back() -> None:
    """From the clock, and by itself: under load the sweep may never come to what comes after its items."""
    tell_what_was_held_back()

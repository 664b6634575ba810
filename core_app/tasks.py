"""The ground floor's work in the background."""

from celery import shared_task

from core_app import chain, delivery


@shared_task(time_limit=120, soft_time_limit=100)
def deliver() -> None:
    """A nudge: something is owed now."""
    delivery.deliver_due()


@shared_task(time_limit=120, soft_time_limit=100)
def sweep_deliveries() -> None:
    """From the clock: whatever is owed, also what a lost nudge or a dead worker left behind."""
    delivery.deliver_due(limit=1000)


@shared_task(time_limit=120, soft_time_limit=100)
def seal_ledger() -> None:
    """From the clock: seal the entries committed since the last time."""
    chain.seal()

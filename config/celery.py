"""The Celery application: tasks are found in every app's `tasks.py`, the clock stands here."""

import os
import warnings
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Its warning against root is about pickled messages; ours are JSON, and nothing else is accepted.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("tocsin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def log_like_django(**kwargs: Any) -> None:
    """Keep Celery from bringing its own handlers: every process writes the same structured lines."""
    dictConfig(settings.LOGGING)


# The sweeps make sure of what a lost message would have started: every one of them finds its
# work in the database, so that a Redis that forgets costs seconds and no detection.
app.conf.beat_schedule = {
    "deliver what is owed": {"task": "core_app.tasks.sweep_deliveries", "schedule": 5.0},
    "seal the ledger": {"task": "core_app.tasks.seal_ledger", "schedule": 5.0},
    "process raw items": {"task": "signals_app.tasks.sweep_raw_items", "schedule": 5.0},
    "tell what was held back": {"task": "signals_app.tasks.tell_held_back", "schedule": 5.0},
    "run bulk operations": {"task": "search_app.tasks.run_bulk_operations", "schedule": 5.0},
    "forget old changes": {"task": "search_app.tasks.forget_old_changes", "schedule": 3600.0},
}

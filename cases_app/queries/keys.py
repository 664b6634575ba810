"""Cases by their keys: the one that each has, and those that it had."""

from __future__ import annotations

from django.db.models import QuerySet

from cases_app.models import Case
from core_app.ledger import target_type
from core_app.models import Entry


def with_key(cases: QuerySet[Case], key: str) -> Case | None:
    """The one of these cases that has this key, or had it before it went into another project.

    Mails, notes and chats keep the key of their day. A project gives no number twice, and the ledger knows who had it.
    """
    project, _, number = key.rpartition("-")
    if found := cases.filter(project__key=project, number=number).first():
        return found
    moved = Entry.objects.filter(verb="cases.moved", target_type=target_type(Case), data__key__0=key)
    left = moved.order_by("-pk").values_list("target_id", flat=True).first()
    return cases.filter(pk=left).first() if left else None

"""By which headings postmortems are drafted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.models import IncidentType, PostmortemTemplate
from incidents_app.models.managers import SETTINGS

FIELDS = frozenset({"name", "content", "default_since"})


@transaction.atomic
def create_postmortem_template(
    *, actor: Actor, type: IncidentType, name: str, content: str, default_since: datetime | None = None
) -> PostmortemTemplate:
    """Keep the headings of a postmortem. Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    kind = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = _cleaned({"name": name, "content": content, "default_since": default_since})
    row = PostmortemTemplate.objects.create(type=kind, created_by=actor.user, modified_by=actor.user, **given)
    record(actor, "incidents.postmortem_template_created", row, name=row.name)
    return row


@transaction.atomic
def edit_postmortem_template(
    *, actor: Actor, template: PostmortemTemplate, seen_version: int | None = None, **fields: Any
) -> PostmortemTemplate:
    """Change what is given (of FIELDS). Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, SETTINGS)
    for name in fields.keys() - FIELDS:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)
    row = locked(PostmortemTemplate.objects.visible_to(actor).select_related("type"), template.pk)
    check_version(row, seen_version)
    if changes := change(row, **_cleaned(fields)):
        row.version += 1
        row.modified_by = actor.user
        row.save()
        told = {name: [checking.plain(one) for one in pair] for name, pair in changes.items()}
        record(actor, "incidents.postmortem_template_edited", row, **told)
    return row


@transaction.atomic
def delete_postmortem_template(*, actor: Actor, template: PostmortemTemplate, seen_version: int | None = None) -> None:
    """Draft by it no more. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = locked(PostmortemTemplate.objects.visible_to(actor), template.pk)
    check_version(row, seen_version)
    record(actor, "incidents.postmortem_template_deleted", row, name=row.name)
    row.delete()


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    if "name" in kept:
        kept["name"] = checking.text(kept["name"], "name", 120, required=True)
    if "content" in kept:
        kept["content"] = checking.text(kept["content"], "content", checking.MAX_TEXT, required=True)
    if "default_since" in kept:
        kept["default_since"] = checking.moment(kept["default_since"], "default_since")
    return kept

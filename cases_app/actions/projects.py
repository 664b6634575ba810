"""Projects and the types of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, check
from accounts_app.rules import locked as locked_row
from cases_app import limits
from cases_app.actions.changing import known, locked
from cases_app.models import Case, CaseType, Project
from cases_app.models.managers import SETTINGS
from core_app.errors import Conflict, Invalid
from core_app.ledger import record, record_each
from core_app.outcome import Outcome

PROJECT_FIELDS = frozenset({"name", "description", "triages_signals"})
TYPE_FIELDS = frozenset({"name", "description", "emoji"})
MAX_NAME = 120
MAX_EMOJI = 16  # characters, of which one that people see may have many


@transaction.atomic
def create_project(
    *, actor: Actor, key: str, name: str, description: str = "", triages_signals: bool = True
) -> Project:
    """Make a place for cases; its key can never be changed. Raises NotAllowed, or Invalid naming the field."""
    require(actor, SETTINGS)
    values = _cleaned({"name": name, "description": description, "triages_signals": triages_signals})
    project = Project(key=limits.line(key, "key", 10), **values)
    check(project)
    project.save()
    record(actor, "cases.project_created", project, key=project.key, name=project.name)
    return project


@transaction.atomic
def edit_projects(*, actor: Actor, seen: Mapping[int, int | None], **fields: Any) -> Outcome[Project]:
    """Give projects new values (of `PROJECT_FIELDS`); `seen` maps each one's pk to the version looked at.

    Raises NotAllowed or Invalid; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, SETTINGS)
    known(fields, PROJECT_FIELDS)
    values = _cleaned(fields)
    outcome: Outcome[Project] = Outcome()
    changes = []
    for project in locked(Project.objects.visible_to(actor), seen, outcome):
        if not (changed := change(project, **values)):
            outcome.unchanged.append(project)
            continue
        check(project)
        project.version += 1
        project.save()
        outcome.changed.append(project)
        changes.append((project, changed))
    record_each(actor, "cases.project_edited", changes)
    return outcome


@transaction.atomic
def delete_project(*, actor: Actor, project: Project) -> None:
    """Take away a project that never had a case. Raises NotAllowed, NotFound, or Conflict if it has cases."""
    require(actor, SETTINGS)
    row = locked_row(Project.objects.visible_to(actor), project.pk)
    _refuse_if_used(Case.objects.filter(project=row), "This project has cases: it cannot be deleted.")
    record(actor, "cases.project_deleted", row, key=row.key, name=row.name)
    row.delete()


@transaction.atomic
def create_case_type(*, actor: Actor, name: str, description: str = "", emoji: str = "") -> CaseType:
    """Make a kind of case. Raises NotAllowed, or Invalid naming the field."""
    require(actor, SETTINGS)
    kind = CaseType(**_cleaned({"name": name, "description": description, "emoji": emoji}))
    check(kind)
    kind.save()
    record(actor, "cases.type_created", kind, name=kind.name)
    return kind


@transaction.atomic
def edit_case_type(*, actor: Actor, type: CaseType, **fields: Any) -> CaseType:
    """Give a type new values (of `TYPE_FIELDS`). Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    known(fields, TYPE_FIELDS)
    row = locked_row(CaseType.objects.visible_to(actor), type.pk)
    if changed := change(row, **_cleaned(fields)):
        check(row)
        row.save()
        record(actor, "cases.type_edited", row, **changed)
    return row


@transaction.atomic
def delete_case_type(*, actor: Actor, type: CaseType) -> None:
    """Take away a type that no case has. Raises NotAllowed, NotFound, or Conflict for the default one or one in use."""
    require(actor, SETTINGS)
    row = locked_row(CaseType.objects.visible_to(actor), type.pk)
    if row.is_default:
        raise Conflict("This is the type of cases that are given none: it cannot be deleted.")
    _refuse_if_used(Case.objects.filter(type=row), "There are cases of this type: it cannot be deleted.")
    record(actor, "cases.type_deleted", row, name=row.name)
    row.delete()


def _refuse_if_used(cases: models.QuerySet[Case], why: str) -> None:
    if cases.exists():
        raise Conflict(why)


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(values)
    if "name" in cleaned:
        cleaned["name"] = limits.line(cleaned["name"], "name", MAX_NAME)
    if "description" in cleaned:
        cleaned["description"] = limits.body(cleaned["description"], "description")
    if "emoji" in cleaned:
        cleaned["emoji"] = limits.line(cleaned["emoji"], "emoji", MAX_EMOJI)
    if not isinstance(cleaned.get("triages_signals", True), bool):
        raise Invalid("It has to be true or false.", field="triages_signals")
    return cleaned

"""Who is told of what happens to the cases of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change
from accounts_app.rules import locked as locked_row
from cases_app import limits
from cases_app.actions.changing import known
from cases_app.fields import CASES
from cases_app.models import Project, ProjectRule
from cases_app.models.managers import SETTINGS
from core_app.errors import Invalid, check_version
from core_app.ledger import record

FIELDS = frozenset({"is_enabled", "query", "recipients", "triggers"})
MOST_RULES = 100  # of one project
MOST = 50  # recipients or triggers of a rule
MAX_QUERY = 4000
EMAIL = "EMAIL"
KEPT = ("field", "from_status", "from_status_name", "to_status", "to_status_name")


@transaction.atomic
def create_project_rule(
    *,
    actor: Actor,
    project: Project,
    recipients: Iterable[Mapping[str, Any]],
    triggers: Iterable[Mapping[str, Any]],
    query: str = "",
    is_enabled: bool = True,
) -> ProjectRule:
    """Tell these of what happens to cases here. Raises NotAllowed, NotFound, Invalid, or QueryError for the query."""
    require(actor, SETTINGS)
    row = locked_row(Project.objects.visible_to(actor), project.pk)
    if row.rules.count() >= MOST_RULES:
        raise Invalid(f"A project may have at most {MOST_RULES} rules.")
    values = _cleaned({"recipients": recipients, "triggers": triggers, "query": query, "is_enabled": is_enabled})
    made = ProjectRule.objects.create(project=row, **values)
    record(actor, "cases.rule_created", made, project=row.key, told=made.told, when=made.when)
    return made


@transaction.atomic
def edit_project_rule(
    *, actor: Actor, rule: ProjectRule, seen_version: int | None = None, **fields: Any
) -> ProjectRule:
    """Give it new values (of `FIELDS`). Raises NotAllowed, NotFound, StaleVersion, Invalid or QueryError."""
    require(actor, SETTINGS)
    known(fields, FIELDS)
    row = locked_row(ProjectRule.objects.visible_to(actor), rule.pk)
    check_version(row, seen_version)
    if changed := change(row, **_cleaned(fields)):
        row.version += 1
        row.save()
        record(actor, "cases.rule_edited", row, **changed)
    return row


@transaction.atomic
def delete_project_rule(*, actor: Actor, rule: ProjectRule) -> None:
    """Tell nobody by this rule any more. Raises NotAllowed or NotFound."""
    require(actor, SETTINGS)
    row = locked_row(ProjectRule.objects.visible_to(actor).select_related("project"), rule.pk)
    record(actor, "cases.rule_deleted", row, project=row.project.key, told=row.told, when=row.when)
    row.delete()


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "query" in values:
        values["query"] = limits.body(values["query"], "query", MAX_QUERY)
        CASES.parse(values["query"])
    for name, read in (("recipients", _recipient), ("triggers", _trigger)):
        if name in values:
            found = [read(one) for one in values[name]]
            if not 0 < len(found) <= MOST:
                raise Invalid(f"A rule has 1 to {MOST} {name}.", field=name)
            values[name] = found
    return values


def _recipient(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("type") != EMAIL:
        raise Invalid("People here are told by EMAIL; there is nothing else to tell by.", field="recipients")
    email = limits.line((given.get("data") or {}).get("email") or "", "recipients", 254)
    return {"type": EMAIL, "data": {"email": email} if email else {}}


def _trigger(given: Mapping[str, Any]) -> dict[str, Any]:
    kind = given.get("type")
    if kind not in ProjectRule.Trigger.values:
        raise Invalid(f"“{kind}” is none of {', '.join(ProjectRule.Trigger.values)}.", field="triggers")
    data = given.get("data") or {}
    return {"type": kind, "data": {key: limits.line(data[key], "triggers", 200) for key in KEPT if data.get(key)}}

"""Which rules of a project meet what happened to a case, and whom they name."""

from __future__ import annotations

from accounts_app.access import system
from accounts_app.models import User
from cases_app.fields import CASES
from cases_app.models import Case, ProjectRule, Status
from core_app.models import Entry
from search_app.kinds import Asker
from search_app.language import QueryError
from search_app.to_q import compile_for

CREATED, STATUS_CHANGED = "cases.created", "cases.status_changed"
VALUES = {
    "cases.priority_set": "priority",
    "cases.assigned": "assignee",
    "cases.unassigned": "assignee",
    "cases.edited": "",
}
TOLD_BY_RULES = (CREATED, STATUS_CHANGED, *VALUES)


def addresses_for(entry: Entry, case: Case) -> list[str]:
    """The e-mail addresses that rules name which are on and meet this entry about this case."""
    rules = [
        rule
        for rule in ProjectRule.objects.filter(project=case.project_id, is_enabled=True)
        if any(_is_triggered(one["type"], one["data"], entry) for one in rule.triggers) and _meets(rule.query, case)
    ]
    return [one["data"]["email"] for rule in rules for one in rule.recipients if one["data"].get("email")]


def people_at(addresses: list[str]) -> list[User]:
    """The people here with these addresses."""
    names = {address.removeprefix("@").casefold() for address in addresses}
    return list(User.objects.filter(email__in=names, is_active=True).order_by("pk"))


def _is_triggered(kind: str, data: dict[str, str], entry: Entry) -> bool:
    if kind == ProjectRule.Trigger.CREATED:
        return entry.verb == CREATED
    if kind == ProjectRule.Trigger.STATUS:
        if entry.verb != STATUS_CHANGED:
            return False
        before, after = entry.data["status"]
        return _is(before, data, "from_status") and _is(after, data, "to_status")
    if entry.verb not in VALUES:
        return False
    field = data.get("field", "").casefold()
    return not field or field in _changed(entry)


def _is(status: str, data: dict[str, str], name: str) -> bool:
    """Whether this is the status that the trigger asks for, by its value or its name, if it asks."""
    wanted = data.get(name) or data.get(f"{name}_name")
    label = Status(status).label if status in Status.values else status
    return not wanted or wanted.casefold() in (status.casefold(), label.casefold())


def _changed(entry: Entry) -> set[str]:
    """The names of what changed: an attribute by its own."""
    names = {VALUES[entry.verb], *(name.casefold() for name in entry.data)}
    for container in ("attributes", "custom_attributes"):
        before, after = entry.data.get(container, ({}, {}))
        names |= {name.casefold() for name in {*before, *after} if before.get(name) != after.get(name)}
    return names


def _meets(query: str, case: Case) -> bool:
    if not query.strip():
        return True
    actor = system("notification rules")
    try:
        tree = CASES.meant(CASES.parse(query))
        met = compile_for(tree, CASES.table, Asker.of(actor))
    except QueryError:  # it asks for what there is no more
        return False
    return CASES.rows(actor).filter(met, pk=case.pk).exists()

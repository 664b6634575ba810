"""Making a case, and what it says: title, description, type, due date, attributes and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import held
from accounts_app.rules import locked as locked_row
from cases_app import custom, limits
from cases_app.actions.changing import check_assignee, known, locked_cases, name, plain
from cases_app.actions.links import join
from cases_app.models import Case, CaseTag, CaseType, Priority, Project, Status
from cases_app.models.managers import WRITE
from core_app.errors import Conflict, Invalid
from core_app.ledger import record, record_each
from core_app.outcome import Outcome
from signals_app import actions as signal_actions
from signals_app.models import Signal, TriageState

FIELDS = frozenset({"title", "description", "type", "due_date", "attributes", "tags", "custom_attributes"})
NO_SIGNALS: Mapping[int, int | None] = {}
NO_ATTRIBUTES: Mapping[str, Any] = {}


@transaction.atomic
def create_case(
    *,
    actor: Actor,
    project: Project,
    title: str,
    description: str = "",
    type: CaseType | None = None,
    status: str = Status.OPEN,
    priority: str = Priority.NOT_DEFINED,
    assignee: User | None = None,
    due_date: date | None = None,
    attributes: Mapping[str, list[str]] = NO_ATTRIBUTES,
    custom_attributes: Mapping[str, Any] = NO_ATTRIBUTES,
    tags: Iterable[str] = (),
    signals: Mapping[int, int | None] = NO_SIGNALS,
    token: UUID | None = None,
) -> Case:
    """Make a case, perhaps about some signals, which map their pk to the version seen (None makes no claim).

    Where the project says so, those of the signals that are open go under review, and those that nobody looks after
    to whoever makes the case; the entries of all that share one `operation`. The same token from the same person is
    the same case, however often it is sent.
    Raises NotAllowed, NotFound or Invalid, and for a signal that cannot be linked what refuses it: then there is
    no case either.
    """
    require(actor, WRITE)
    if signals:
        require(actor, signal_actions.WRITE)
    row = locked_row(Project.objects.visible_to(actor), project.pk)
    if token and (made := _made_with(actor, token)):
        return made
    check_assignee(assignee)
    values = _cleaned(
        {
            "title": title,
            "description": description,
            "type": held(type, "type") if type else CaseType.objects.get(is_default=True),
            "due_date": due_date,
            "attributes": attributes,
            "tags": tags,
        }
    )
    texts = values.pop("tags")
    row.last_number += 1
    row.save(update_fields=["last_number"])
    case = Case(
        project=row,
        number=row.last_number,
        status=chosen(Status, status, "status"),
        priority=chosen(Priority, priority, "priority"),
        assignee=assignee,
        created_by=actor.user,
        token=token or uuid4(),
        **values,
    )
    case.custom_attributes = custom.merged(case.type.custom_attributes.all(), {}, custom_attributes)
    case.closed_at = timezone.now() if case.status == Status.CLOSED else None
    case.search_text = _search_text(case)
    case.save()
    _tag(case, texts)
    operation = uuid4()
    told = {"title": case.title, "project": row.key, "assignee": name(assignee), "signals": len(signals)}
    record(actor, "cases.created", case, operation=operation, **told)
    if signals:
        joined = join(actor, case, signals, operation=operation)
        for problem in joined.refused.values():
            raise problem
        if row.triages_signals:
            _triage(actor, [*joined.changed], operation)
    return case


@transaction.atomic
def edit_cases(
    *, actor: Actor, seen: Mapping[int, int | None], operation: UUID | None = None, **fields: Any
) -> Outcome[Case]:
    """Give cases new values (of `FIELDS`); `seen` maps each one's pk to the version looked at.

    `custom_attributes` are put in by key, and None takes one away.
    Raises NotAllowed or Invalid; refuses single rows with StaleVersion, NotFound, or Invalid for what its type has not.
    """
    require(actor, WRITE)
    known(fields, FIELDS)
    values = _cleaned(fields)
    if "type" in values:
        values["type"] = held(values["type"], "type")
    tags = values.pop("tags", None)
    besides = values.pop("custom_attributes", None)
    outcome: Outcome[Case] = Outcome()
    changes = []
    for case in locked_cases(actor, seen, outcome):
        new = dict(values)
        if besides is not None:
            kinds = values.get("type", case.type).custom_attributes.all()
            try:
                new["custom_attributes"] = custom.merged(kinds, case.custom_attributes, besides)
            except Invalid as problem:
                outcome.refused[case.pk] = problem
                continue
        changed = {
            field: [plain(getattr(case, field)), plain(value)]
            for field, value in new.items()
            if getattr(case, field) != value
        }
        if tags is not None and (before := sorted(tag.text for tag in case.tags.all())) != sorted(tags):
            changed["tags"] = [before, sorted(tags)]
            case.tags.all().delete()
            _tag(case, tags)
        if not changed:
            outcome.unchanged.append(case)
            continue
        for field, value in new.items():
            setattr(case, field, value)
        case.search_text = _search_text(case)
        case.version += 1
        case.save()
        outcome.changed.append(case)
        changes.append((case, changed))
    record_each(actor, "cases.edited", changes, operation=operation)
    return outcome


@transaction.atomic
def move(*, actor: Actor, seen: Mapping[int, int | None], to: Project, operation: UUID | None = None) -> Outcome[Case]:
    """Put cases into another project, which gives each its next number: their keys change.

    Raises NotAllowed, or NotFound for the project; refuses single rows with StaleVersion or NotFound.
    """
    require(actor, WRITE)
    project = locked_row(Project.objects.visible_to(actor), to.pk)
    outcome: Outcome[Case] = Outcome()
    changes = []
    for case in locked_cases(actor, seen, outcome):
        if case.project == project:
            outcome.unchanged.append(case)
            continue
        before = case.key
        project.last_number += 1
        case.project, case.number = project, project.last_number
        case.search_text = _search_text(case)
        case.version += 1
        case.save()
        outcome.changed.append(case)
        changes.append((case, {"key": [before, case.key]}))
    project.save(update_fields=["last_number"])
    record_each(actor, "cases.moved", changes, operation=operation)
    return outcome


def chosen(choices: Any, value: Any, field: str) -> str:
    """One of the choices. Raises Invalid."""
    if value not in choices.values:
        raise Invalid(f"“{value}” is none of {', '.join(choices.values)}.", field=field)
    return str(choices(value).value)


def _made_with(actor: Actor, token: UUID) -> Case | None:
    """The case that this person has made with this token. Raises Conflict for the token of somebody else."""
    made = Case.objects.filter(token=token).select_related("project").first()
    if made is not None and (actor.user is None or made.created_by_id != actor.user.pk):
        raise Conflict("This form was sent by somebody else. Open a new one.")
    return made


def _triage(actor: Actor, signals: list[Signal], operation: UUID) -> None:
    """Put under review what is open, and give what nobody looks after to the actor."""
    opened = {signal.pk: None for signal in signals if signal.state == TriageState.OPEN}
    if opened:
        signal_actions.set_state(actor=actor, seen=opened, to=TriageState.UNDER_REVIEW, operation=operation)
    keys = [signal.pk for signal in signals]
    nobodys = Signal.objects.filter(pk__in=keys, assignments=None).values_list("pk", flat=True)
    if actor.user and (waiting := dict.fromkeys(nobodys)):
        signal_actions.assign(actor=actor, seen=waiting, users=[actor.user], operation=operation)


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "title" in values:
        values["title"] = limits.title(values["title"])
    if "description" in values:
        values["description"] = limits.body(values["description"], "description")
    if "attributes" in values:
        values["attributes"] = limits.attributes(values["attributes"])
    if "tags" in values:
        values["tags"] = limits.tags(values["tags"])
    due = values.get("due_date")
    if not isinstance(due, date | None) or isinstance(due, datetime):
        raise Invalid("A due date is a day, such as 2026-01-31.", field="due_date")
    if "type" in values and not isinstance(values["type"], CaseType):
        raise Invalid("A case needs a type.", field="type")
    return values


def _search_text(case: Case) -> str:
    return f"{case.key} {case.title}".casefold()


def _tag(case: Case, texts: Iterable[str]) -> None:
    CaseTag.objects.bulk_create(CaseTag(case=case, text=text) for text in texts)

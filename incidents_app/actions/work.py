"""What is to be done about an incident, what customers felt, and the links that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import change, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.actions.incidents import edit_incidents
from incidents_app.actions.values import declared_for_impacts, properties
from incidents_app.models import Attachment, Impact, Incident, Todo
from incidents_app.models.managers import WRITE

Part = TypeVar("Part", Todo, Impact, Attachment)

TODO_FIELDS = frozenset({"content", "assignees", "elsewhere", "due_at", "completed_at"})
IMPACT_FIELDS = frozenset({"description", "start_at", "end_at", "fields"})
ATTACHMENT_FIELDS = frozenset({"kind", "title", "url", "content"})
MAX_DOCUMENT = 100_000  # characters: a draft has the whole story in it

is_url = URLValidator(schemes=["http", "https"])  # a link to anything else could run in the page


@transaction.atomic
def add_todo(
    *,
    actor: Actor,
    incident: Incident,
    content: str,
    assignees: Iterable[User] = (),
    elsewhere: Iterable[str | Mapping[str, str]] = (),
    due_at: datetime | None = None,
    completed_at: datetime | None = None,
) -> Todo:
    """Write down something to be done, by whom and until when. Raises NotAllowed, NotFound or Invalid.

    `elsewhere` are those who do it and are nobody here.
    """
    require(actor, WRITE)
    row = _incident(actor, incident)
    people = checking.people(assignees, "assignees")
    given = {"content": content, "elsewhere": elsewhere, "due_at": due_at, "completed_at": completed_at}
    todo = Todo.objects.create(incident=row, created_by=actor.user, **_todo(given))
    todo.assignees.set(people)
    facts = {"todo": str(todo.uuid), "content": todo.content, "assignees": checking.named(people)}
    record(actor, "incidents.todo_added", row, **facts, done=todo.completed_at is not None)
    return todo


@transaction.atomic
def edit_todo(*, actor: Actor, todo: Todo, seen_version: int | None = None, **fields: Any) -> Todo:
    """Change what is given (of TODO_FIELDS). With `completed_at` it is done, with None there it is to be done again.

    Raises NotAllowed, NotFound, StaleVersion or Invalid.
    """
    require(actor, WRITE)
    _known(fields, TODO_FIELDS)
    row = _part(Todo, actor, todo, seen_version)
    before = list(row.assignees.all())
    people = before
    if "assignees" in fields:
        people = checking.people(fields["assignees"], "assignees", already=before)
    changes = change(row, **_todo({name: value for name, value in fields.items() if name != "assignees"}))
    if set(people) != set(before):
        row.assignees.set(people)
        changes["assignees"] = [checking.named(before), checking.named(people)]
    completed = changes.get("completed_at")
    verb = "incidents.todo_edited"
    if completed and None in completed:
        verb = "incidents.todo_done" if completed[1] else "incidents.todo_reopened"
    return _save(actor, row, verb, changes, todo=str(row.uuid), content=row.content)


@transaction.atomic
def delete_todo(*, actor: Actor, todo: Todo, seen_version: int | None = None) -> None:
    """Take a to-do away. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, WRITE)
    row = _part(Todo, actor, todo, seen_version)
    record(actor, "incidents.todo_deleted", row.incident, todo=str(row.uuid), content=row.content)
    row.delete()


@transaction.atomic
def add_impact(
    *,
    actor: Actor,
    incident: Incident,
    description: str,
    start_at: datetime,
    end_at: datetime | None = None,
    fields: Mapping[str, Any] | None = None,
) -> Impact:
    """Write down what customers felt, from when until when (None: still): the incident is one that affects them.

    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, WRITE)
    row = _incident(actor, incident)
    given = {"description": description, "start_at": start_at, "end_at": end_at, "fields": fields or {}}
    impact = Impact(incident=row, created_by=actor.user, **_impact(given, {}, row))
    _runs_forward(impact)
    impact.save()
    record(actor, "incidents.impact_added", row, **_told(impact))
    if not row.customer_impacted:
        edit_incidents(actor=actor, seen={row.pk: None}, customer_impacted=True).one_or_raise()
    return impact


@transaction.atomic
def edit_impact(*, actor: Actor, impact: Impact, seen_version: int | None = None, **fields: Any) -> Impact:
    """Change what is given (of IMPACT_FIELDS). Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    _known(fields, IMPACT_FIELDS)
    row = _part(Impact, actor, impact, seen_version)
    changes = change(row, **_impact(fields, row.fields, row.incident))
    _runs_forward(row)
    return _save(actor, row, "incidents.impact_edited", changes, impact=str(row.uuid), of=row.description[:200])


@transaction.atomic
def delete_impact(*, actor: Actor, impact: Impact, seen_version: int | None = None) -> None:
    """Take an impact away. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, WRITE)
    row = _part(Impact, actor, impact, seen_version)
    record(actor, "incidents.impact_deleted", row.incident, **_told(row))
    row.delete()


@transaction.atomic
def add_attachment(*, actor: Actor, incident: Incident, kind: str = "link", title: str, url: str) -> Attachment:
    """Put a link into the incident: a document, a dashboard, its postmortem. Raises NotAllowed, NotFound or Invalid."""
    require(actor, WRITE)
    row = _incident(actor, incident)
    given = _attachment({"kind": kind, "title": title, "url": url})
    attachment = Attachment.objects.create(incident=row, created_by=actor.user, **given)
    record(actor, "incidents.attachment_added", row, attachment=str(attachment.uuid), **given)
    return attachment


@transaction.atomic
def edit_attachment(
    *, actor: Actor, attachment: Attachment, seen_version: int | None = None, **fields: Any
) -> Attachment:
    """Change what is given (of ATTACHMENT_FIELDS). Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, WRITE)
    _known(fields, ATTACHMENT_FIELDS)
    row = _part(Attachment, actor, attachment, seen_version)
    changes = change(row, **(_document(row, fields) if row.is_here else _attachment(fields)))
    if "content" in changes:  # a document is read where it is; the ledger keeps that it was changed
        changes["content"] = [f"{len(words):,} characters" for words in changes["content"]]
    return _save(actor, row, "incidents.attachment_edited", changes, attachment=str(row.uuid), of=row.title)


@transaction.atomic
def delete_attachment(*, actor: Actor, attachment: Attachment, seen_version: int | None = None) -> None:
    """Take a link away. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, WRITE)
    row = _part(Attachment, actor, attachment, seen_version)
    record(actor, "incidents.attachment_deleted", row.incident, title=row.title, url=row.url)
    row.delete()


def _incident(actor: Actor, incident: Incident) -> Incident:
    return locked(Incident.objects.visible_to(actor), incident.pk)


def _part(model: type[Part], actor: Actor, part: Part, seen_version: int | None) -> Part:
    row = locked(model.objects.visible_to(actor).select_related("incident"), part.pk)
    check_version(row, seen_version)
    return row


def _save(actor: Actor, row: Part, verb: str, changes: Mapping[str, list[Any]], **which: str) -> Part:
    """Keep a row that changed, with its next version, and record what is new."""
    if changes:
        row.version += 1
        row.save()
        told = {name: [checking.plain(one) for one in pair] for name, pair in changes.items()}
        record(actor, verb, row.incident, **{**which, **told}, version_of_part=row.version)
    return row


def _known(fields: Mapping[str, Any], names: frozenset[str]) -> None:
    for name in fields.keys() - names:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)


def _todo(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a to-do as they are kept. Raises Invalid."""
    kept: dict[str, Any] = {}
    if "content" in given:
        kept["content"] = checking.text(given["content"], "content", checking.MAX_SHORT, required=True)
    if "elsewhere" in given:
        kept["elsewhere"] = checking.outsiders(given["elsewhere"], "elsewhere")
    moments = given.keys() & {"due_at", "completed_at"}
    return kept | {name: checking.moment(given[name], name) for name in moments}


def _impact(given: Mapping[str, Any], before: Mapping[str, Any], incident: Incident) -> dict[str, Any]:
    """The columns of an impact as they are kept. Raises Invalid."""
    kept: dict[str, Any] = {}
    if "description" in given:
        kept["description"] = checking.text(given["description"], "description", checking.MAX_SHORT, required=True)
    if "start_at" in given:
        kept["start_at"] = checking.past(given["start_at"], "start_at")
    if "end_at" in given:
        kept["end_at"] = checking.moment(given["end_at"], "end_at")
    if "fields" in given:
        kept["fields"] = properties(given["fields"], before, declared_for_impacts(incident.type))
    return kept


def _runs_forward(impact: Impact) -> None:
    if impact.end_at is not None and impact.end_at < impact.start_at:
        raise Invalid("The end must be after the beginning.", field="end_at")


def _attachment(given: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a link as they are kept. Raises Invalid."""
    kept = {}
    if given.get("content"):
        raise Invalid("A link has no “content”: what it says is where it leads.", field="content")
    if "kind" in given:
        kept["kind"] = checking.choice(given["kind"], Attachment.Kind, "kind")
    if "title" in given:
        kept["title"] = checking.text(given["title"], "title", checking.MAX_TITLE, required=True)
    if "url" in given:
        kept["url"] = checking.text(given["url"], "url", checking.MAX_URL, required=True)
        try:
            is_url(kept["url"])
        except ValidationError as problem:
            raise Invalid("A link begins with https:// or http:// and names a host.", field="url") from problem
    return kept


def _document(row: Attachment, given: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a postmortem that is kept here: its kind and its address stay. Raises Invalid."""
    for name in ("kind", "url"):
        if name in given and given[name] != getattr(row, name):
            raise Invalid(f"The document is kept here: its “{name}” stays.", field=name)
    kept = _attachment({name: given[name] for name in ("title",) if name in given})
    if "content" in given:
        kept["content"] = checking.text(given["content"], "content", MAX_DOCUMENT, required=True)
    return kept


def _told(impact: Impact) -> dict[str, Any]:
    return {
        "impact": str(impact.uuid),
        "description": impact.description,
        "start_at": checking.plain(impact.start_at),
        "end_at": checking.plain(impact.end_at),
    }

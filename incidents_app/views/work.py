"""Notes, to-dos, impacts and links of an incident: written, changed and taken away in dialogs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts_app.access import require
from core_app.errors import DomainError
from incidents_app import actions
from incidents_app.actions import WRITE
from incidents_app.forms import DeleteForm, SeenForm
from incidents_app.models import Attachment, Impact, Incident, Integration, Note, Todo
from incidents_app.views.parts import ask, done, refused, visible_incident
from incidents_app.work_forms import DocumentForm, ImpactForm, LinkForm, NoteForm, TodoForm, shown_in

WRITTEN = ["GET", "POST"]


@require_http_methods(WRITTEN)
def note_add(request: HttpRequest, public_id: int) -> HttpResponse:
    """Write a note onto the timeline."""
    incident = writable(request, public_id)
    form = NoteForm(request.POST or None)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.add_note(actor=request.actor, incident=incident, **given),
        tab="timeline",
        title="Write a note",
        button="Add note",
    )


@require_http_methods(WRITTEN)
def note_edit(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Put a note of one's own right."""
    incident = writable(request, public_id)
    note = get_object_or_404(Note.objects.visible_to(request.actor), incident=incident, uuid=uuid)
    form = NoteForm(request.POST or None, initial=shown_in(note, ("body", "at")))
    return answer(
        request,
        incident,
        form,
        lambda given: actions.edit_note(actor=request.actor, note=note, seen_version=_seen(form), **_new(form, given)),
        row=note,
        tab="timeline",
        title="Edit the note",
        button="Save",
    )


@require_http_methods(WRITTEN)
def note_delete(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Take a note back."""
    incident = writable(request, public_id)
    note = get_object_or_404(Note.objects.visible_to(request.actor), incident=incident, uuid=uuid)
    form = DeleteForm(request.POST or None)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.delete_note(actor=request.actor, note=note, seen_version=_seen(form)),
        row=note,
        tab="timeline",
        title="Take the note back?",
        note="Its text, and what it said before, go for good. Its place on the timeline stays.",
        button="Delete",
        danger=True,
    )


@require_http_methods(WRITTEN)
def todo_add(request: HttpRequest, public_id: int) -> HttpResponse:
    """Write down what is to be done."""
    incident = writable(request, public_id)
    form = TodoForm(request.POST or None, actor=request.actor)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.add_todo(actor=request.actor, incident=incident, **given),
        tab="remediation",
        title="Add a to-do",
        button="Add to-do",
    )


@require_http_methods(WRITTEN)
def todo_edit(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Say it otherwise: what, who, until when."""
    incident = writable(request, public_id)
    todo = _todo(request, incident, uuid)
    prefetch_related_objects([todo], "assignees")
    there = list(todo.assignees.all())
    initial = shown_in(todo, ("content", "assignees", "due_at"))
    form = TodoForm(request.POST or None, actor=request.actor, there=there, initial=initial)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.edit_todo(actor=request.actor, todo=todo, seen_version=_seen(form), **_new(form, given)),
        row=todo,
        tab="remediation",
        title="Edit the to-do",
        button="Save",
    )


@require_POST
def todo_done(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Tick it, or untick it: the other of what it is."""
    incident = writable(request, public_id)
    todo = _todo(request, incident, uuid)
    form = SeenForm(request.POST)
    completed_at = None if todo.completed_at else timezone.now()
    return answer(
        request,
        incident,
        form,
        lambda given: actions.edit_todo(
            actor=request.actor, todo=todo, seen_version=_seen(form), completed_at=completed_at
        ),
        row=todo,
        tab="remediation",
        title=todo.content,
        button="To be done again" if todo.completed_at else "Done",
    )


@require_http_methods(WRITTEN)
def todo_delete(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Take it away."""
    incident = writable(request, public_id)
    todo = _todo(request, incident, uuid)
    return _delete(request, incident, todo, actions.delete_todo, "todo", todo.content, tab="remediation")


@require_http_methods(WRITTEN)
def impact_add(request: HttpRequest, public_id: int) -> HttpResponse:
    """Write down what customers felt."""
    incident = writable(request, public_id)
    form = ImpactForm(request.POST or None, incident=incident, initial={"start_at": incident.detected_at})
    return answer(
        request,
        incident,
        form,
        lambda given: actions.add_impact(actor=request.actor, incident=incident, **given),
        title="Add an impact",
        button="Add impact",
    )


@require_http_methods(WRITTEN)
def impact_edit(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Say it otherwise: what, from when, until when."""
    incident = writable(request, public_id)
    impact = _impact(request, incident, uuid)
    initial = shown_in(impact, ("description", "start_at", "end_at"))
    form = ImpactForm(request.POST or None, incident=incident, impact=impact, initial=initial)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.edit_impact(
            actor=request.actor, impact=impact, seen_version=_seen(form), **_new(form, given)
        ),
        row=impact,
        title="Edit the impact",
        button="Save",
    )


@require_http_methods(WRITTEN)
def impact_delete(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Take it away."""
    incident = writable(request, public_id)
    impact = _impact(request, incident, uuid)
    return _delete(request, incident, impact, actions.delete_impact, "impact", impact.description)


@require_http_methods(WRITTEN)
def link_add(request: HttpRequest, public_id: int) -> HttpResponse:
    """Attach a link."""
    incident = writable(request, public_id)
    form = LinkForm(request.POST or None)
    return answer(
        request,
        incident,
        form,
        lambda given: actions.add_attachment(actor=request.actor, incident=incident, **given),
        title="Attach a link",
        button="Attach",
    )


@require_http_methods(WRITTEN)
def link_edit(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Say it otherwise: its title, address and kind."""
    incident = writable(request, public_id)
    link = _link(request, incident, uuid)
    of_it, names = (DocumentForm, ("title", "content")) if link.is_here else (LinkForm, ("title", "url", "kind"))
    form = of_it(request.POST or None, initial=shown_in(link, names))
    return answer(
        request,
        incident,
        form,
        lambda given: actions.edit_attachment(
            actor=request.actor, attachment=link, seen_version=_seen(form), **_new(form, given)
        ),
        row=link,
        title="Edit the postmortem" if link.is_here else "Edit the link",
        button="Save",
    )


@require_http_methods(WRITTEN)
def link_delete(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Take it away."""
    incident = writable(request, public_id)
    link = _link(request, incident, uuid)
    return _delete(request, incident, link, actions.delete_attachment, "attachment", link.title)


@require_http_methods(WRITTEN)
def integration_delete(request: HttpRequest, public_id: int, uuid: UUID) -> HttpResponse:
    """Forget a channel or a ticket."""
    incident = writable(request, public_id)
    row = get_object_or_404(Integration.objects.visible_to(request.actor), incident=incident, uuid=uuid)
    return _delete(request, incident, row, actions.delete_integration, "integration", str(row))


def writable(request: HttpRequest, public_id: int) -> Incident:
    """The incident, for somebody who may write: 404 comes before 403, or the refusal would betray it."""
    incident = visible_incident(request, public_id)
    require(request.actor, WRITE)
    return incident


def _todo(request: HttpRequest, incident: Incident, uuid: UUID) -> Todo:
    return get_object_or_404(Todo.objects.visible_to(request.actor), incident=incident, uuid=uuid)


def _impact(request: HttpRequest, incident: Incident, uuid: UUID) -> Impact:
    return get_object_or_404(Impact.objects.visible_to(request.actor), incident=incident, uuid=uuid)


def _link(request: HttpRequest, incident: Incident, uuid: UUID) -> Attachment:
    return get_object_or_404(Attachment.objects.visible_to(request.actor), incident=incident, uuid=uuid)


def _seen(form: Any) -> int | None:
    return form.cleaned_data["seen_version"]


def _new(form: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What the person changed: a moment that they left alone keeps what lies below its second."""
    return {name: value for name, value in given.items() if name in form.changed_data or name == "fields"}


def answer(
    request: HttpRequest,
    incident: Incident,
    form: Any,
    deed: Callable[[dict[str, Any]], Any],
    *,
    row: Any = None,
    tab: str = "detail",
    **words: Any,
) -> HttpResponse:
    """Ask, or do it; what refuses it is told in the form, which keeps what was typed."""
    if not form.is_valid():
        return ask(request, incident, form, row=row, tab=tab, **words)
    problem: DomainError | None = refused(lambda: deed(form.given))
    if problem is None:
        return done(request, incident, tab=tab)
    if row is not None:
        row = get_object_or_404(type(row).objects.visible_to(request.actor), pk=row.pk)
    return ask(request, incident, form, problem=problem, row=row, tab=tab, **words)


def _delete(
    request: HttpRequest, incident: Incident, row: Any, verb: Callable[..., None], name: str, what: str, **more: Any
) -> HttpResponse:
    form = DeleteForm(request.POST or None)
    return answer(
        request,
        incident,
        form,
        lambda given: verb(actor=request.actor, seen_version=_seen(form), **{name: row}),
        row=row,
        title="Take it away?",
        note=what,
        button="Delete",
        danger=True,
        **more,
    )

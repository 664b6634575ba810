"""Notes on an incident's timeline: written, put right and taken back by whoever wrote them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, person, require
from accounts_app.mentions import newly_mentioned
from accounts_app.rules import locked
from core_app.errors import NotAllowed, NotFound, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.actions.checking import MAX_TEXT, past, text
from incidents_app.models import Incident, Note, NoteRevision
from incidents_app.models.managers import WRITE

TAKES_BACK = "org_management"  # who may take back what others wrote


@transaction.atomic
def add_note(*, actor: Actor, incident: Incident, body: str, at: datetime | None = None) -> Note:
    """Write a note in Markdown; those whom it names with an @ hear of it, if they see the incident.

    `at` is the moment that it tells of: now, or one in the past. The entry names the note and not its words.
    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    note = Note(incident=row, body=text(body, "body", MAX_TEXT, required=True), created_by=actor.user)
    if at is not None:
        note.at = past(at, "at")
    note.save()
    record(actor, "incidents.note_added", row, note=str(note.uuid), at=note.at.isoformat())
    _call(actor, note, before="")
    return note


@transaction.atomic
def edit_note(
    *,
    actor: Actor,
    note: Note,
    seen_version: int | None = None,
    body: str | None = None,
    at: datetime | None = None,
) -> Note:
    """Change what is given of a note of one's own; what it said before is kept in its revisions.

    Only those whom it did not name before hear of it.

    Raises NotAllowed, NotFound, StaleVersion or Invalid.
    """
    require(actor, WRITE)
    row = _own(actor, note, seen_version)
    before = {"body": row.body, "at": row.at}
    if body is not None:
        row.body = text(body, "body", MAX_TEXT, required=True)
    if at is not None:
        row.at = past(at, "at")
    if before == {"body": row.body, "at": row.at}:
        return row
    if before["body"] != row.body:
        row.edited_at = timezone.now()
        NoteRevision.objects.create(note=row, body=before["body"], by=actor.user)
    row.version += 1
    row.save()
    moved = {"at": [before["at"].isoformat(), row.at.isoformat()]} if before["at"] != row.at else {}
    record(actor, "incidents.note_edited", row.incident, note=str(row.uuid), **moved)
    _call(actor, row, before=before["body"])
    return row


@transaction.atomic
def delete_note(*, actor: Actor, note: Note, seen_version: int | None = None) -> None:
    """Take back a note: its place stays, its text and what it said before go for good.

    Whoever wrote it may, and administrators. Raises as `edit_note` does.
    """
    require(actor, WRITE)
    row = _own(actor, note, seen_version, or_by=TAKES_BACK)
    row.revisions.all().delete()
    row.body, row.deleted_at = "", timezone.now()
    row.version += 1
    row.save()
    record(actor, "incidents.note_deleted", row.incident, note=str(row.uuid))


def _call(actor: Actor, note: Note, *, before: str) -> None:
    """Write down whom the note calls and did not call before, of those who see the incident."""
    incident = note.incident
    reached = [
        user
        for user in newly_mentioned(actor, note.body, before=before)
        if Incident.objects.visible_to(person(user)).filter(pk=incident.pk).exists()
    ]
    if reached:
        record(actor, "incidents.mentioned", incident, note=str(note.uuid), users=checking.named(reached))


def _own(actor: Actor, note: Note, seen_version: int | None, *, or_by: str = "") -> Note:
    row = locked(Note.objects.visible_to(actor).select_related("incident", "created_by"), note.pk)
    if row.deleted_at:
        raise NotFound("This note has been taken back.")
    check_version(row, seen_version)
    is_mine = actor.user is not None and row.created_by == actor.user
    if not is_mine and not (or_by and actor.can(or_by)):
        who = row.created_by.label if row.created_by else "nobody who is still here"
        raise NotAllowed(f"A note is changed by whoever wrote it, and this was {who}.")
    return row

"""What people say about a case."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, person, require
from accounts_app.mentions import newly_mentioned
from accounts_app.rules import locked as locked_row
from cases_app import limits
from cases_app.actions.changing import locked_case
from cases_app.models import Case, Comment
from cases_app.models.managers import READ, WRITE
from core_app.errors import Conflict, Invalid, NotAllowed, check_version
from core_app.ledger import record

MODERATE = "org_management"  # takes back what somebody else said


@transaction.atomic
def comment(*, actor: Actor, case: Case, body: str) -> Comment:
    """Say something about a case, in Markdown; those whom it names with an @ hear of it.

    The entry names the comment and not its words: what is taken back is gone. Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, WRITE)
    row = locked_case(actor, case)
    said = Comment.objects.create(case=row, author=actor.user, body=_cleaned(body))
    Case.objects.filter(pk=row.pk).update(modified_at=said.created_at)
    record(actor, "cases.commented", row, comment=str(said.uuid))
    _call(actor, row, said, before="")
    return said


@transaction.atomic
def edit_comment(*, actor: Actor, comment: Comment, body: str, seen_version: int | None = None) -> Comment:
    """Say it differently; only those who were not named before hear of it.

    Raises NotAllowed for another person's comment, NotFound, Invalid, StaleVersion, or Conflict for one taken back.
    """
    require(actor, WRITE)
    row = _locked(actor, comment)
    if not _is_own(actor, row):
        raise NotAllowed("Only who said it can say it differently.", permission=WRITE)
    check_version(row, seen_version)
    text = _cleaned(body)
    if text == row.body:
        return row
    before, row.body = row.body, text
    row.edited_at = timezone.now()
    row.version += 1
    row.save()
    record(actor, "cases.comment_edited", row.case, comment=str(row.uuid))
    _call(actor, row.case, row, before=before)
    return row


@transaction.atomic
def delete_comment(*, actor: Actor, comment: Comment) -> Comment:
    """Take a comment back: its place stays, its words are gone. One's own; anybody's for administrators.

    Raises NotAllowed, NotFound, or Conflict for one that was taken back before.
    """
    require(actor, WRITE)
    row = _locked(actor, comment)
    if not _is_own(actor, row):
        require(actor, MODERATE)
    row.body, row.deleted_at = "", timezone.now()
    row.version += 1
    row.save()
    record(actor, "cases.comment_deleted", row.case, comment=str(row.uuid))
    return row


def _locked(actor: Actor, comment: Comment) -> Comment:
    row = locked_row(Comment.objects.visible_to(actor).select_related("case__project"), comment.pk)
    if row.deleted_at:
        raise Conflict("This comment was taken back.")
    return row


def _is_own(actor: Actor, comment: Comment) -> bool:
    return actor.user is not None and comment.author_id == actor.user.pk


def _cleaned(body: str) -> str:
    text = limits.body(body, "body")
    if not text:
        raise Invalid("Write something first.", field="body")
    return text


def _call(actor: Actor, case: Case, said: Comment, *, before: str) -> None:
    """Write down whom the comment calls: of those who may read cases, whom it did not call before."""
    reached = [user for user in newly_mentioned(actor, said.body, before=before) if person(user).can(READ)]
    if reached:
        record(actor, "cases.mentioned", case, comment=str(said.uuid), users=[str(user.uuid) for user in reached])

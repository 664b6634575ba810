"""What happened to a case and what was said about it, in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts_app.access import Actor
from cases_app.models import Case, Comment
from core_app.ledger import history, visible_entries
from core_app.models import Entry, Versioned

# What a comment shows by itself. Whom it calls is between them and who called.
TOLD_BY_COMMENTS = ("cases.commented", "cases.comment_edited", "cases.comment_deleted", "cases.mentioned")
# One entry and one version each.
VERSIONED = (
    "cases.edited",
    "cases.moved",
    "cases.status_changed",
    "cases.assigned",
    "cases.unassigned",
    "cases.priority_set",
    "cases.archived",
    "cases.unarchived",
    "cases.project_edited",
)


@dataclass(frozen=True)
class Happening:
    """One row of a timeline: an entry of the ledger, or a comment; the other is None."""

    at: datetime
    entry: Entry | None = None
    comment: Comment | None = None

    @property
    def kind(self) -> str:
        return "comment" if self.comment else "entry"


def timeline(actor: Actor, case: Case, most: int | None = None) -> list[Happening]:
    """What happened, oldest first; with `most` the newest so many. The caller has asked `visible_to` for the case."""
    entries = history(case).filter(pk__in=visible_entries(actor)).exclude(verb__in=TOLD_BY_COMMENTS)[:most]
    comments = Comment.objects.visible_to(actor).filter(case=case).select_related("author").order_by("-pk")[:most]
    rows = [Happening(entry.at, entry=entry) for entry in entries]
    rows += [Happening(comment.created_at, comment=comment) for comment in comments]
    rows.sort(key=lambda row: row.at)
    return rows if most is None else rows[-most:]


def changes_since(target: Versioned, version: int) -> list[Entry]:
    """What people changed after that version, oldest first."""
    behind = max(target.version - version, 0)
    return list(history(target).filter(verb__in=VERSIONED)[:behind])[::-1]

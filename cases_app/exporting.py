"""Cases as the rows of a file: the cells of CSV by column, and all that is known of one as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from accounts_app.access import Actor
from cases_app.models import Case
from cases_app.queries.rows import attribute_text, case_list
from search_app.explorer import Column
from search_app.explorer.export import moment

BETWEEN = "; "

CELLS: dict[str, Callable[[Case], str]] = {
    "key": lambda case: case.key,
    "title": lambda case: case.title,
    "status": lambda case: case.get_status_display(),
    "priority": lambda case: case.get_priority_display(),
    "assignee": lambda case: case.assignee.label if case.assignee else "",
    "type": lambda case: case.type.name,
    "due": lambda case: case.due_date.isoformat() if case.due_date else "",
    "time": lambda case: moment(case.created_at),
    "updated": lambda case: moment(case.modified_at),
    "signals": lambda case: str(case.signals_total),
    "project": lambda case: case.project.name,
    "creator": lambda case: case.created_by.label if case.created_by else "",
    "tags": lambda case: BETWEEN.join(tag.text for tag in case.tags.all()),
}


def heads(columns: Sequence[Column]) -> list[str]:
    """The heads of the file's columns for those of the list."""
    return [column.label for column in columns]


def csv_rows(actor: Actor, columns: Sequence[Column], pks: Sequence[int]) -> Iterator[list[str]]:
    """The cells of these cases, as far as the actor may see them."""
    for case in case_list(actor, pks):
        yield [
            CELLS[column.name](case) if column.name in CELLS else attribute_text(case, column.name)
            for column in columns
        ]


def json_rows(actor: Actor, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What is known of these cases, as far as the actor may see them; without what was said about them."""
    for case in case_list(actor, pks, whole=True):
        yield {
            "key": case.key,
            "uuid": str(case.uuid),
            "project": case.project.key,
            "type": case.type.name,
            "title": case.title,
            "description": case.description,
            "status": case.status,
            "priority": case.priority,
            "assignee": case.assignee.email if case.assignee else None,
            "due": case.due_date.isoformat() if case.due_date else None,
            "attributes": case.attributes,
            "tags": [tag.text for tag in case.tags.all()],
            "signals_total": case.signals_total,
            "created": moment(case.created_at),
            "created_by": case.created_by.email if case.created_by else None,
            "updated": moment(case.modified_at),
            "closed": moment(case.closed_at) if case.closed_at else None,
            "archived": moment(case.archived_at) if case.archived_at else None,
            "version": case.version,
        }

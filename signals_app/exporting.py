"""Signals as the rows of a file: the cells of CSV by column, and all that is known of one as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from accounts_app.access import Actor
from search_app.explorer import Column
from search_app.explorer.export import moment
from signals_app.explorer import EXPLORER
from signals_app.models import Severity, TriageState
from signals_app.models.signals import ArchiveReason
from signals_app.queries.rows import TEXTS, Named, SignalRow, signal_rows

MOST_ENTITIES = 100  # of each kind that a row of a file names; how many there are beyond is said
BETWEEN = "; "

Cell = Callable[[SignalRow], str]
CELLS: dict[str, tuple[tuple[str, Cell], ...]] = {
    "severity": (("Severity", lambda signal: Severity(signal.severity).label),),
    "title": (("Title", lambda signal: signal.title),),
    "service": (
        ("Service", lambda signal: signal.service.name if signal.service else ""),
        ("Env", lambda signal: signal.env),
    ),
    "entities": (
        ("Attackers", lambda signal: _names(signal.attackers, signal.attackers_beyond)),
        ("Users", lambda signal: _names(signal.victims, signal.victims_beyond)),
    ),
    "state": (
        ("Triage State", lambda signal: TriageState(signal.state).label),
        ("Archive Reason", lambda signal: ArchiveReason(signal.archive_reason).label if signal.archive_reason else ""),
    ),
    "time": (("Creation Date", lambda signal: moment(signal.first_seen)),),
    "last_seen": (("Last seen", lambda signal: moment(signal.last_seen)),),
    "count": (("Detections", lambda signal: str(signal.count)),),
    "assignees": (("Assignees", lambda signal: BETWEEN.join(one.user.label for one in signal.assigned)),),
    "team": (("Team", lambda signal: signal.team.name if signal.team else ""),),
    "rule": (("Rule", lambda signal: signal.rule.name),),
    "tactic": (("Tactic", lambda signal: signal.rule.tactic),),
    "technique": (("Technique", lambda signal: signal.rule.technique),),
    "source": (("Source", lambda signal: signal.source.name),),
    "host": (("Host", lambda signal: signal.host),),
    "tags": (("Tags", lambda signal: BETWEEN.join(signal.tags)),),
    "id": (("Signal id", lambda signal: signal.public_id),),
}


def csv_columns(columns: Sequence[Column]) -> list[tuple[str, Cell]]:
    """The columns of the file for those of the list; where one shows two things, the file has two."""
    return [part for column in columns for part in CELLS.get(column.name) or [_attribute(column)]]


def _attribute(column: Column) -> tuple[str, Cell]:
    # Without its @: a cell that begins with one is a formula, and would have to be written otherwise than it is.
    return column.label.removeprefix("@"), lambda signal: signal.attribute_texts[column.name]


def csv_rows(actor: Actor, columns: Sequence[Column], pks: Sequence[int]) -> Iterator[list[str]]:
    """The cells of these signals, as far as the actor may see them."""
    cells = [cell for _, cell in csv_columns(columns)]
    names = [column.name for column in columns]
    for signal in signal_rows(actor, pks, names, named=MOST_ENTITIES, marked=False):
        yield [cell(signal) for cell in cells]


def json_rows(actor: Actor, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What is known of these signals, as far as the actor may see them; without their samples."""
    columns = [column.name for column in EXPLORER.columns]
    for signal in signal_rows(actor, pks, columns, named=MOST_ENTITIES, texts=TEXTS, marked=False):
        yield {
            "id": signal.public_id,
            "title": signal.title,
            "message": signal.message,
            "severity": Severity(signal.severity).slug,
            "state": signal.state,
            "archive_reason": signal.archive_reason or None,
            "archive_comment": signal.archive_comment or None,
            "assignees": [one.user.email for one in signal.assigned],
            "team": signal.team.handle if signal.team else None,
            "rule": {
                "id": str(signal.rule.uuid),
                "name": signal.rule.name,
                "type": signal.rule.type,
                "tactic": signal.rule.tactic,
                "technique": signal.rule.technique,
            },
            "service": signal.service.name if signal.service else None,
            "env": signal.env,
            "host": signal.host,
            "source": signal.source.name,
            "attackers": [{"ip": one.value, "country": one.country or None} for one in signal.attackers],
            "attackers_total": len(signal.attackers) + signal.attackers_beyond,
            "users": [one.value for one in signal.victims],
            "users_total": len(signal.victims) + signal.victims_beyond,
            "tags": signal.tags,
            "detections": signal.count,
            "first_seen": moment(signal.first_seen),
            "last_seen": moment(signal.last_seen),
            "created": moment(signal.created_at),
            "version": signal.version,
            "attributes": signal.attributes,
        }


def _names(named: Sequence[Named], beyond: int) -> str:
    return BETWEEN.join([*(one.value for one in named), *([f"and {beyond} more"] if beyond else [])])

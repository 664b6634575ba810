"""The same query over one plain dict: for what is asked of an event before, or without, a row.

The dict holds a value or a list of values under each field's name (choices by their words, people and rules by all
their spellings), the casefolded text and the free attributes under the names that the table gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts_app.access import Actor
from search_app.fields import FieldTable, asks_missing
from search_app.kinds import Asker
from search_app.language import And, Is, Node, Not, Or, Text
from search_app.language.nodes import Condition
from search_app.lookups import fits
from search_app.to_q import wanted_text


def matches(node: Node, table: FieldTable, row: Mapping[str, Any], actor: Actor) -> bool:
    """Whether the dict meets the query. Raises QueryValueError for a value that its field cannot have."""
    return _meets(node, table, row, Asker.of(actor))


def _meets(node: Node, table: FieldTable, row: Mapping[str, Any], asker: Asker) -> bool:
    match node:
        case And(items) | Or(items):
            # All of them, however the first turns out: a value that cannot be is an error whatever stands beside it.
            met = [_meets(item, table, row, asker) for item in items]
            return all(met) if isinstance(node, And) else any(met)
        case Not(item):
            return not _meets(item, table, row, asker)
        case Text(value):
            wanted = wanted_text(value)
            return wanted is None or fits(wanted, row.get(table.text) or "")
        case _:
            return _condition(node, table, row, asker)


def _condition(node: Condition, table: FieldTable, row: Mapping[str, Any], asker: Asker) -> bool:
    field = table.find(node.field, node.span)
    values = field.values(row)
    comparisons = [comparison for _, comparison in field.asked(node, asker)]
    if isinstance(node, Is) and not values and any(map(asks_missing, node.values)):
        return True
    return any(comparison.meets(value) for comparison in comparisons for value in values)

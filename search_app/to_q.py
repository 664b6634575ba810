"""The query for the database: a Q that is true or false for every row, never unknown."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

from django.db.models import Q

from accounts_app.access import Actor
from search_app.comparisons import EVERYTHING, NOTHING
from search_app.fields import FieldTable, asks_missing
from search_app.kinds import Asker
from search_app.language import And, Is, Node, Not, Or, Text, Value, Wild
from search_app.language.nodes import Condition


def compile_q(node: Node, table: FieldTable, actor: Actor) -> Q:
    """The query as a Q for the table's rows, to be and-ed onto what the actor may see.

    Raises QueryValueError for a value that its field cannot have.
    """
    return compile_for(node, table, Asker.of(actor))


def compile_for(node: Node, table: FieldTable, asker: Asker) -> Q:
    """The same for an asker, so that several queries of one answer share one `now`."""
    match node:
        case And(items):
            return reduce(and_, (compile_for(item, table, asker) for item in items), EVERYTHING)
        case Or(items):
            return reduce(or_, (compile_for(item, table, asker) for item in items), NOTHING)
        case Not(item):
            return ~compile_for(item, table, asker)
        case Text(value):
            return EVERYTHING if not wanted_text(value) else Q(**{f"{table.text}__fits": wanted_text(value)})
        case _:
            return _condition(node, table, asker)


def wanted_text(value: Value) -> Value | None:
    """Free text as a pattern over the whole casefolded text; None if everything meets it."""
    if value.is_anything or not value.parts:
        return None
    return Value((Wild.MANY, *value.casefolded().parts, Wild.MANY))


def _condition(node: Condition, table: FieldTable, asker: Asker) -> Q:
    field = table.find(node.field, node.span)
    met = [place.q(comparison) for place, comparison in field.asked(node, asker)]
    q = field.among(reduce(or_, met), asker.actor) if met else NOTHING
    if isinstance(node, Is) and any(map(asks_missing, node.values)):
        q |= ~field.present(asker.actor)
    return q

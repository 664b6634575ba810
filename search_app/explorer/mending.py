"""What is left of a configuration when some of what it names is no longer there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from accounts_app.access import Actor
from accounts_app.models import User
from search_app.explorer.address import Address
from search_app.explorer.forms import ExplorerForm, NamesField
from search_app.explorer.spec import Explorer
from search_app.language import EVERYTHING, And, Is, Node, Not, Or, QueryError, QuerySyntaxError, to_text
from search_app.language.nodes import Condition, Text, Value, all_of, conditions, top_terms
from search_app.to_q import compile_q

Leaf = Text | Condition
MOST_WORDS = 80  # characters of a part that is named in a notice


@dataclass(frozen=True)
class Mended:
    """What can still be shown, as an address and as the query's tree, and what was dropped, in words."""

    address: Address
    tree: Node
    dropped: Sequence[str] = ()


def mend(explorer: Explorer, actor: Actor, params: Mapping[str, str]) -> Mended:
    """Read a kept configuration, leaving out the parts that name what is gone: fields, columns, facets, people."""
    form = ExplorerForm(params, explorer=explorer, actor=actor)
    dropped: list[str] = []
    kept = dict(params)
    if not form.is_valid():
        for name in form.errors:
            dropped += _mend_field(form, name, kept)
        form = ExplorerForm(kept, explorer=explorer, actor=actor)
        if not form.is_valid():  # nothing that we ever wrote
            return Mended(Address(), EVERYTHING, ["all of it"])
    address, tree, gone = form.address, form.tree, people_gone(explorer, actor, form.tree)
    if gone:
        tree = without(tree, lambda leaf: _without_people(explorer, leaf, gone)) or EVERYTHING
        address = address.to(query=to_text(tree))
        dropped += [f"the person “{name[:MOST_WORDS]}”" for name in sorted(gone)]
    return Mended(address, tree, dropped)


def without(node: Node, change: Callable[[Leaf], Leaf | None]) -> Node | None:
    """The query with each of its leaves as `change` makes it; None for what nothing is left of."""
    match node:
        case And(items):
            left = [kept for item in items if (kept := without(item, change)) is not None]
            return all_of(*left) if left else None
        case Or(items):
            left = [kept for item in items if (kept := without(item, change)) is not None]
            return left[0] if len(left) == 1 else replace(node, items=tuple(left)) if left else None
        case Not(item):
            kept = without(item, change)
            return None if kept is None else replace(node, item=kept)
        case _:
            return change(node)


def people_gone(explorer: Explorer, actor: Actor, tree: Node) -> set[str]:
    """The people that a query names by e-mail, name or UUID and that there are not. Who may not see people sees none.

    Patterns, `me` and `none` name nobody.
    """
    named = {
        value.literal or ""
        for leaf in conditions(tree)
        if isinstance(leaf, Is) and explorer.surface.table.find(leaf.field).is_person
        for value in leaf.values
        if _is_name(value)
    }
    if not named or not actor.can("user_access_read"):
        return set()
    lowered = [name.lower() for name in named]
    uuids = [uuid for name in named if (uuid := _uuid(name))]
    people = User.objects.filter(Q(email__in=lowered) | Q(name__in=named) | Q(uuid__in=uuids))
    known = {spelling for row in people.values_list("email", "name", "uuid") for spelling in row}
    return {name for name in named if not known & {name, name.lower(), _uuid(name)}}


def _mend_field(form: ExplorerForm, name: str, kept: dict[str, str]) -> list[str]:
    """Take from `kept` what is wrong with this parameter, and say what that was."""
    field = form.fields.get(name)
    text = kept.get(name, "")
    if name == "query":
        tree, gone = _mend_query(form, text)
        kept["query"] = to_text(tree)
        return [f"the condition “{part[:MOST_WORDS]}”" for part in gone]
    if isinstance(field, NamesField):
        names = text.split(",")
        left = [one for one in names if one in field.known or field.also(one)][: field.most]
        kept[name] = ",".join(left)
        return [f"the {field.what} “{one[:MOST_WORDS]}”" for one in names if one not in left]
    if field is None:  # the window as a whole
        kept.pop("start", None)
        kept.pop("end", None)
        return ["the window of time"]
    del kept[name]
    return [f"the setting “{name}: {text[:MOST_WORDS]}”"]


def _mend_query(form: ExplorerForm, text: str) -> tuple[Node, list[str]]:
    surface, gone = form.explorer.surface, []
    try:
        tree = surface.parse(text)
    except QuerySyntaxError:
        return EVERYTHING, [text]

    def readable(leaf: Leaf) -> Leaf | None:
        try:
            compile_q(leaf, surface.table, form.actor)
        except QueryError:
            gone.append(to_text(leaf))
            return None
        return leaf

    return without(tree, readable) or EVERYTHING, gone


def _without_people(explorer: Explorer, leaf: Leaf, gone: set[str]) -> Leaf | None:
    if not isinstance(leaf, Is) or not explorer.surface.table.find(leaf.field).is_person:
        return leaf
    left = tuple(value for value in leaf.values if not (_is_name(value) and value.literal in gone))
    return replace(leaf, values=left) if left else None


def _is_name(value: Value) -> bool:
    return bool(value.literal) and value.keyword not in {"me", "none"}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def same_query(one: Node, other: Node) -> bool:
    """Whether two queries ask the same, in whatever order their terms stand."""
    return one == other or set(top_terms(one)) == set(top_terms(other))

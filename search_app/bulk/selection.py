"""Which rows a deed is for: those that a person ticked, all that match a query, or those of an operation before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts_app.access import Actor
from core_app.errors import Conflict, Invalid, NotFound
from search_app.bulk.frozen import NO_CLAIM, Frozen
from search_app.explorer import Explorer, ExplorerForm
from search_app.explorer.address import epoch_ms, from_epoch_ms
from search_app.explorer.forms import Together
from search_app.explorer.moves import moments
from search_app.index import Window
from search_app.index.matching import matching_pks
from search_app.models import BulkOperation
from search_app.surfaces import Surface

MOST_TICKED = 5_000  # rows that a request names one by one
MOST_TEXT = 300_000  # characters of their names
LARGEST = 2**63 - 1
A_READ = 10_000  # rows a statement
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Selection:
    """How many rows, in words, and as the fields of a form that says the same once more.

    `freeze` gives the rows with the versions that were seen: reading those of many takes a while, counting does not.
    """

    count: int
    words: str
    fields: tuple[tuple[str, str], ...]
    freeze: Callable[[], Frozen]

    def __len__(self) -> int:
        return self.count


class RowsField(forms.CharField):
    """`key:version` with commas between them; a key alone makes no claim."""

    widget = Together

    def clean(self, value: Any) -> dict[int, int]:
        try:
            pairs = [self._pair(text) for text in super().clean(value).split(",") if text]
        except ValueError as problem:
            raise ValidationError("These are no rows of this list.") from problem
        if len(pairs) > MOST_TICKED:
            raise ValidationError(f"At most {MOST_TICKED:,} rows can be named one by one.")
        return dict(pairs)

    @staticmethod
    def _pair(text: str) -> tuple[int, int]:
        key, _, version = text.partition(":")
        pair = int(key), int(version) if version else NO_CLAIM
        if not (text.isascii() and 0 < pair[0] <= LARGEST and NO_CLAIM <= pair[1] < 2**31):
            raise ValueError(text)
        return pair


class SelectionForm(forms.Form):
    """How a request says which rows it is about. What stands first in `selected` wins."""

    rows = RowsField(required=False, max_length=MOST_TEXT)
    matching = forms.BooleanField(required=False)
    upto = forms.IntegerField(required=False, min_value=0, max_value=LARGEST)
    operation = forms.UUIDField(required=False)


def selected(explorer: Explorer, actor: Actor, data: Any) -> Selection:
    """The rows that a request is about, as they are now.

    Raises Invalid for what is no selection, NotFound or Conflict for an operation that is none or runs still, and
    what `explore` raises.
    """
    form = SelectionForm(data)
    if not form.is_valid():
        raise Invalid(next(iter(form.errors.values()))[0], field="rows")
    given = form.cleaned_data
    if given["operation"]:
        return _of_operation(explorer, actor, given["operation"])
    if given["matching"]:
        return _matching(explorer, actor, data, given["upto"])
    return _ticked(explorer, actor, given["rows"])


def _ticked(explorer: Explorer, actor: Actor, rows: dict[int, int]) -> Selection:
    keys = sorted(rows)

    def freeze() -> Frozen:
        # A row named without a version is meant as it is now: else an undo could not tell who touched it since.
        unclaimed = np.array([key for key in keys if rows[key] == NO_CLAIM], np.int64)
        now = dict(_versions(explorer.surface, actor, unclaimed))
        versions = [now.get(key, rows[key]) for key in keys]
        return Frozen.of(np.array(keys, np.int64), np.array(versions, np.int32))

    text = ",".join(f"{key}:{rows[key]}" for key in keys)
    noun = explorer.noun if len(keys) == 1 else explorer.nouns
    return Selection(len(keys), f"{len(keys):,} selected {noun}", (("rows", text),), freeze)


def _of_operation(explorer: Explorer, actor: Actor, uuid: Any) -> Selection:
    """The rows of an operation of one's own, at the versions that it left them."""
    mine = BulkOperation.objects.visible_to(actor).filter(surface=explorer.surface.name, user=actor.user)
    operation = mine.filter(uuid=uuid).first()
    if operation is None:
        raise NotFound("There is no such operation, or it is not yours.")
    if not operation.is_finished:
        raise Conflict("What you did to these last is still running. Wait for its end, or cancel it.")
    rows = Frozen.unpack(operation).left()
    return Selection(len(rows), operation.selection, (("operation", str(uuid)),), lambda: rows)


def _matching(explorer: Explorer, actor: Actor, data: Any, upto: int | None) -> Selection:
    """What matches and was there at the first click: from then on the window is fixed, and what is newer is not it."""
    form = ExplorerForm(data, explorer=explorer, actor=actor)
    if not form.is_valid():
        raise Invalid("The query or the window of time cannot be read.", field="query")
    address = form.address
    now = timezone.now()
    window = address.window(now)
    start, end = epoch_ms(window.start), epoch_ms(window.end + MILLISECOND)
    window = Window(from_epoch_ms(int(start)), from_epoch_ms(int(end)))
    if upto is None:
        upto = newest(explorer.surface, actor)

    def found() -> np.ndarray:
        keys = matching_pks(explorer.surface, actor, form.tree, window)
        return keys[keys <= upto]

    def freeze() -> Frozen:
        keys, versions = versions_of(explorer.surface, actor, first)
        # Asked again after the versions were read: what matches now is what was seen, or is refused as changed.
        still = np.isin(keys, found())
        return Frozen.of(keys[still], versions[still])

    first = found()
    shown = Window(timezone.localtime(window.start), timezone.localtime(window.end))
    query = f" matching “{_shortened(address.query)}”" if address.query else ""
    return Selection(
        len(first),
        f"all {explorer.nouns}{query} from {moments(shown, timezone.localtime(now))}",
        (("matching", "on"), ("query", address.query), ("start", start), ("end", end), ("upto", str(upto))),
        freeze,
    )


def newest(surface: Surface, actor: Actor) -> int:
    """The key of the row that was taken in last; 0 if there is none."""
    return surface.rows(actor).order_by("-pk").values_list("pk", flat=True).first() or 0


def versions_of(surface: Surface, actor: Actor, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those of these keys that are there, rising, and the version of each."""
    pairs = np.fromiter(_versions(surface, actor, keys), np.dtype((np.int64, 2)))
    return pairs[:, 0], pairs[:, 1]


def _versions(surface: Surface, actor: Actor, keys: np.ndarray) -> Iterable[tuple[int, int]]:
    rows = surface.rows(actor).order_by("pk")
    for start in range(0, len(keys), A_READ):
        yield from rows.filter(pk__among=keys[start : start + A_READ].tolist()).values_list("pk", "version")


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:299]}…"

"""What an explorer's address may say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from search_app.declared import look
from search_app.explorer.address import (
    DEFAULT_COLUMN,
    DEFAULT_LIMIT,
    LIMITS,
    LIST,
    ORDERS,
    VIZ,
    Address,
    from_epoch_ms,
)
from search_app.explorer.spans import read_span
from search_app.explorer.spec import Explorer
from search_app.language import EVERYTHING, Node, QueryError
from search_app.to_q import compile_q

MAX_CURSOR = 2000  # characters; a longer one was not made by us
MAX_NAMES = 4000  # characters of a list of names
MAX_VIEW = 40  # characters of a view's UUID, or of its name if it is ready-made
MOST_GROUPS = 2
YEARS = (1970, 2200)  # that a window may lie in: half open
MOST_COLUMNS = 30


class EpochField(forms.IntegerField):
    """Epoch milliseconds."""

    def clean(self, value: Any) -> datetime | None:
        number = super().clean(value)
        if number is None:
            return None
        try:
            return from_epoch_ms(number)
        except (ValueError, OverflowError, OSError) as problem:
            raise ValidationError("“%(value)s” is no time in epoch milliseconds.", params={"value": value}) from problem


class SpanField(forms.CharField):
    """A window that ends now, as people write it; clean, it is the name of one."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return read_span(text) if text else ""
        except ValueError as problem:
            raise ValidationError(
                "“%(value)s” is no stretch of time. Write one like 45m, 3h, 10d or 2w, of at most ten years.",
                params={"value": text[:50]},
            ) from problem


class Together(forms.TextInput):
    """A parameter that may stand several times, as if its values stood in one with commas between them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        values = data.getlist(name) if hasattr(data, "getlist") else [data[name]] if name in data else []
        return ",".join(values) if values else None


class NamesField(forms.CharField):
    """Names with commas between them, each once. `known` are those that there are, `most` how many may stand.

    `also` says of any other name whether it may stand too.
    """

    widget = Together

    def __init__(self, *, most: int = 100, what: str, label: str) -> None:
        super().__init__(required=False, max_length=MAX_NAMES, label=label)
        self.known: tuple[str, ...] = ()
        self.also: Callable[[str], bool] = lambda name: False
        self.most, self.what = most, what

    def clean(self, value: Any) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name for name in super().clean(value).split(",") if name))
        if unknown := [name for name in names if name not in self.known and not self.also(name)]:
            raise ValidationError(
                "There is no %(what)s “%(name)s”; there are %(known)s.",
                params={"what": self.what, "name": unknown[0], "known": ", ".join(self.known)},
            )
        if len(names) > self.most:
            raise ValidationError("At most %(most)s can be chosen here.", params={"most": self.most})
        return names


class ExplorerForm(forms.Form):
    """An explorer's address as it came in. `address` is what it says, also when the query is faulty.

    `problem` is the query's error with its columns; `tree` is the query once it is whole.
    """

    query = forms.CharField(required=False)
    range = SpanField(required=False)
    start = EpochField(required=False)
    end = EpochField(required=False)
    since = forms.DateTimeField(required=False)  # of the time picker, in the person's own time zone
    until = forms.DateTimeField(required=False)
    column = forms.ChoiceField(label="Sorted by", required=False)
    order = forms.ChoiceField(choices=[(name, name) for name in ORDERS], required=False)
    cols = NamesField(what="column", most=MOST_COLUMNS, label="Columns")
    viz = forms.ChoiceField(label="Visualise as", choices=VIZ, required=False)
    group = NamesField(what="facet", most=MOST_GROUPS, label="Grouped by")
    unique = forms.ChoiceField(label="Different values of", required=False)
    limit = forms.TypedChoiceField(
        choices=[(number, number) for number in LIMITS], coerce=int, empty_value=DEFAULT_LIMIT, required=False
    )
    agg = forms.ChoiceField(label="Put together", choices=[("rule", "By detection rule")], required=False)
    timeline = forms.ChoiceField(choices=[("on", "Shown"), ("off", "Hidden")], required=False)
    facets = NamesField(what="facet", label="Facets")
    paused = forms.ChoiceField(choices=[("true", "true"), ("false", "false")], required=False)
    after = forms.CharField(required=False, max_length=MAX_CURSOR)
    view = forms.CharField(required=False, max_length=MAX_VIEW)

    def __init__(self, data: Any, *, explorer: Explorer, actor: Actor) -> None:
        # Each form copies its fields, and an address says two or three of the twenty things that it may say. None of
        # them is required. The query is always there, for what is wrong with it to be said of it.
        self.base_fields = {
            name: field for name, field in type(self).base_fields.items() if name in data or name == "query"
        }
        super().__init__(data)
        self.explorer, self.actor = explorer, actor
        look(explorer.surface.name)  # the address may name facets that were declared a moment ago
        self.tree: Node = EVERYTHING
        self.problem: QueryError | None = None
        choices = {"column": explorer.surface.orders, "unique": explorer.group_names}
        for name in choices.keys() & self.fields.keys():
            self.fields[name].choices = [(value, value) for value in choices[name]]
        known = {"cols": explorer.column_named, "group": explorer.group_names, "facets": explorer.facet_names}
        for name in known.keys() & self.fields.keys():
            self.fields[name].known = tuple(known[name])
        if "cols" in self.fields:
            self.fields["cols"].also = explorer.has_column

    def clean_query(self) -> str:
        text = self.cleaned_data["query"]
        surface = self.explorer.surface
        try:
            self.tree = surface.parse(text)
            compile_q(self.tree, surface.table, self.actor)  # a value may be no number, a field no range
        except QueryError as problem:
            self.problem = problem
            raise ValidationError(problem.message) from problem
        return text

    def refuse(self, problem: QueryError) -> None:
        """Say of a query that was read that it cannot be answered."""
        self.problem = problem
        self.add_error("query", problem.message)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = self._fixed_window()
        if bool(start) != bool(end):
            raise ValidationError("A fixed window needs both its start and its end.")
        if start and end and start >= end:
            raise ValidationError("The window's start must lie before its end.")
        if start and end and not YEARS[0] <= start.year <= end.year < YEARS[1]:
            raise ValidationError(f"The window must lie between {YEARS[0]} and {YEARS[1]}.")
        return data

    def _fixed_window(self) -> tuple[datetime | None, datetime | None]:
        data = self.cleaned_data
        return data.get("since") or data.get("start"), data.get("until") or data.get("end")

    @property
    def is_spelled_otherwise(self) -> bool:
        """Whether the window is written as people write one, in local times or in words, and not as addresses do."""
        return "since" in self.data or self.data.get("range", "") not in ("", self.cleaned_data.get("range"))

    @property
    def address(self) -> Address:
        data = self.cleaned_data
        start, end = self._fixed_window()
        is_paused = data.get("paused") == "true"
        if (data.get("range") and not is_paused) or not (start and end):
            start = end = None
        return Address(
            query=data.get("query", self["query"].value() or ""),
            range=data.get("range") or self.explorer.usual_range,
            usual=self.explorer.usual_range,
            start=start,
            end=end,
            column=data.get("column") or DEFAULT_COLUMN,
            order=data.get("order") or "desc",
            cols=data.get("cols", ()),
            viz=data.get("viz") or LIST,
            group=data.get("group", ()),
            unique=data.get("unique", ""),
            limit=data.get("limit", DEFAULT_LIMIT),
            by_rule=data.get("agg") == "rule",
            timeline=data.get("timeline") != "off",
            facets=data.get("facets", ()),
            paused=is_paused,
            after=data.get("after", ""),
            view=data.get("view", ""),
        )

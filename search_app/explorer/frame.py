"""The query bar, the time picker and the words around what was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils import timezone

from search_app.explorer.address import PRESETS, Address
from search_app.explorer.forms import ExplorerForm
from search_app.explorer.moves import draw_moves, moments
from search_app.explorer.spans import PATTERN, span_of
from search_app.explorer.spec import Explorer
from search_app.index import Window


class Choice(NamedTuple):
    """A window of time to choose; `current` is whether it is the one that is shown."""

    label: str
    url: str
    current: bool


def frame(explorer: Explorer, form: ExplorerForm, address: Address, window: Window) -> dict[str, Any]:
    """What stands around the results, also when the query is faulty."""
    path, now = explorer.path, timezone.localtime()
    window = Window(timezone.localtime(window.start), timezone.localtime(window.end))
    params = address.to().params()
    timeless = {name: value for name, value in params.items() if name not in {"range", "start", "end", "paused"}}
    params.pop("query", None)
    words = f"the {address.time_label.lower()}" if address.time_label else moments(window, now)
    context: dict[str, Any] = {
        "explorer": explorer,
        "form": form,
        "address": address,
        "path": path,
        "here": f"{path}{address}",
        "window": window,
        "window_words": words,
        "moves": draw_moves(address, path, window, now),
        "span_pattern": PATTERN,
        "zone": timezone.get_current_timezone_name(),
        "hidden_params": list(params.items()),
        "timeless_params": list(timeless.items()),
        "presets": [
            Choice(
                preset.label,
                f"{path}{address.to(range=preset.name, start=None, end=None, paused=False)}",
                not address.start and preset.name == address.range,
            )
            for preset in PRESETS
        ],
    }
    return context | pointed_at(form)


def pointed_at(form: ExplorerForm) -> dict[str, str]:
    """The query in three pieces, of which the middle one is at fault; nothing for a faultless one."""
    if (problem := form.problem) is None:
        return {}
    text = form.address.query
    return {
        "problem_before": text[: problem.start],
        "problem_at": text[problem.start : problem.end],
        "problem_after": text[problem.end :],
    }


def nothing_found(explorer: Explorer, address: Address, seen: int) -> dict[str, Any]:
    """What stands in the place of rows. `seen` is the newest key there is: where there is none, no window and no query
    is to blame, and a newcomer is told how the first row comes to be."""
    if not seen and not address.query:
        return {"empty_title": f"No {explorer.nouns} yet", "empty_words": explorer.first_words, "empty_actions": []}
    return {
        "empty_title": f"No {explorer.nouns} match",
        "empty_words": f"Nothing in this window of time{' meets the query' if address.query else ''}.",
        "empty_actions": list(ways_out(address, explorer.path)),
    }


def ways_out(address: Address, path: str) -> Iterator[dict[str, str]]:
    """What may help when nothing is found."""
    if address.query:
        yield {"label": "Clear the query", "url": f"{path}{address.to(query='')}"}
    widest = PRESETS[-1]
    if address.start or span_of(address.range) < widest.span:
        url = f"{path}{address.to(range=widest.name, start=None, end=None, paused=False)}"
        yield {"label": f"Look at the {widest.label.lower()}", "url": url}

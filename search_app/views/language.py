"""The query bar's suggestions, and the page that explains the language."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from search_app import surfaces
from search_app.suggest import suggest


@require_GET
def suggestions(request: HttpRequest, surface: str) -> HttpResponse:
    """What may stand at the `cursor` of the `text`, as options of a listbox.

    Cursor and places are counted as browsers count them, in UTF-16 units.
    """
    text = request.GET.get("text", "")
    cursor = request.GET.get("cursor", "")
    units = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 6 else len(text) * 2
    found = suggest(surfaces.surface(surface), request.actor, text, characters(text, units))
    options = [(option, utf16_units(text, option.start), utf16_units(text, option.end)) for option in found]
    return render(request, "search_app/suggestions.html", {"options": options})


@require_GET
def language_help(request: HttpRequest, surface: str) -> HttpResponse:
    """The language, and every field of the surface."""
    searched = surfaces.surface(surface)
    by_group = groupby(sorted(searched.table, key=lambda field: field.group), key=lambda field: field.group)
    groups = [(group, list(fields)) for group, fields in by_group]
    return render(request, "search_app/help.html", {"surface": searched, "groups": groups})


def utf16_units(text: str, characters: int) -> int:
    """How many UTF-16 units so many characters of the text are."""
    return len(text[:characters].encode("utf-16-le", "surrogatepass")) // 2


def characters(text: str, units: int) -> int:
    """How many characters of the text so many UTF-16 units are, at most all of them."""
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore"))

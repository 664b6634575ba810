"""How the console writes a case's status, priority and history."""

from __future__ import annotations

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts_app.access import Actor
from cases_app import words
from cases_app.models import Case, Priority, Status
from cases_app.queries.rows import attribute_text
from core_app.models import Entry

register = template.Library()


@register.simple_tag
@cache
def case_status(value: str) -> SafeString:
    """The status as its shape and its word."""
    return format_html('<span class="case-status case-status-{}">{}</span>', value, words.label(Status, value))


@register.simple_tag
@cache
def case_priority(value: str) -> SafeString:
    """The priority as a badge; nothing much for none."""
    if value == Priority.NOT_DEFINED:
        return format_html('<span class="muted">{}</span>', words.label(Priority, value))
    return format_html(
        '<span class="priority priority-{}"><strong>{}</strong> {}</span>',
        value,
        *words.label(Priority, value).split(" ", 1),
    )


@register.filter
def case_sentence(entry: Entry, actor: Actor) -> str:
    """What was done, to follow the name of who did it, as far as this reader may know."""
    return words.sentence(entry, actor)


@register.filter
def case_changes(entry: Entry) -> list[tuple[str, str, str]]:
    """Field, before, after, where the sentence does not tell them."""
    return words.changes(entry)


@register.filter
def case_attribute(case: Case, path: str) -> str:
    """What the case's attributes hold at an `@path`, in one line."""
    return attribute_text(case, path)

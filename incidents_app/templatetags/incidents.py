"""How the console writes severities, states and lengths of time of incidents."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts_app.access import Actor
from core_app.models import Entry
from incidents_app import words
from incidents_app.models import Incident, Severity, State, Todo
from incidents_app.queries.postmortem import span as span_of
from incidents_app.queries.rows import lasted, property_text

register = template.Library()


@register.simple_tag
@cache
def incident_severity(value: str) -> SafeString:
    """The severity as a badge; its meaning is in the title."""
    severity = Severity(value)
    return format_html('<span class="sev sev-{}" title="{}">{}</span>', value, severity.meaning, severity.label)


@register.simple_tag
@cache
def incident_state(value: str) -> SafeString:
    """The state as its shape and its word."""
    state = State(value)
    return format_html('<span class="istate istate-{}" title="{}">{}</span>', value, state.meaning, state.label)


@register.simple_tag
def duration(incident: Incident) -> SafeString | str:
    """How long it lasted, or lasts: the page's script goes on counting where it is not over."""
    took = span_of(lasted(incident))
    if incident.resolved_at:
        return took
    return format_html('<span data-since="{}">{}</span>', incident.detected_at.isoformat(timespec="seconds"), took)


@register.filter
def span(length: timedelta | None) -> str:
    return span_of(length)


@register.filter
def at_path(incident: Incident, path: str) -> str:
    """What the incident's property fields hold at that path."""
    return property_text(incident, path)


@register.filter
def who(todo: Todo) -> str:
    """All who do it: people of ours, then those that another program knows by its own names."""
    return ", ".join([*(user.label for user in todo.assignees.all()), *words.outsiders(todo)])


@register.filter
def told(entry: Entry, actor: Actor) -> str:
    """What happened, to follow the name of who did it, as far as this reader may know."""
    return words.sentence(entry, actor)


@register.filter
def changed(entry: Entry) -> list[tuple[str, str, str]]:
    return words.changed(entry.data)

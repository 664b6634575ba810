"""How the console writes severities, states, people, times and foreign text."""

from __future__ import annotations

import json
from calendar import day_name, month_abbr, month_name
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any

import nh3
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from accounts_app.access import Actor
from accounts_app.models import User
from core_app.models import Entry
from signals_app import words
from signals_app.autolinks import autolinks
from signals_app.brackets import brackets
from signals_app.effort import TooMuchWork, effort
from signals_app.models import Severity, Signal, TriageState
from signals_app.models.signals import ArchiveReason
from signals_app.queries.versions import Version

register = template.Library()

AVATAR_COLOURS = 8
# The calendar's own lists ask the system at every look.
DAYS, MONTHS, SHORT_MONTHS = tuple(day_name), tuple(month_name), tuple(month_abbr)
MOST_JSON = 20_000  # characters of one sample
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").use(brackets).use(autolinks).use(effort)
AS_WRITTEN = "This text has too many marks to be set as Markdown, and stands as it was written."
MARKDOWN_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
AGES = (("d", 86_400), ("h", 3600), ("m", 60))


@register.simple_tag
@cache
def severity(value: int) -> SafeString:
    """The severity as a badge: its word, and a meter that is read without colours."""
    level = Severity(value)
    return format_html(
        '<span class="severity severity-{}"><span class="severity-meter" aria-hidden="true"></span>{}</span>',
        level.slug,
        level.label,
    )


@register.simple_tag
@cache
def state(value: str) -> SafeString:
    """The triage state as its shape and its word."""
    return format_html('<span class="state state-{}">{}</span>', value, TriageState(value).label)


@register.filter
def archive_reason(value: str) -> str:
    return ArchiveReason(value).label if value in ArchiveReason.values else ""


@register.simple_tag
def avatar(user: User) -> SafeString:
    """A person's round badge."""
    return _badge(user.pk % AVATAR_COLOURS, user.label, user.initials)


@lru_cache(maxsize=1000)
def _badge(colour: int, label: str, initials: str) -> SafeString:
    """The same few people stand in all rows."""
    return format_html(
        '<span class="avatar avatar-{}" title="{}" aria-hidden="true">{}</span>', colour, label, initials
    )


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A moment in the person's time zone; the zone and the seconds are in its title."""
    if moment is None:
        return "–"
    return _when(moment.timestamp(), timezone.get_current_timezone(), datetime.now(UTC).year)


@lru_cache(maxsize=10_000)
def _when(seconds: float, zone: tzinfo, year: int) -> SafeString:
    """The same for a reader in that zone and year: people look at the same rows again and again."""
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment.astimezone(zone)
    clock = f"{local.hour:02}:{local.minute:02}"
    day = f"{local.day} {MONTHS[local.month]} {local.year}"
    short = f"{SHORT_MONTHS[local.month]} {local.day}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{DAYS[local.weekday()]}, {day}, {clock}:{local.second:02} {local.tzname()}",
        f"{short}, {clock}:{local.second:02}" if local.year == year else f"{short} {local.year}, {clock}",
    )


@register.filter
def ago(moment: datetime) -> str:
    """How long ago, in one unit: `3h`."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for unit, size in AGES:
        if seconds >= size:
            return f"{int(seconds // size)}{unit} ago"
    return "now"


@register.filter
def lasted(signal: Signal) -> str:
    """From the first to the last detection, in words."""
    return span_words(signal.last_seen - signal.first_seen)


@register.filter
def span_words(span: timedelta) -> str:
    """A length of time in its largest unit: `3 hours`."""
    seconds = int(span.total_seconds())
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= size:
            number = round(seconds / size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "a moment"


@register.filter
def markdown(text: str) -> SafeString:
    """Markdown that people wrote, as HTML without anything that runs; with too many marks, as it was written."""
    try:
        drawn = MARKDOWN.render(text)
    except TooMuchWork:
        return format_html('<p class="muted">{}</p><pre class="as-written">{}</pre>', AS_WRITTEN, text)
    html = nh3.clean(
        drawn,
        tags=MARKDOWN_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(html)  # noqa: S308 - it has just been cleaned


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON, to be escaped by the template as any other text."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False)
    return text if len(text) <= MOST_JSON else f"{text[:MOST_JSON]}\n… cut after {MOST_JSON:,} characters"


@register.filter
def web_address(text: str) -> str:
    """The text if it is an address of the web, else nothing: what a link may be made of."""
    return text if text.lower().startswith(("https://", "http://")) else ""


@register.filter
def sentence(entry: Entry, actor: Actor) -> str:
    return words.sentence(entry, actor)


@register.filter
def edits(version: Version[Any]) -> list[words.Edit]:
    return words.edits(version.row, version.changes)


@register.filter
def comment(entry: Entry) -> str:
    return words.comment(entry)


@register.filter
def event_line(event: Any) -> str:
    return words.event_line(event)

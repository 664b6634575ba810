"""The draft of a postmortem: what the incident knows, as Markdown, for people to finish."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.text import capfirst

from accounts_app.access import Actor
from accounts_app.models import User
from incidents_app.models import Incident, IncidentSignal, Severity, State
from incidents_app.queries.incidents import times_of
from incidents_app.queries.timeline import Item, timeline
from incidents_app.words import moment_words, outsiders

SIGNALS = 100  # listed by name
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&]|:(?=//))")  # what Markdown, or a page that shows it, would act upon


def postmortem(actor: Actor, incident: Incident) -> str:
    """The draft, in Markdown; times in the reader's zone. Empty for whoever may not see the incident."""
    seen = Incident.objects.visible_to(actor).select_related("commander", "type").filter(pk=incident.pk)
    row = seen.prefetch_related("responders", "impacts", "todos__assignees", "attachments").first()
    return "\n".join(_lines(actor, row)) if row else ""


def plain(text: str) -> str:
    """Foreign text as it stands, on one line: attackers write titles, and a title is no place for links or images."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(actor: Actor, incident: Incident) -> Iterator[str]:
    yield f"# Postmortem: #{incident.public_id} {plain(incident.title)}"
    yield ""
    yield f"_A draft, made from the incident on {_moment(timezone.now())}._"
    yield ""
    yield from _facts(incident)
    yield from _section("What happened", incident.summary)
    yield from _section("Customer impact", incident.customer_impact_scope, _impacts(incident))
    yield from _section("Root cause", incident.root_cause)
    yield from _section("Signals", "", _signals(actor, incident))
    yield from _section("Timeline", "", _story(timeline(actor, incident)))
    yield from _section("To do", "", _todos(incident))
    yield from _section("Links", "", _links(incident))
    yield from _section("What we learned", "")


def _facts(incident: Incident) -> Iterator[str]:
    times = times_of(incident)
    yield "| | |"
    yield "| --- | --- |"
    rows = [
        ("Severity", Severity(incident.severity).label),
        ("State", State(incident.state).label),
        ("Commander", _name(incident.commander)),
        ("Responders", ", ".join(plain(user.label) for user in incident.responders.all()) or "–"),
        ("Detection method", plain(capfirst(incident.detection_method)) or "–"),
        ("Detected", _moment(incident.detected_at)),
        ("Stable", _moment(incident.stable_at)),
        ("Resolved", _moment(incident.resolved_at)),
        ("Time to detect", span(times.to_detect)),
        ("Time to stabilise", span(times.to_stabilise)),
        ("Time to resolve", span(times.to_resolve)),
    ]
    for name, value in rows:
        yield f"| {name} | {value} |"
    for name, field in sorted(incident.fields.items()):
        value = field.get("value")
        words = ", ".join(value) if isinstance(value, list) else value or "–"
        yield f"| {plain(capfirst(name))} | {plain(words)} |"


def _section(title: str, text: str, lines: Iterable[str] = ()) -> Iterator[str]:
    """A heading with what people wrote, which is Markdown already, and a list. Says so when there is neither."""
    found = list(lines)
    yield ""
    yield f"## {title}"
    yield ""
    if text:
        yield text
        if found:
            yield ""
    yield from found
    if not text and not found:
        yield "_Nothing is written down yet._"


def _impacts(incident: Incident) -> Iterator[str]:
    for impact in incident.impacts.all():
        until = _moment(impact.end_at) if impact.end_at else "now"
        yield f"- {_moment(impact.start_at)} – {until}: {plain(impact.description)}"


def _signals(actor: Actor, incident: Incident) -> Iterator[str]:
    links = IncidentSignal.objects.visible_to(actor).filter(incident=incident)
    total = links.count()
    titles = links.order_by("pk").values_list("signal__title", "signal__public_id")[:SIGNALS]
    for title, public_id in titles:
        yield f"- {plain(title)} (`{public_id}`)"
    if total > SIGNALS:
        yield f"- and {total - SIGNALS:,} more"


def _story(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        if item.note is None:
            yield f"- **{_moment(item.at)}** {plain(item.who)} {plain(item.sentence)}"
        elif not item.note.deleted_at:
            yield f"- **{_moment(item.at)}** {plain(item.who)} noted:"
            yield ""
            yield from (f"  > {line}".rstrip() for line in item.note.body.splitlines())
            yield ""


def _todos(incident: Incident) -> Iterator[str]:
    for todo in incident.todos.all():
        people = ", ".join(plain(name) for name in (*(user.label for user in todo.assignees.all()), *outsiders(todo)))
        due = f", due {timezone.localtime(todo.due_at):%Y-%m-%d}" if todo.due_at and not todo.completed_at else ""
        yield f"- [{'x' if todo.completed_at else ' '}] {plain(todo.content)}{f' ({people})' if people else ''}{due}"


def _links(incident: Incident) -> Iterator[str]:
    for attachment in incident.attachments.all():
        address = attachment.url.replace("<", "%3C").replace(">", "%3E")
        yield f"- {plain(attachment.title)}: <{address}>"


def _name(user: User | None) -> str:
    return plain(user.label) if user else "–"


def _moment(moment: datetime | None) -> str:
    return moment_words(moment) if moment else "–"


def span(length: timedelta | None) -> str:
    """A length of time in its two largest units: `3 h 20 min`."""
    if length is None:
        return "–"
    rest, parts = int(length.total_seconds()), []
    for size, unit in UNITS:
        number, rest = divmod(rest, size)
        parts += [f"{number} {unit}"] if number else []
    return " ".join(parts[:2]) or "0 s"

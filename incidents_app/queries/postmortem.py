"""The draft of a postmortem: what the incident knows, as Markdown, for people to finish."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import F
from django.utils import timezone
from django.utils.text import capfirst

from accounts_app.access import Actor
from accounts_app.models import User
from incidents_app.models import Incident, IncidentSignal, PostmortemTemplate, Severity, State
from incidents_app.models.managers import READ, SEES_PRIVATE
from incidents_app.queries.declared import properties_of, roles_in
from incidents_app.queries.incidents import times_of
from incidents_app.queries.timeline import Item, timeline
from incidents_app.words import moment_words, outsiders
from signals_app.models.managers import READ as SIGNALS_READ

SIGNALS = 100  # listed by name
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=\S)")
MEANT = {  # other words for what a draft tells
    "incident summary": "overview",
    "summary": "overview",
    "impact": "customer impact",
    "why it happened": "root cause",
    "incident timeline": "timeline",
    "action items": "to do",
    "follow-ups": "to do",
    "remediation": "to do",
    "lessons learned": "what we learned",
}
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&]|:(?=//))")  # what Markdown, or a page that shows it, would act upon


def postmortem(actor: Actor, incident: Incident, template: PostmortemTemplate | None = None) -> str:
    """The draft, in Markdown; times in the reader's zone. Empty for whoever may not see the incident.

    With a template it has that one's headings; what is drafted goes below those that name it and say nothing yet.
    """
    seen = Incident.objects.visible_to(actor).select_related("commander", "type").filter(pk=incident.pk)
    row = seen.prefetch_related("responders", "impacts", "todos__assignees", "attachments").first()
    if row is None:
        return ""
    lines = _lines(actor, row) if template is None else _filled(template.content, _parts(actor, row))
    return "\n".join(lines)


def for_everybody(actor: Actor) -> Actor:
    """Whoever writes a draft that others will read: who sees the incident, and no signals or cases with it.

    A document is for everybody who sees its incident, and some of them see neither.
    """
    permissions = actor.permissions & {READ, SEES_PRIVATE}
    return Actor(actor.kind, actor.id, actor.label, permissions=permissions, user=actor.user, is_narrowed=True)


def templates_for(actor: Actor, incident: Incident) -> list[PostmortemTemplate]:
    """The templates for incidents of its type, the default one first."""
    rows = PostmortemTemplate.objects.visible_to(actor).filter(type=incident.type_id)
    return list(rows.order_by(F("default_since").desc(nulls_last=True), "name", "pk"))


def default_template(actor: Actor, incident: Incident) -> PostmortemTemplate | None:
    """The template that drafts are made by without a choice; None for our own headings."""
    return next((one for one in templates_for(actor, incident) if one.default_since), None)


def plain(text: str) -> str:
    """Foreign text as it stands, on one line: attackers write titles, and a title is no place for links or images."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(actor: Actor, incident: Incident) -> Iterator[str]:
    yield f"# Postmortem: #{incident.public_id} {plain(incident.title)}"
    yield ""
    yield f"_A draft, made from the incident on {_moment(timezone.now())}._"
    yield ""
    parts = _parts(actor, incident)
    yield from parts.pop("overview")
    for title, lines in parts.items():
        yield ""
        yield f"## {capfirst(title)}"
        yield ""
        yield from lines


def _parts(actor: Actor, incident: Incident) -> dict[str, list[str]]:
    """What is drafted, by what it is about, in the order of a draft."""
    return {
        "overview": list(_facts(incident)),
        "what happened": _body(incident.summary),
        "customer impact": _body(incident.customer_impact_scope, _impacts(incident)),
        "root cause": _body(incident.root_cause),
        "signals": _body("", _signals(actor, incident)),
        "timeline": _body("", _story(timeline(actor, incident))),
        "to do": _body("", _todos(incident)),
        "links": _body("", _links(incident)),
        "what we learned": _body(""),
    }


def _filled(content: str, parts: dict[str, list[str]]) -> Iterator[str]:
    """The template with what is drafted below the headings that name it."""
    lines = content.splitlines()
    for place, line in enumerate(lines):
        yield line
        heading = HEADING.match(line)
        name = line[heading.end() :].strip(" \t#:").casefold() if heading else ""
        part = parts.get(MEANT.get(name, name))
        if part and _is_bare(islice(lines, place + 1, None)):
            yield ""
            yield from part
            yield ""


def _is_bare(below: Iterable[str]) -> bool:
    """Whether nothing stands below a heading before the next one."""
    first = next((line for line in below if line.strip()), None)
    return first is None or HEADING.match(first) is not None


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
    for one in (one for group in properties_of(incident)[0].values() for one in group):
        words = _moment(one.value) if isinstance(one.value, datetime) else one.value
        yield f"| {plain(one.label)} | {plain(words or '–')} |"
    for role, people in roles_in(incident):
        yield f"| {plain(role.name)} | {', '.join(plain(user.label) for user in people) or '–'} |"


def _body(text: str, lines: Iterable[str] = ()) -> list[str]:
    """What people wrote, which is Markdown already, and a list. Says so when there is neither."""
    found = list(lines)
    if text and found:
        return [text, "", *found]
    return [text] if text else found or ["_Nothing is written down yet._"]


def _impacts(incident: Incident) -> Iterator[str]:
    for impact in incident.impacts.all():
        until = _moment(impact.end_at) if impact.end_at else "now"
        yield f"- {_moment(impact.start_at)} – {until}: {plain(impact.description)}"


def _signals(actor: Actor, incident: Incident) -> Iterator[str]:
    if not actor.can(SIGNALS_READ):
        yield "_They stand on the incident's page, for whoever may see signals._"
        return
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
        if attachment.is_here:
            yield f"- {plain(attachment.title)}"
            continue
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

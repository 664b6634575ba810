"""What the ledger and the samples say of a signal, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts_app.access import Actor
from accounts_app.permissions import RULES_READ
from core_app.models import Entry
from signals_app.models import Severity, Signal, TriageState
from signals_app.models.signals import ArchiveReason
from signals_app.queries.activity import EDITED
from signals_app.suppressing import TYPES

NAMED = 6  # entities that a sentence names
METHODS = ("method", "transaction.request.method")
TARGETS = ("uri", "transaction.request.uri", "path", "title")
ANSWERS = ("status", "transaction.response.http_code")

TYPE_WORDS = {slug: words for words, slug in TYPES.items()}  # of rules
SPANS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
LABELS = {"targets": "who is told", "exclusions": "but not", "quiet": "at most once in"}  # where a page has others

_told: dict[str, Callable[[Entry], str]] = {}


def tell(verb: str, words: Callable[[Entry], str]) -> None:
    """Say, for a floor above, how an entry of its own about a signal reads. Whoever sees the signal reads it."""
    _told[verb] = words


def sentence(entry: Entry, actor: Actor) -> str:
    """What was done, to follow the name of who did it: “moved it from Open to Under Review”.

    Names no critical asset that the reader may not see.
    """
    data = entry.data
    match entry.verb:
        case "signals.created":
            return "; ".join(["detected it", *_weighed(data, actor)])
        case "signals.correlated":
            return ", ".join(_growth(data, actor)) or "saw more of it"
        case "signals.state_changed":
            before, after = data["state"]
            moved = "put it back" if data.get("undone") else "moved it"
            words = f"{moved} from {_label(TriageState, before)} to {_label(TriageState, after)}"
            if data.get("exempt"):
                words += " (an undo within its hour is exempt from the rules of moves)"
            return f"{words}: {_label(ArchiveReason, data['reason'])}" if data.get("reason") else words
        case "signals.reason_set":
            return f"gave another reason or comment for archiving it: {_label(ArchiveReason, data['reason'])}"
        case "signals.assigned":
            return f"assigned it to {_people(data['assignees'][1])}"
        case "signals.unassigned":
            return f"removed all assignments (it was with {_people(data['assignees'][0])})"
        case "signals.team_set":
            before, after = data["team"]
            return f"routed it to the team {after}" if after else f"took it from the team {before}"
        case "signals.exported":
            return f"took {data['rows']} signals away as {data['format'].upper()}"
        case verb if verb in EDITED:
            fields = _in_order(apps.get_model(entry.target_type), data)
            return f"changed {', '.join(f'“{_label_of(field)}”' for field in fields)}"
    told = _told.get(entry.verb)
    return told(entry) if told else entry.verb.rpartition(".")[2].replace("_", " ")


def comment(entry: Entry) -> str:
    """What the person wrote with it; often empty."""
    return str(entry.data.get("comment") or "")


def story(signal: Signal, attackers: int, users: int) -> str:
    """What happened, for a signal that came without words of its own: who, against what, how often."""
    who = f"{attackers} {'address' if attackers == 1 else 'addresses'}" if attackers else "Somebody unknown"
    where = f" on {signal.service.name}" if signal.service else ""
    env = f" ({signal.env})" if signal.env else ""
    whom = f", with {users} {'user' if users == 1 else 'users'} involved" if users else ""
    times = f"{signal.count} {'time' if signal.count == 1 else 'times'}"
    return f"{who} set off “{signal.rule.name}” {times}{where}{env}{whom}."


def event_line(event: Any) -> str:
    """A raw event in one line, `GET /path?x=1 → 404`, as far as it has such parts."""
    method, target, answer = (_first(event, names) for names in (METHODS, TARGETS, ANSWERS))
    asked = " ".join(filter(None, (method, target)))
    return f"{asked} → {answer}" if asked and answer else asked


class Words(NamedTuple):
    """A value as people read it; a query is set as one."""

    text: str
    is_query: bool


@dataclass(frozen=True)
class Edit:
    """What an edit made of one field."""

    label: str
    before: Words
    after: Words


def edits(row: models.Model, changes: Mapping[str, list[Any]]) -> list[Edit]:
    """The changes of a setting that the ledger has, in the words of its page."""
    return [_edit(field, *changes[field.name]) for field in _in_order(type(row), changes)]


def _in_order(model: type[models.Model], changes: Mapping[str, Any]) -> list[models.Field[Any, Any]]:
    """The fields that have changed, in the order of the model: PostgreSQL keeps JSON in an order of its own."""
    return [field for field in model._meta.fields if field.name in changes]


def _edit(field: models.Field[Any, Any], before: Any, after: Any) -> Edit:
    is_query = field.name.endswith("query")
    return Edit(_label_of(field), *(Words(_value(field, value), is_query and bool(value)) for value in (before, after)))


def _label_of(field: models.Field[Any, Any]) -> str:
    label = LABELS.get(field.name) or str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _value(field: models.Field[Any, Any], value: Any) -> str:
    choices = dict(field.flatchoices)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(_one(field.name, one) for one in value)
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
    if isinstance(field, models.DurationField) or field.name == "quiet":
        return _span(int(value))
    return str(choices.get(value, value))


def _span(seconds: int) -> str:
    """Seconds in the largest unit that they are a whole number of."""
    unit, size = next((unit, size) for unit, size in SPANS if size == 1 or (seconds and seconds % size == 0))
    number = seconds // size
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _one(name: str, value: Any) -> str:
    match name:
        case "exclusions":
            return f"{value['name']}: {value['query']}"
        case "rule_types":
            return TYPE_WORDS.get(value, value)
        case "severities":
            return _severity(value)
    return str(value)


def _growth(data: dict[str, Any], actor: Actor) -> Iterator[str]:
    if severity := data.get("severity"):
        before, after = (_severity(value) for value in severity)
        yield f"raised its severity from {before} to {after}{_share(data, actor)}"
    for name, words in (("attackers", "attacker"), ("victims", "user")):
        if grown := data.get(name):
            yield f"found {_more(grown, words)}"
    if data.get("reopened"):
        yield "saw it begin again"
    if title := data.get("title"):
        yield f"renamed it to “{title[1]}”"


def _share(data: dict[str, Any], actor: Actor) -> str:
    """What a critical asset has to do with a running signal's rise: all of it, some of it, or the contrary."""
    if not (weighed := data.get("weighed")):
        return ""
    without = weighed["severity"][0]
    if Severity[without.upper()] <= Severity[data["severity"][0].upper()]:
        return f" because of {_asset(weighed, actor)}"
    return f" ({_severity(without)} without {_asset(weighed, actor)})"


def _weighed(data: dict[str, Any], actor: Actor) -> Iterator[str]:
    """What a critical asset made of the severity that the signal would have begun with."""
    if weighed := data.get("weighed"):
        before, after = weighed["severity"]
        deed = "raised" if Severity[after.upper()] > Severity[before.upper()] else "lowered"
        names = f"from {_severity(before)} to {_severity(after)} by {_asset(weighed, actor)}"
        yield f"its severity was {deed} {names}"


def _asset(weighed: dict[str, Any], actor: Actor) -> str:
    return f"the critical asset “{weighed['asset']}”" if actor.can(RULES_READ) else "a critical asset"


def _more(grown: dict[str, Any], word: str) -> str:
    names, count = grown["joined"][:NAMED], grown["count"]
    beyond = f" and {count - len(names)} others" if count > len(names) else ""
    return f"{count} more {word}{'' if count == 1 else 's'} ({', '.join(names)}{beyond})"


def _severity(slug: str) -> str:
    return Severity[slug.upper()].label if slug.upper() in Severity.names else slug


def _label(choices: Any, value: str) -> str:
    return choices(value).label if value in choices.values else value


def _people(people: list[dict[str, str]]) -> str:
    return ", ".join(person["name"] for person in people) or "nobody"


def _first(event: Any, names: tuple[str, ...]) -> str:
    for name in names:
        found = event
        for key in name.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str | int) and found != "":
            return str(found)
    return ""

"""Declaring an incident, changing what is so about it, and taking it away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import held, locked
from core_app.errors import Conflict, DomainError, Invalid, NotFound, check_version
from core_app.ledger import record, record_each
from core_app.outcome import Outcome
from incidents_app.actions import checking
from incidents_app.actions import values as declared_values
from incidents_app.actions.handles import kept_handles, preset, told_by
from incidents_app.actions.overrides import forget_overrides
from incidents_app.actions.signals import LINK, put_in
from incidents_app.models import Incident, IncidentTag, IncidentType, Responder, RoleHolder
from incidents_app.models.managers import READ, SEES_PRIVATE, WRITE

# A column → the verb of the entry that tells of its change; what is not listed is told of together, as `edited`.
TOLD_APART = {
    "state": "incidents.state_changed",
    "severity": "incidents.severity_changed",
    "commander": "incidents.commander_changed",
    "responders": "incidents.responders_changed",
    "is_private": "incidents.privacy_changed",
}
COLUMNS = (
    "title",
    "severity",
    "state",
    "type",
    "commander",
    "customer_impacted",
    "customer_impact_scope",
    "summary",
    "root_cause",
    "detection_method",
    "is_private",
    "is_test",
    "detected_at",
    "stable_at",
    "resolved_at",
)
FIELDS = frozenset({*COLUMNS, "responders", "fields", "tags"})


@transaction.atomic
def declare(
    *,
    actor: Actor,
    title: str,
    severity: str = "UNKNOWN",
    state: str = "active",
    commander: User | None = None,
    responders: Iterable[User] = (),
    customer_impacted: bool = False,
    customer_impact_scope: str = "",
    summary: str = "",
    detection_method: str = "unknown",
    fields: Mapping[str, Any] | None = None,
    tags: Iterable[str] = (),
    is_private: bool = False,
    is_test: bool = False,
    type: IncidentType | None = None,
    detected_at: datetime | None = None,
    declared_at: datetime | None = None,
    signals: Mapping[int, int | None] | None = None,
    on_timeline: bool = True,
    handles: Iterable[str] = (),
    token: UUID | None = None,
) -> Incident:
    """Say that there is an emergency, and which signals it is about.

    `declared_at` is for what was declared before and somewhere else; now without it.
    `signals` maps a signal's pk to the version looked at; one that cannot be added refuses the whole.
    `handles` name who is told of it besides; one of the organisation's own gives it severity, type and commander.
    Whoever sends the same `token` again gets the incident that was made the first time.
    Raises NotAllowed, Invalid, Conflict for a token that made another's, or what `add_signals` refuses a signal with.
    """
    require(actor, WRITE)
    require(actor, READ)  # or it would be made and then not be there
    if signals:
        require(actor, LINK)
    told = kept_handles(handles)
    like = preset(told, severity=severity, type=type, commander=commander) if told else {}
    severity, type = like.get("severity", severity), like.get("type", type)
    commander = like.get("commander", commander)
    given = {
        "title": title,
        "severity": severity,
        "state": state,
        "commander": commander,
        "customer_impacted": customer_impacted,
        "customer_impact_scope": customer_impact_scope,
        "summary": summary,
        "detection_method": detection_method,
        "is_private": is_private,
        "is_test": is_test,
        "detected_at": detected_at or timezone.now(),
    }
    kept = {name: checking.cleaned(name, value) for name, value in given.items()}
    everybody = checking.people(responders, "responders")
    texts = checking.tags(tags)
    # The lock that makes numbers follow one another: whoever declares at the same time waits here.
    first = IncidentType.objects.select_for_update().get(is_default=True)
    if token and (made := _made_with(actor, token)):
        return made
    of_type = held(type, "type") if type else first
    declared = declared_values.declared_for(of_type)
    newest = Incident.objects.aggregate(newest=Max("public_id"))["newest"] or 0
    incident = Incident(
        public_id=newest + 1,
        type=of_type,
        created_by=actor.user,
        modified_by=actor.user,
        fields=declared_values.properties(fields or {}, {}, declared),
        declared_at=checking.past(declared_at or timezone.now(), "declared_at"),
        **kept,
    )
    declared_values.columns_said(declared, incident)
    declared_values.with_defaults(incident, declared)
    incident.token = token or incident.token
    incident.search_text = search_text(incident)
    checking.keep_time(incident, {})
    incident.save()
    Responder.objects.bulk_create(Responder(incident=incident, user=user) for user in everybody)
    IncidentTag.objects.bulk_create(IncidentTag(incident=incident, text=text) for text in texts)
    record(
        actor,
        "incidents.declared",
        incident,
        title=incident.title,
        severity=incident.severity,
        state=incident.state,
        commander=checking.plain(commander),
        responders=checking.named(everybody),
        is_private=is_private,
        is_test=is_test,
        number=incident.public_id,
    )
    if told:
        record(actor, "incidents.told", incident, **told_by(told))
    for problem in put_in(actor, incident, signals or {}, on_timeline=on_timeline).refused.values():
        raise problem
    return incident


def _made_with(actor: Actor, token: UUID) -> Incident | None:
    """The incident that this person has made with this token. Raises Conflict for one of another, or deleted."""
    made = Incident.objects.filter(token=token).first()
    if made is not None and (actor.user is None or made.created_by_id != actor.user.pk or made.deleted_at):
        raise Conflict("This form has been sent before. Open a new one.")
    return made


@transaction.atomic
def edit_incidents(
    *, actor: Actor, seen: Mapping[int, int | None], operation: UUID | None = None, **fields: Any
) -> Outcome[Incident]:
    """Give incidents new values (of FIELDS); `seen` maps each one's pk to the version looked at.

    `responders` and `tags` are the whole new list; `fields` are put in by name, and None takes one away.
    With a new state the moments `stable_at` and `resolved_at` follow, unless they are given.
    Raises NotAllowed, or Invalid for values that none could have; refuses single rows with StaleVersion, NotFound,
    Invalid, or Conflict when its privacy would shut the actor out.
    """
    require(actor, WRITE)
    for name in fields.keys() - FIELDS:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)
    if "type" in fields:
        if not isinstance(fields["type"], IncidentType):
            raise Invalid("An incident has a type.", field="type")
        fields["type"] = held(fields["type"], "type")
    outcome: Outcome[Incident] = Outcome()
    rows = Incident.objects.visible_to(actor).filter(pk__in=list(seen)).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows.prefetch_related("commander", "type", "responders", "tags")}
    told = []
    for pk, version in sorted(seen.items()):
        row = found.get(pk)
        if row is None:
            outcome.refused[pk] = NotFound("There is no such incident, or it is not yours to see.")
            continue
        try:
            check_version(row, version)
            changes = _apply(actor, row, fields)
        except DomainError as problem:
            outcome.refused[pk] = problem
            continue
        if not changes:
            outcome.unchanged.append(row)
            continue
        row.version += 1
        row.modified_by = actor.user
        row.search_text = search_text(row)
        row.save()
        outcome.changed.append(row)
        told += [(verb, row, data | {"version": row.version}) for verb, data in _apart(changes)]
    for verb in dict.fromkeys(verb for verb, _, _ in told):
        record_each(actor, verb, [(row, data) for of, row, data in told if of == verb], operation=operation)
    return outcome


def _apply(actor: Actor, row: Incident, given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values on a locked row and its lists. Returns what changed, as the ledger keeps it."""
    before = {name: getattr(row, name) for name in COLUMNS}
    kept = {name: checking.cleaned(name, value) for name, value in given.items() if _is_new(name, value, before)}
    answering = list(row.responders.all())
    wanted = answering
    if "responders" in given:
        wanted = checking.people(given["responders"], "responders", already=answering)
    texts = sorted(tag.text for tag in row.tags.all())  # in our order: a database has another
    wanted_texts = checking.tags(given["tags"]) if "tags" in given else texts
    declared = _declared(row, kept, given)
    properties = row.fields
    if "type" in kept:
        properties = declared_values.still_fits(declared, properties, besides=given.get("fields") or ())
    if "fields" in given:
        properties = declared_values.properties(given["fields"], properties, declared)
    declared_values.columns_fit(declared, kept)
    for name, value in kept.items():
        setattr(row, name, value)
    if given.keys() & {"state", "detected_at", "stable_at", "resolved_at"}:
        checking.keep_time(row, given)
    if kept.get("is_private"):
        _stays_in_sight(actor, row, wanted)

    changes = {
        name: [checking.plain(old), checking.plain(getattr(row, name))]
        for name, old in before.items()
        if getattr(row, name) != old
    }
    if set(wanted) != set(answering):
        _set_responders(row, wanted)
        changes["responders"] = [checking.named(answering), checking.named(wanted)]
    if wanted_texts != texts:
        row.tags.all().delete()
        IncidentTag.objects.bulk_create(IncidentTag(incident=row, text=text) for text in wanted_texts)
        changes["tags"] = [texts, wanted_texts]
    if properties != row.fields:
        changes["fields"] = [row.fields, properties]
        row.fields = properties
    forget_overrides(row, set(changes))
    if "type" in kept:  # its roles are those of another type now
        RoleHolder.objects.filter(responder__incident=row).exclude(role__type=row.type).delete()
    return changes


def _declared(row: Incident, kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The declared fields that a change has to keep to; asked for only where it touches what may be declared."""
    touched = given.keys() & {"fields", "type", *declared_values.COLUMNS}
    return declared_values.declared_for(kept.get("type", row.type)) if touched else {}


def _is_new(name: str, value: Any, before: Mapping[str, Any]) -> bool:
    """Whether a column gets another value: what stays as it is need not be what one could choose now."""
    return name in before and before[name] != value


def _set_responders(row: Incident, wanted: list[User]) -> None:
    links = Responder.objects.filter(incident=row)
    links.exclude(user__in=wanted).delete()
    there = set(links.values_list("user", flat=True))
    Responder.objects.bulk_create(Responder(incident=row, user=user) for user in wanted if user.pk not in there)


def _stays_in_sight(actor: Actor, row: Incident, responders: list[User]) -> None:
    """Refuse a privacy that would take the incident away from whoever asks for it."""
    inside = {row.commander_id, row.created_by_id, *(user.pk for user in responders)}
    if not actor.can(SEES_PRIVATE) and (actor.user is None or actor.user.pk not in inside):
        raise Conflict("You would no longer see it: put yourself among its responders first.", field="is_private")


def _apart(changes: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    """The entries that tell of these changes: state and its moments in one, the ordinary columns in another."""
    moments = {name: changes[name] for name in ("stable_at", "resolved_at") if name in changes and "state" in changes}
    for name, verb in TOLD_APART.items():
        if name in changes:
            yield verb, {name: changes[name], **(moments if name == "state" else {})}
    rest = {name: pair for name, pair in changes.items() if name not in TOLD_APART and name not in moments}
    if rest:
        yield "incidents.edited", rest


@transaction.atomic
def delete_incident(*, actor: Actor, incident: Incident, seen_version: int | None = None) -> None:
    """Take an incident out of sight, for everybody; its number is not given again. The ledger keeps what it was.

    Raises NotAllowed, NotFound or StaleVersion.
    """
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    check_version(row, seen_version)
    row.deleted_at = timezone.now()
    row.version += 1
    row.modified_by = actor.user
    row.save()
    record(actor, "incidents.deleted", row, title=row.title, number=row.public_id, version=row.version)


def search_text(incident: Incident) -> str:
    """What free words meet: the number, and the title without regard to case."""
    return f"#{incident.public_id} {incident.title}".casefold()

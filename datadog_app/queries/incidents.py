"""Incidents as the API tells them: found, and read with their parts in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from accounts_app.access import Actor
from accounts_app.models import User
from core_app.errors import NotFound
from incidents_app.models import (
    Attachment,
    GlobalSettings,
    Impact,
    ImpactField,
    Incident,
    IncidentConfiguration,
    IncidentHandle,
    IncidentType,
    Integration,
    NotificationRule,
    NotificationTemplate,
    PostmortemTemplate,
    Responder,
    Severity,
    State,
    TimestampOverride,
    Todo,
    UserDefinedField,
    UserDefinedRole,
)

ATTACHMENTS = Attachment.objects.select_related("created_by")
RESPONDERS = Responder.objects.select_related("user")
DECLARED = "type__userdefinedfields"
PARTS = (Prefetch("responder_links", RESPONDERS), Prefetch("attachments", ATTACHMENTS), "impacts", DECLARED)


def whole(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """With everything that is told of an incident."""
    people = ("commander", "created_by", "modified_by")
    return incidents.select_related("type", *people).prefetch_related(*PARTS)


def incident_with(actor: Actor, uuid: UUID) -> Incident:
    """The incident, for an action. Raises NotFound."""
    found = Incident.objects.visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound(f"incident {uuid} not found")
    return found


def whole_incident(actor: Actor, pk: int) -> Incident:
    """The incident as it is now, with everything. Raises NotFound."""
    found = whole(Incident.objects.visible_to(actor)).filter(pk=pk).first()
    if found is None:
        raise NotFound("incident not found")
    return found


def as_put(actor: Actor, edited: Incident) -> Incident:
    """An incident as the actor has just put it, with everything, inside of the edit's transaction.

    Told also to whom the edit itself has shut out, a commander who hands a private incident over: they knew all of it
    a moment ago, and what is new in it they have written. A 404 would say that nothing was done.
    """
    found = whole(Incident.objects.visible_to(actor)).filter(pk=edited.pk).first()
    if found is None:
        edited.refresh_from_db()
        prefetch_related_objects([edited], *PARTS)
    return found or edited


def type_with(actor: Actor, uuid: UUID) -> IncidentType:
    """The kind of incident. Raises NotFound."""
    found = IncidentType.objects.visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("incident type not found")
    return found


def usual_type(actor: Actor) -> IncidentType:
    """The kind of incident for whoever names none. Raises NotFound."""
    found = IncidentType.objects.visible_to(actor).filter(is_default=True).first()
    if found is None:
        raise NotFound("incident type not found")
    return found


def person_with(actor: Actor, uuid: UUID) -> User:
    """The person. Raises NotFound."""
    found = User.objects.visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("user not found")
    return found


def people_called(actor: Actor, handles: Iterable[str]) -> dict[str, User]:
    """The people whose handle this is, with an @ before it or without: their e-mail address."""
    addresses = {handle: handle.removeprefix("@").lower() for handle in handles}
    found = User.objects.visible_to(actor).filter(email__in=set(addresses.values()))
    people = {user.email: user for user in found}
    return {handle: people[address] for handle, address in addresses.items() if address in people}


def todos_of(actor: Actor, incident: Incident) -> QuerySet[Todo]:
    todos = Todo.objects.visible_to(actor).filter(incident=incident)
    return todos.select_related("incident", "created_by").prefetch_related("assignees")


def impacts_of(actor: Actor, incident: Incident) -> QuerySet[Impact]:
    return Impact.objects.visible_to(actor).filter(incident=incident).select_related("incident", "created_by")


def attachments_of(actor: Actor, incident: Incident) -> QuerySet[Attachment]:
    return Attachment.objects.visible_to(actor).filter(incident=incident).select_related("incident", "created_by")


def responders_of(actor: Actor, incident: Incident) -> QuerySet[Responder]:
    rows = Responder.objects.visible_to(actor).filter(incident=incident)
    return rows.select_related("user").prefetch_related("role_links")


def integrations_of(actor: Actor, incident: Incident) -> QuerySet[Integration]:
    return Integration.objects.visible_to(actor).filter(incident=incident).select_related("incident", "created_by")


def overrides_of(actor: Actor, incident: Incident) -> QuerySet[TimestampOverride]:
    rows = TimestampOverride.objects.visible_to(actor).filter(incident=incident)
    return rows.select_related("incident", "created_by", "modified_by")


def handles_of(actor: Actor) -> QuerySet[IncidentHandle]:
    return IncidentHandle.objects.visible_to(actor).select_related("type", "commander", "created_by", "modified_by")


def global_settings(actor: Actor) -> GlobalSettings:
    """What is settled for all incidents; where nothing is, what is so at first, since there are incidents."""
    found = GlobalSettings.objects.visible_to(actor).first()
    return found or GlobalSettings(uuid=UUID(int=0), created_at=usual_type(actor).created_at)


def configurations_of(actor: Actor, incident: Incident) -> QuerySet[IncidentConfiguration]:
    rows = IncidentConfiguration.objects.visible_to(actor).filter(incident=incident)
    return rows.select_related("incident", "created_by", "modified_by")


def templates_of(actor: Actor) -> QuerySet[NotificationTemplate]:
    return NotificationTemplate.objects.visible_to(actor).select_related("type", "created_by", "modified_by")


def postmortem_templates_of(actor: Actor) -> QuerySet[PostmortemTemplate]:
    return PostmortemTemplate.objects.visible_to(actor).select_related("type", "modified_by")


def user_defined_fields_of(actor: Actor) -> QuerySet[UserDefinedField]:
    return UserDefinedField.objects.visible_to(actor).select_related("type", "created_by", "modified_by")


def impact_fields_of(actor: Actor) -> QuerySet[ImpactField]:
    return ImpactField.objects.visible_to(actor).select_related("type", "created_by", "modified_by")


def user_defined_roles_of(actor: Actor) -> QuerySet[UserDefinedRole]:
    return UserDefinedRole.objects.visible_to(actor).select_related("type", "created_by", "modified_by")


def rules_of(actor: Actor) -> QuerySet[NotificationRule]:
    people = ("created_by", "modified_by", "template__created_by", "template__modified_by")
    return NotificationRule.objects.visible_to(actor).select_related("type", "template__type", *people)


# --- counted for a search ---------------------------------------------------------------------

FLAGS = {"false": False, "true": True}
VISIBILITY = {"organization": False, "private": True}
CHOICES: dict[str, tuple[str, dict[str, Any]]] = {
    "severity": ("severity", {value: value for value in Severity.values}),
    "state": ("state", {value: value for value in State.values}),
    "customer_impacted": ("customer_impacted", FLAGS),
    "visibility": ("is_private", VISIBILITY),
    "is_test": ("is_test", FLAGS),
}
PEOPLE = {
    "commander": "commander",
    "created_by": "created_by",
    "declared_by": "created_by",
    "last_modified_by": "modified_by",
    "responder": "responder_links__user",
}
MOST_PEOPLE = 100  # of one facet


def facets_of(found: QuerySet[Incident]) -> dict[str, list[dict[str, Any]]]:
    """How many of the incidents have which values; of a choice also the values that none has."""
    incidents = Incident.objects.filter(pk__in=found.values("pk")).order_by()
    facets = {name: _choices(incidents, *choice) for name, choice in CHOICES.items()}
    total = sum(one["count"] for one in facets["state"])
    felt = incidents.filter(pk__in=Impact.objects.values("incident")).count()
    written = incidents.filter(pk__in=Attachment.objects.filter(kind="postmortem").values("incident")).count()
    facets["impact"] = _there_or_not("customer", felt, total)
    facets["postmortem"] = _there_or_not("postmortem", written, total)
    facets |= {name: _people(incidents, path) for name, path in PEOPLE.items()}
    facets["incident_type"] = _values(incidents, "type__name")
    facets["fields"] = [{"name": "detection_method", "facets": _values(incidents, "detection_method")}]
    return facets | _times(incidents)


def _values(incidents: QuerySet[Incident], path: str) -> list[dict[str, Any]]:
    counted = incidents.values_list(path).annotate(count=Count("pk", distinct=True)).order_by("-count", path)
    return [{"name": name, "count": count} for name, count in counted[:MOST_PEOPLE] if name]


def _choices(incidents: QuerySet[Incident], path: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    counts = dict(incidents.values_list(path).annotate(count=Count("pk")))
    return [{"name": name, "count": counts.get(value, 0)} for name, value in values.items()]


def _there_or_not(name: str, there: int, total: int) -> list[dict[str, Any]]:
    return [{"name": "none", "count": total - there}, {"name": name, "count": there}]


def _people(incidents: QuerySet[Incident], path: str) -> list[dict[str, Any]]:
    columns = [f"{path}__{name}" for name in ("uuid", "email", "name")]
    counted = incidents.exclude(**{path: None}).values_list(*columns).annotate(count=Count("pk", distinct=True))
    return [
        {"count": count, "uuid": str(uuid), "handle": email, "email": email, "name": name or email}
        for uuid, email, name, count in counted.order_by("-count", f"{path}__email")[:MOST_PEOPLE]
    ]


def _times(incidents: QuerySet[Incident]) -> dict[str, list[dict[str, Any]]]:
    """The shortest and the longest of each time, in seconds; null where nothing has come to pass."""
    impacts = Impact.objects.filter(incident=OuterRef("pk")).order_by().values("incident")
    begun = Subquery(impacts.annotate(at=Min("start_at")).values("at"))
    ended = Subquery(impacts.annotate(at=Max("end_at")).values("at"))
    rows = incidents.annotate(begun=begun, ended=ended)
    spans = {
        "time_to_detect": F("detected_at") - F("begun"),
        "time_to_repair": F("ended") - F("detected_at"),
        "time_to_resolve": F("resolved_at") - F("declared_at"),
    }
    asked = {}
    for name, span in spans.items():
        length = ExpressionWrapper(span, output_field=DurationField())
        asked |= {f"{name}_min": Min(length), f"{name}_max": Max(length)}
    answer = rows.aggregate(**asked)
    return {
        name: [{"name": name, "aggregates": {end: _seconds(answer[f"{name}_{end}"]) for end in ("min", "max")}}]
        for name in spans
    }


def _seconds(length: Any) -> float | None:
    return max(length.total_seconds(), 0.0) if length is not None else None

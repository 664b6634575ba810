"""What can be asked of incidents, the surface that asks it, and what signals can be asked about theirs."""

from __future__ import annotations

from django.db.models import Case, CharField, F, IntegerField, Value, When
from django.db.models.functions import Coalesce

from incidents_app.models import Incident, IncidentSignal, IncidentTag, Responder, Severity, State
from search_app.attributes import Attribute
from search_app.bulk.given import operation_field
from search_app.fields import Column, Field, FieldTable, Many
from search_app.kinds import Choice, Date, Email, Keyword, Number, Uuid
from search_app.surfaces import Order, Surface
from signals_app.fields import TRIAGE

STATE_OF_IT, PEOPLE, ABOUT, TIME = "State", "People", "What it is about", "When"

RANKED = tuple(reversed(Severity))  # the least first
SEVERITY = Choice(tuple((one.value, one.value, one.label) for one in RANKED), is_ordered=True)
STATE = Choice(tuple((one.value, one.value, one.label) for one in State))
YES_OR_NO = Choice((("false", False, "No"), ("true", True, "Yes")), is_text=False)
TEXT = Keyword()

RESPONDERS = Many(lambda actor: Responder.objects.visible_to(actor), link="incident")
TAGS = Many(lambda actor: IncidentTag.objects.visible_to(actor), link="incident")
SIGNALS = Many(lambda actor: IncidentSignal.objects.visible_to(actor), link="incident")


def _person(path: str) -> tuple[Column, ...]:
    return (Column(f"{path}__email", Email()), Column(f"{path}__name", TEXT), Column(f"{path}__uuid", Uuid()))


INCIDENT_FIELDS = FieldTable(
    Field(
        "state",
        "State",
        (Column("state", STATE),),
        aliases=("status",),
        group=STATE_OF_IT,
        is_facet=True,
        help="Where it stands: active, stable or resolved.",
    ),
    Field(
        "severity",
        "Severity",
        (Column("severity", SEVERITY),),
        group=STATE_OF_IT,
        is_facet=True,
        help="How bad it is, SEV-1 the worst: severity:>=SEV-2 finds SEV-2 and SEV-1.",
    ),
    Field(
        "customer_impacted",
        "Customer impact",
        (Column("customer_impacted", YES_OR_NO),),
        group=STATE_OF_IT,
        is_facet=True,
        help="Whether customers feel it: true or false.",
    ),
    Field(
        "commander",
        "Commander",
        _person("commander"),
        group=PEOPLE,
        is_facet=True,
        is_person=True,
        label_path="commander__name",
        help="Who leads, by e-mail address, name or UUID; me is you, none is nobody.",
    ),
    Field(
        "responder",
        "Responder",
        _person("user"),
        aliases=("responders",),
        group=PEOPLE,
        many=RESPONDERS,
        is_facet=True,
        is_person=True,
        label_path="user__name",
        help="Who works on it, by e-mail address, name or UUID; me is you, none is nobody.",
    ),
    Field(
        "created_by",
        "Declared by",
        _person("created_by"),
        aliases=("declared_by",),
        group=PEOPLE,
        is_person=True,
        label_path="created_by__name",
        help="Who declared it.",
    ),
    Field(
        "detection_method",
        "Detection method",
        (Column("detection_method", TEXT),),
        group=ABOUT,
        is_facet=True,
        help="How it came to light: customer, employee, monitor, other or unknown.",
    ),
    Field(
        "type",
        "Type",
        (Column("type__name", TEXT), Column("type__uuid", Uuid())),
        aliases=("incident_type",),
        group=ABOUT,
        is_facet=True,
        label_path="type__name",
        help="The kind of incident, by name or UUID.",
    ),
    Field(
        "private",
        "Private",
        (Column("is_private", YES_OR_NO),),
        group=ABOUT,
        is_facet=True,
        help="Whether only those in it and administrators see it: true or false.",
    ),
    Field(
        "test",
        "Rehearsal",
        (Column("is_test", YES_OR_NO),),
        aliases=("is_test",),
        group=ABOUT,
        is_facet=True,
        help="Whether it is a rehearsal: true or false.",
    ),
    Field(
        "service",
        "Service",
        (Attribute("fields", ("services", "value")),),
        aliases=("services",),
        group=ABOUT,
        help="The services that it is about, from its field “services”.",
    ),
    Field(
        "team",
        "Team",
        (Attribute("fields", ("teams", "value")),),
        aliases=("teams",),
        group=ABOUT,
        help="The teams that it is about, from its field “teams”.",
    ),
    Field("tags", "Tags", (Column("text", TEXT),), aliases=("tag",), group=ABOUT, many=TAGS, help="A whole tag."),
    Field(
        "signal",
        "Signal",
        (Column("signal__public_id", TEXT),),
        group=ABOUT,
        many=SIGNALS,
        help="A signal that it is about, by its public id.",
    ),
    Field("id", "Number", (Column("public_id", Number()),), group=ABOUT, help="Its number, as in #12."),
    Field(
        "title",
        "Title",
        (Column("title", TEXT),),
        group=ABOUT,
        is_prose=True,
        help="The whole title. A word without a field finds a part of it, or its number.",
    ),
    Field(
        "summary",
        "What happened",
        (Column("summary", TEXT),),
        group=ABOUT,
        is_prose=True,
        help="Wildcards find a part.",
    ),
    Field(
        "created",
        "Declared",
        (Column("declared_at", Date()),),
        aliases=("declared",),
        group=TIME,
        help="When it was declared.",
    ),
    Field("detected", "Detected", (Column("detected_at", Date()),), group=TIME, help="When it was detected."),
    Field("stable", "Stable", (Column("stable_at", Date()),), group=TIME, help="When nobody was affected any more."),
    Field("resolved", "Resolved", (Column("resolved_at", Date()),), group=TIME, help="When it was over."),
    Field("modified", "Changed", (Column("modified_at", Date()),), group=TIME, help="When it was last changed."),
    operation_field(Incident, TIME),
    text="search_text",
    attributes="fields",
    tags="tags",
)


def _ranked(name: str, values: list[str]) -> Case:
    whens = (When(**{name: value}, then=Value(rank)) for rank, value in enumerate(values))
    return Case(*whens, default=Value(-1), output_field=IntegerField())


INCIDENTS = Surface(
    name="incidents",
    label="incidents",
    fields=INCIDENT_FIELDS,
    rows=Incident.objects.found_by,
    time="declared_at",
    stack="severity",
    sorts={
        "number": Order(F("public_id"), ""),
        "title": Order(F("title"), ""),
        "severity": Order(_ranked("severity", [one.value for one in RANKED]), ""),
        "state": Order(_ranked("state", State.values), ""),
        "commander": Order(Coalesce("commander__name", Value(""), output_field=CharField()), ""),
        "changed": Order(F("modified_at"), "", is_moment=True),
    },
)

# Of a signal. The rows are narrowed to the actor's: an incident out of sight equals one that does not exist.
INCIDENT_OF_SIGNAL = Field(
    "@incident.id",
    "Incident",
    (Column("incident__public_id", Number()),),
    aliases=("@workflow.triage.incidentIds",),
    group=TRIAGE,
    many=Many(lambda actor: IncidentSignal.objects.visible_to(actor), link="signal", is_sparse=True),
    help="The number of an incident that it is in; none is in no incident that you may see.",
)

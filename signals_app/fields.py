"""What can be asked of signals, and the surface that asks it: the one list behind query, facets, columns and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts_app.access import Actor
from search_app.fields import Column, Field, FieldTable, Many
from search_app.held import Amount, Each, Moment, One
from search_app.kinds import Address, Choice, Date, Email, Keyword, Mitre, Number, Uuid
from search_app.surfaces import Order, Surface
from signals_app.models import Assignment, Severity, Signal, SignalEntity, SignalTag, TriageState
from signals_app.models.signals import ArchiveReason

TRIAGE, ATTACK, RULE, PLACE, TIME = "Triage", "Attack", "Detection rule", "Where", "When and how often"

SEVERITY = Choice(tuple((s.slug, s.value, s.label) for s in Severity), is_ordered=True, is_text=False)
STATE = Choice(tuple((s.value, s.value, s.label) for s in TriageState))
REASON = Choice(tuple((r.value, r.value, r.label) for r in ArchiveReason))
TEXT = Keyword()
MITRE = Mitre()


def _parts(role: str) -> Callable[[Actor], QuerySet[Any]]:
    return lambda actor: SignalEntity.objects.filter(role=role)


ATTACKERS = Many(_parts(SignalEntity.Role.ATTACKER))
VICTIMS = Many(_parts(SignalEntity.Role.VICTIM))
TAGS = Many(lambda actor: SignalTag.objects.all())
ASSIGNMENTS = Many(lambda actor: Assignment.objects.all())

SIGNAL_FIELDS = FieldTable(
    Field(
        "severity",
        "Severity",
        (Column("severity", SEVERITY),),
        aliases=("status",),
        group=TRIAGE,
        is_facet=True,
        help="How bad it is: info, low, medium, high or critical, in this order.",
    ),
    Field(
        "@workflow.triage.state",
        "Signal State",
        (Column("state", STATE),),
        group=TRIAGE,
        is_facet=True,
        help="Where triage stands: open, under_review or archived.",
    ),
    Field(
        "@workflow.triage.assignee",
        "Assignee",
        (Column("user__email", Email()), Column("user__name", TEXT), Column("user__uuid", Uuid())),
        aliases=("@workflow.triage.assignee.name", "@workflow.triage.assignee.handle"),
        group=TRIAGE,
        many=ASSIGNMENTS,
        is_facet=True,
        is_person=True,
        label_path="user__name",
        help="Who looks after it, by e-mail address, name or UUID; me is you, none is nobody.",
    ),
    Field(
        "team",
        "Team",
        (Column("team__handle", TEXT), Column("team__name", TEXT)),
        group=TRIAGE,
        is_facet=True,
        label_path="team__name",
        help="The team it is routed to, by handle or name.",
    ),
    Field(
        "@workflow.triage.archiveReason",
        "Archive reason",
        (Column("archive_reason", REASON),),
        group=TRIAGE,
        help="Why it was archived.",
    ),
    Field(
        "@workflow.rule.name",
        "Rule",
        (Column("rule__name", TEXT),),
        aliases=("rule",),
        group=RULE,
        is_facet=True,
        help="The name of the detection rule.",
    ),
    Field(
        "@workflow.rule.id",
        "Rule id",
        (Column("rule__key", TEXT), Column("rule__uuid", Uuid())),
        group=RULE,
        help="The detection rule by its key or its UUID.",
    ),
    Field("@workflow.rule.type", "Rule type", (Column("rule__type", TEXT),), group=RULE, help="The type of the rule."),
    Field(
        "@workflow.rule.tactic",
        "Tactic",
        (Column("rule__tactic", MITRE),),
        aliases=("tactic",),
        group=RULE,
        is_facet=True,
        help="The MITRE ATT&CK tactic of the rule, in words or as its tag: ta0001-initial-access.",
    ),
    Field(
        "@workflow.rule.technique",
        "Technique",
        (Column("rule__technique", MITRE),),
        aliases=("technique",),
        group=RULE,
        help="The MITRE ATT&CK technique of the rule, in words or as its tag: t1190-exploit-public-facing-application.",
    ),
    Field(
        "service",
        "Service",
        (Column("service__name", TEXT),),
        aliases=("@service",),
        group=PLACE,
        is_facet=True,
        help="The service that is attacked.",
    ),
    Field("env", "Env", (Column("env", TEXT),), group=PLACE, is_facet=True, help="The environment, such as prod."),
    Field(
        "host",
        "Host",
        (Column("host", TEXT),),
        aliases=("@hostname",),
        group=PLACE,
        help="The host that is attacked.",
    ),
    Field(
        "source",
        "Source",
        (Column("source__name", TEXT),),
        group=PLACE,
        is_facet=True,
        help="The sensor that saw it.",
    ),
    Field(
        "@network.client.ip",
        "Attacker",
        (Column("entity__value", Address("entity__packed")),),
        group=ATTACK,
        many=ATTACKERS,
        help="The addresses of the attackers; a block in CIDR notation works too.",
    ),
    Field(
        "@network.client.geoip.country.iso_code",
        "Attacker country",
        (Column("entity__country", TEXT),),
        aliases=("country",),
        group=ATTACK,
        many=ATTACKERS,
        is_facet=True,
        help="The countries of the attackers, two capital letters each.",
    ),
    Field(
        "@usr.id",
        "User",
        (Column("entity__value", TEXT),),
        aliases=("@usr.name",),
        group=ATTACK,
        many=VICTIMS,
        help="The people who were attacked.",
    ),
    Field(
        "title",
        "Title",
        (Column("title", TEXT),),
        aliases=("@title",),
        group=ATTACK,
        is_prose=True,
        help="The whole title. A word without a field finds a part of it.",
    ),
    Field(
        "message",
        "Message",
        (Column("message", TEXT, is_numbered=True),),
        group=ATTACK,
        is_prose=True,
        help="The message; wildcards find a part, as in message:*token*.",
    ),
    Field(
        "tags",
        "Tags",
        (Column("text", TEXT),),
        aliases=("tag",),
        group=PLACE,
        many=TAGS,
        help="A whole tag. A tag team:payments is also found by its key, as team:payments.",
    ),
    Field("id", "Id", (Column("public_id", TEXT),), group=TRIAGE, help="The public id, as in the address of its page."),
    Field(
        "count",
        "Detections",
        (Column("count", Number()),),
        aliases=("@workflow.events_matched",),
        group=TIME,
        help="How many detections it is made of.",
    ),
    Field(
        "first_seen",
        "Creation Date",
        (Column("first_seen", Date()),),
        aliases=("@workflow.first_seen",),
        group=TIME,
        help="When its first detection was.",
    ),
    Field(
        "last_seen",
        "Last seen",
        (Column("last_seen", Date()),),
        aliases=("@workflow.last_seen",),
        group=TIME,
        help="When its newest detection was.",
    ),
    Field(
        "@workflow.triage.stateUpdateTimestamp",
        "State changed",
        (Column("state_changed_at", Date()),),
        group=TIME,
        help="When its triage state was last changed.",
    ),
    Field("created", "Taken in", (Column("created_at", Date()),), group=TIME, help="When it became a signal here."),
    text="search_text",
    attributes="attributes",
    tags="tags",
)

FACETS = tuple(field.name for field in SIGNAL_FIELDS.facets)

_STATE_ORDER = Case(
    *(When(state=state, then=Value(rank)) for rank, state in enumerate(TriageState.values)),
    output_field=IntegerField(),
)

SIGNALS = Surface(
    name="signals",
    label="signals",
    fields=SIGNAL_FIELDS,
    rows=Signal.objects.visible_to,
    time="first_seen",
    stack="severity",
    sorts={
        "severity": Order(F("severity"), "severity"),
        "title": Order(F("title"), "title"),
        "service": Order(Coalesce("service__name", Value(""), output_field=CharField()), "service", rest="name"),
        "rule": Order(F("rule__name"), "rule", rest="name"),
        "tactic": Order(F("rule__tactic"), "rule", rest="tactic"),
        "technique": Order(F("rule__technique"), "rule", rest="technique"),
        "source": Order(F("source__name"), "source", rest="name"),
        "team": Order(Coalesce("team__name", Value(""), output_field=CharField()), "team", rest="name"),
        "host": Order(F("host"), "host"),
        "state": Order(_STATE_ORDER, "state", key=TriageState.values.index),
        "count": Order(F("count"), "count"),
        "last_seen": Order(F("last_seen"), "last_seen", is_moment=True),
    },
    holds={
        "severity": One("severity"),
        "state": One("state"),
        "archive_reason": One("archive_reason"),
        "team": One("team"),
        "rule": One("rule"),
        "service": One("service"),
        "source": One("source"),
        "env": One("env"),
        "host": One("host"),
        "title": One("title"),
        "count": Amount("count"),
        "last_seen": Moment("last_seen"),
        "first_seen": Moment("first_seen"),
        "created_at": Moment("created_at"),
        "assignees": Each(ASSIGNMENTS, "user"),
        "attackers": Each(ATTACKERS, "entity"),
        "countries": Each(ATTACKERS, "entity__country"),
        "victims": Each(VICTIMS, "entity"),
        "tags": Each(TAGS, "text"),
    },
    text_held="title",
)


def facts(signal: Signal) -> dict[str, Any]:
    """A signal as the plain dict that `search_app.to_match.matches` reads.

    Reads the rule, source, service and team of the signal, its tags, its parts with their entities and its
    assignments with their users: prefetch them for many.
    """
    parts = list(signal.parts.all())
    attackers = [part.entity for part in parts if part.role == SignalEntity.Role.ATTACKER]
    return {
        "severity": Severity(signal.severity).slug,
        "@workflow.triage.state": signal.state,
        "@workflow.triage.stateUpdateTimestamp": signal.state_changed_at,
        "@workflow.triage.assignee": [
            spelling
            for assignment in signal.assignments.all()
            for spelling in (assignment.user.email, assignment.user.name, assignment.user.uuid)
        ],
        "team": [signal.team.handle, signal.team.name] if signal.team else None,
        "@workflow.triage.archiveReason": signal.archive_reason,
        "@workflow.rule.name": signal.rule.name,
        "@workflow.rule.id": [signal.rule.key, signal.rule.uuid],
        "@workflow.rule.type": signal.rule.type,
        "@workflow.rule.tactic": signal.rule.tactic,
        "@workflow.rule.technique": signal.rule.technique,
        "service": signal.service.name if signal.service else None,
        "env": signal.env,
        "host": signal.host,
        "source": signal.source.name,
        "@network.client.ip": [entity.value for entity in attackers],
        "@network.client.geoip.country.iso_code": [entity.country for entity in attackers],
        "@usr.id": [part.entity.value for part in parts if part.role == SignalEntity.Role.VICTIM],
        "title": signal.title,
        "message": signal.message,
        "tags": [tag.text for tag in signal.tags.all()],
        "id": signal.public_id,
        "count": signal.count,
        "first_seen": signal.first_seen,
        "last_seen": signal.last_seen,
        "created": signal.created_at,
        "search_text": signal.search_text,
        "attributes": signal.attributes,
    }

"""Signals on the wire: what is sent about them, and how they are told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from datadog_app.dates import milliseconds, moment
from datadog_app.queries.signals import Person, Rule, Told, tag_map
from datadog_app.serializers.fields import Flag, Text, Whole, Word, envelope
from datadog_app.serializers.rules import FIRST_VERSION
from signals_app.actions import MAX_COMMENT
from signals_app.models import Severity, Signal, TriageState
from signals_app.models.signals import ArchiveReason

NO_REASON = "none"
REASONS = [NO_REASON, *ArchiveReason.values]
MOST_AT_ONCE = 199  # signals of one bulk edit
BOOKKEEPING = "activity"  # of correlation, among a signal's attributes
STATUSES = {level.value: level.slug for level in Severity}
UNASSIGNED = {"id": -1, "name": "Unassigned", "uuid": ""}

# --- what is sent -----------------------------------------------------------------------------


def version() -> Whole:
    return Whole(required=False, allow_null=True, help_text="The version looked at: a higher one here refuses it.")


def reason() -> Word:
    return Word(choices=REASONS, required=False, allow_null=True)


def comment() -> Text:
    return Text(required=False, allow_null=True, max_length=MAX_COMMENT)


class AddToIncidentSerializer(serializers.Serializer):
    """`PATCH /api/v1/…/add_to_incident`."""

    incident_id = Whole(help_text="The public id of the incident, a number.")
    add_to_signal_timeline = Flag(
        required=False, allow_null=True, help_text="Whether the signal is posted on the incident's timeline."
    )
    version = version()


class StateV1Serializer(serializers.Serializer):
    """`PATCH /api/v1/…/state`."""

    state = Word(choices=TriageState.values)
    archiveReason = reason()
    archiveComment = comment()
    version = version()


class AssigneeV1Serializer(serializers.Serializer):
    """`PATCH /api/v1/…/assignee`."""

    assignee = Text(max_length=100, help_text="The UUID of a person; empty for nobody.")
    version = version()


class TriageUserSerializer(serializers.Serializer):
    uuid = Text(max_length=100, help_text="The UUID of a person; empty for nobody.")


class StateAttributesSerializer(serializers.Serializer):
    state = Word(choices=TriageState.values)
    archive_reason = reason()
    archive_comment = comment()
    version = version()


class AssigneeAttributesSerializer(serializers.Serializer):
    assignee = TriageUserSerializer()
    version = version()


class BulkAssigneeAttributesSerializer(serializers.Serializer):
    assignee = Text(max_length=100, help_text="The UUID of a person; empty for nobody.")
    version = version()


class UpdateAttributesSerializer(serializers.Serializer):
    state = Word(choices=TriageState.values, required=False, allow_null=True)
    assignee = TriageUserSerializer(required=False, allow_null=True)
    archive_reason = reason()
    archive_comment = comment()
    version = version()


class IncidentsAttributesSerializer(serializers.Serializer):
    incident_ids = serializers.ListField(
        child=Whole(), max_length=200, help_text="Public ids of incidents: these, and no others."
    )
    version = version()


StateEdit = envelope("SignalState", StateAttributesSerializer, type="signal_metadata", strict=False)
AssigneeEdit = envelope("SignalAssignee", AssigneeAttributesSerializer, type="signal_metadata", strict=False)
IncidentsEdit = envelope("SignalIncidents", IncidentsAttributesSerializer, type="signal_metadata", strict=False)
UpdateEdit = envelope("SignalUpdate", UpdateAttributesSerializer, type="signal_metadata", strict=False)


class _BulkItem(serializers.Serializer):
    id = Text(max_length=64, allow_blank=False)
    type = Word(choices=["signal", "signal_metadata"], required=False)


class BulkStateItemSerializer(_BulkItem):
    attributes = StateAttributesSerializer()


class BulkAssigneeItemSerializer(_BulkItem):
    attributes = BulkAssigneeAttributesSerializer()


class BulkUpdateItemSerializer(_BulkItem):
    attributes = UpdateAttributesSerializer()


class BulkStateSerializer(serializers.Serializer):
    data = BulkStateItemSerializer(many=True, allow_empty=False, max_length=MOST_AT_ONCE)


class BulkAssigneeSerializer(serializers.Serializer):
    data = BulkAssigneeItemSerializer(many=True, allow_empty=False, max_length=MOST_AT_ONCE)


class BulkUpdateSerializer(serializers.Serializer):
    data = BulkUpdateItemSerializer(many=True, allow_empty=False, max_length=MOST_AT_ONCE)


class When(Text):
    """A moment as text; epoch milliseconds may be a number too."""

    def to_internal_value(self, data: Any) -> str:
        is_number = isinstance(data, int) and not isinstance(data, bool)
        return super().to_internal_value(str(data) if is_number and abs(data) < 10**14 else data)


class SearchFilterSerializer(serializers.Serializer):
    query = Text(required=False, allow_null=True, max_length=10_000)
    to = When(required=False, allow_null=True, max_length=100)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": When(required=False, allow_null=True, max_length=100)}


class SearchPageSerializer(serializers.Serializer):
    cursor = Text(required=False, allow_null=True, max_length=20_000)
    limit = Whole(required=False, allow_null=True, min_value=1, max_value=1000)


class SearchSerializer(serializers.Serializer):
    """`POST …/signals/search`: everything may be left out."""

    filter = SearchFilterSerializer(required=False, allow_null=True)
    page = SearchPageSerializer(required=False, allow_null=True)
    sort = Word(choices=["timestamp", "-timestamp"], required=False, allow_null=True)


# --- how it is told ---------------------------------------------------------------------------


def triage_user(person: Person | None) -> dict[str, Any]:
    """A person in triage. Nobody is a person too, who is called so. We ask no other site for a picture."""
    if person is None:
        return UNASSIGNED
    pk, uuid, email, name = person
    return {"id": pk, "uuid": str(uuid), "handle": email, "name": name or None, "icon": ""}


def triage(one: Told) -> dict[str, Any]:
    """What triage has decided, as the edits answer it."""
    row = one.row
    found = {
        "state": row.state,
        "archive_reason": row.archive_reason or NO_REASON,
        "archive_comment": row.archive_comment,
        "assignee": triage_user(one.assignee),
        "incident_ids": one.incidents,
        "version": row.version,
    }
    if row.state_changed_at:
        found["state_update_timestamp"] = milliseconds(row.state_changed_at)
        if one.updater:
            found["state_update_user"] = triage_user(one.updater)
        if row.archive_comment:
            said_at, said_by = one.commented or (row.state_changed_at, one.updater)
            found["archive_comment_timestamp"] = milliseconds(said_at)
            if said_by:
                found["archive_comment_user"] = triage_user(said_by)
    return found


def metadata(one: Told) -> dict[str, Any]:
    """The answer to an edit of one signal."""
    return {"data": {"id": one.row.public_id, "type": "signal_metadata", "attributes": triage(one)}}


def bulk_result(changed: list[Told]) -> dict[str, Any]:
    """The answer to a bulk edit: no JSON:API, as in the original."""
    events = [{"id": one.row.public_id, "event": {"id": one.row.public_id, **triage(one)}} for one in changed]
    return {"type": "status", "status": "done", "result": {"count": len(events), "events": events}}


def all_tags(one: Told) -> list[str]:
    """The signal's tags, those of its rule, and where it was seen as tags."""
    row = one.row
    places = (
        ("source", one.source),
        ("env", row.env),
        ("service", one.service),
        ("team", one.team),
    )
    return list(dict.fromkeys([*one.tags, *one.rule.tags, *(f"{key}:{value}" for key, value in places if value)]))


def rule_of(rule: Rule) -> dict[str, Any]:
    return {
        "id": str(rule.uuid),
        "name": rule.name,
        "type": rule.type,
        "version": rule.version + FIRST_VERSION,
        "detectionMethod": "threshold",
        "isDefaultRule": False,
    }


def workflow(one: Told) -> dict[str, Any]:
    row = one.row
    pk, _, email, name = one.assignee or (-1, "", "", "Unassigned")
    updater = one.updater or (0, "", "", "")
    return {
        "rule": rule_of(one.rule),
        "triage": {
            "state": row.state,
            "assignee": {"id": pk, "name": name, "handle": email},
            "incidentIds": one.incidents,
            "archiveReason": row.archive_reason or NO_REASON,
            "archiveComment": row.archive_comment,
            "creator": {"handle": "", "name": ""},
            "updater": {"handle": updater[2], "name": updater[3]},
        },
        "first_seen": one.first_seen,
        "last_seen": moment(row.last_seen),
        "events_matched": row.count,
        "high_cardinality": {"attributes": [], "tags": []},
    }


def custom(one: Told) -> dict[str, Any]:
    """What the events and the rule say: `attributes.attributes` of a list, `attributes.custom` of one signal."""
    row = one.row
    found = {name: value for name, value in row.attributes.items() if name != BOOKKEEPING}
    entities = [
        *([f"host:{row.host}"] if row.host else []),
        *(f"@network.client.ip:{address}" for address, _ in one.attackers),
        *(f"@usr.id:{name}" for name in one.victims),
    ]
    found |= {
        "title": row.title,
        "status": STATUSES[row.severity],
        "service": one.service,
        "hostname": row.host,
        "entities": entities,
        "internal_id": f"{one.rule.key}-{one.rule.version + FIRST_VERSION}-{row.public_id}",
        "groupByPaths": ["service", "env"],
        "workflow": workflow(one),
    }
    if one.attackers:
        countries = list(dict.fromkeys(country for _, country in one.attackers if country))
        client = {"ip": [address for address, _ in one.attackers], "geoip": {"country": {"iso_code": countries}}}
        network = found.get("network")
        found["network"] = {**network, "client": client} if isinstance(network, dict) else {"client": client}
    if one.victims and not isinstance(found.get("usr"), dict):
        found["usr"] = {"id": one.victims}
    return found


def signal_attributes(one: Told) -> dict[str, Any]:
    """All of one signal but `attributes` and `custom`, which are `custom(one)` both."""
    row = one.row
    return {
        "message": row.message,
        "status": STATUSES[row.severity],
        "timestamp": one.first_seen,
        "tags": all_tags(one),
        "service": [one.service],
        "host": row.host,
        "version": row.version,
    }


def whole_signal(one: Told, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """One signal with everything, as `GET …/signals/{id}` tells it."""
    row, inner = one.row, custom(one)
    work = inner["workflow"]
    attributes = {
        **signal_attributes(one),
        "attributes": inner,
        "custom": inner,
        "gated": {
            "workflow": {
                "rule": {"isDefaultRule": False},
                "triage": {"assignee": {"id": work["triage"]["assignee"]["id"]}, "incidentIds": one.incidents},
                **{name: work[name] for name in ("first_seen", "last_seen", "events_matched", "high_cardinality")},
            },
            "network": inner.get("network", {}),
            "samples": samples,
        },
        "searchable": {"title": row.title},
        "tag": tag_map(all_tags(one)),
        "severity": row.severity,
        "discovery_timestamp": milliseconds(row.created_at),
        "triggering_log_timestamp": milliseconds(row.first_seen),
        "event_tracker_id": row.public_id,
        "event_id": row.public_id,
        "datadog.index": "signal",
    }
    return {"data": {"id": row.public_id, "type": "signal", "attributes": attributes}}


def matching_signal(signal: Signal) -> dict[str, Any]:
    """A signal as one of those that an event is of."""
    attributes = {
        "event_tracker_id": signal.public_id,
        "severity": STATUSES[signal.severity],
        "title": signal.title,
        "trigger_time_ms": milliseconds(signal.first_seen),
    }
    return {"id": signal.public_id, "type": "matching_signal", "attributes": attributes}

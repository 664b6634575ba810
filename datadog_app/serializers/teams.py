"""What teams have besides people: links, parts, and who may change them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from accounts_app.access import Actor
from accounts_app.actions.teams import may_change
from accounts_app.models import Team, TeamConnection, TeamLink, TeamPart, TeamTold
from datadog_app.dates import moment
from datadog_app.serializers.fields import Flag, Related, Text, Texts, Whole, Word, type_of
from datadog_app.serializers.people import INT32, ToOneSerializer, one, team_data

# What the wire calls the settings of a team, with our field and words for people.
SETTINGS = {
    "edit": ("edited_by", "Edit team details and links"),
    "manage_membership": ("members_changed_by", "Add and remove members"),
}

# --- what is sent -----------------------------------------------------------------------------


class LinkAttributesSerializer(Serializer):
    label = Text(max_length=256)  # whether it says something is looked at later: the original tells 422 for that
    url = Text(max_length=500, allow_blank=False)
    position = Whole(min_value=0, max_value=INT32, required=False)


class SettingAttributesSerializer(Serializer):
    value = Word(choices=Team.Whose.values)


class PartRelationshipsSerializer(Serializer):
    parent_team = ToOneSerializer()
    sub_team = ToOneSerializer()


LinkCreate = one("TeamLinkCreate", "team_links", attributes=LinkAttributesSerializer())
SettingUpdate = one("TeamSettingUpdate", "team_permission_settings", attributes=SettingAttributesSerializer())
PartCreate = one("TeamPartCreate", "team_hierarchy_links", relationships=PartRelationshipsSerializer())
MemberTeam = type_of(
    "MemberTeam",
    data=type_of("MemberTeamData", type=Word(choices=["member_teams"]), id=Text(max_length=100))(),
)


def _channel(name: str, **fields: serializers.Field) -> Serializer:
    """A way to tell a team."""
    return type_of(f"TeamChannel{name}", **fields)(required=False)


def _named() -> Text:
    return Text(max_length=300, required=False)


class TellingAttributesSerializer(Serializer):
    email = _channel("Email", enabled=Flag(required=False), recipient_email=_named())
    ms_teams = _channel("MsTeams", connector_name=_named())
    pagerduty = _channel("Pagerduty", service_name=_named())
    servicenow = _channel("Servicenow", templates=Texts(required=False))
    slack = _channel("Slack", channel=_named(), workspace=_named())


TellingCreate = one("TeamTellingCreate", "team_notification_rules", attributes=TellingAttributesSerializer())
TellingUpdate = one("TeamTellingUpdate", "team_notification_rules", attributes=TellingAttributesSerializer())


class ConnectedTeamSerializer(Related):
    id = Text(max_length=300, allow_blank=False)


class ConnectionAttributesSerializer(Serializer):
    source = Text(max_length=40, allow_blank=False)
    managed_by = Text(max_length=40, required=False)


class ConnectionRelationshipsSerializer(Serializer):
    team = ToOneSerializer()
    connected_team = type_of("ToConnectedTeam", data=ConnectedTeamSerializer())()


class ConnectionSerializer(Serializer):
    type = Word(choices=["team_connection"])
    attributes = ConnectionAttributesSerializer()
    relationships = ConnectionRelationshipsSerializer()


class ConnectionNameSerializer(Serializer):
    type = Word(choices=["team_connection"])
    id = Text(max_length=100, allow_blank=False)


ConnectionsCreate = type_of(
    "TeamConnectionsCreate", data=ConnectionSerializer(many=True, allow_empty=False, max_length=100)
)
ConnectionsDelete = type_of(
    "TeamConnectionsDelete", data=ConnectionNameSerializer(many=True, allow_empty=False, max_length=100)
)

# --- how it is told ---------------------------------------------------------------------------


def link_data(link: TeamLink) -> dict[str, Any]:
    """A link. Reads its team."""
    return {
        "id": str(link.uuid),
        "type": "team_links",
        "attributes": {
            "label": link.label,
            "url": link.url,
            "position": link.position,
            "team_id": str(link.team.uuid),
        },
    }


def listed_team_data(team: Team, fields: Collection[str]) -> dict[str, Any]:
    """A team of a list, with these of its attributes and relationships; all of them if none is named.

    Its name and its handle are always told: no client can read a team without.
    """
    told = team_data(team)
    if fields:
        kept = {"name", "handle", *fields}
        for part in ("attributes", "relationships"):
            told[part] = {name: value for name, value in told[part].items() if name in kept}
    return told


def own_permissions(actor: Actor, team: Team, roles: Mapping[int, str]) -> dict[str, Any]:
    """What the actor may do with a team; `roles` are the actor's in teams."""
    may = {action: may_change(actor, team, field, roles) for action, (field, _) in SETTINGS.items()}
    return {
        "id": f"UserTeamPermissions-{team.uuid}-{actor.user.pk if actor.user else 0}",
        "type": "user_team_permissions",
        "attributes": {"permissions": may},
    }


def setting_data(team: Team, action: str, *, may_edit: bool) -> dict[str, Any]:
    """Who may do something with a team, beside those who may edit every team."""
    field, title = SETTINGS[action]
    attributes = {
        "action": action,
        "editable": may_edit,
        "options": Team.Whose.values,
        "title": title,
        "value": getattr(team, field),
    }
    return {
        "id": f"TeamPermissionSetting-{team.uuid}-{action}",
        "type": "team_permission_settings",
        "attributes": attributes,
    }


def part_data(part: TeamPart) -> dict[str, Any]:
    """That a team is a part of another. Reads both, and who said so."""
    by = str(part.created_by.uuid) if part.created_by else ""
    return {
        "id": str(part.uuid),
        "type": "team_hierarchy_links",
        "attributes": {"created_at": moment(part.created_at), "provisioned_by": by},
        "relationships": {
            "parent_team": {"data": {"id": str(part.parent.uuid), "type": "team"}},
            "sub_team": {"data": {"id": str(part.sub.uuid), "type": "team"}},
        },
    }


def part_team_data(team: Team) -> dict[str, Any]:
    """A team among what is `included` beside its place."""
    told = team_data(team)
    names = ("name", "handle", "avatar", "summary", "user_count", "link_count", "is_managed")
    attributes = {name: told["attributes"][name] for name in names}
    return {"id": told["id"], "type": "team", "attributes": {**attributes, "is_open_membership": False}}


def telling_data(row: TeamTold) -> dict[str, Any]:
    """How a team is told."""
    return {"id": str(row.uuid), "type": "team_notification_rules", "attributes": row.channels}


def connection_data(row: TeamConnection) -> dict[str, Any]:
    """Which team is which elsewhere. Reads its team."""
    return {
        "id": str(row.uuid),
        "type": "team_connection",
        "attributes": {"source": row.source, "managed_by": row.managed_by},
        "relationships": {
            "team": {"data": {"id": str(row.team.uuid), "type": "team"}},
            "connected_team": {"data": {"id": row.connected, "type": f"{row.source}_team"}},
        },
    }

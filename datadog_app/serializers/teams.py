"""What teams have besides people: links, parts, and who may change them."""

from __future__ import annotations

from typing import Any

from rest_framework.serializers import Serializer

from accounts_app.models import Team, TeamLink, TeamPart
from datadog_app.dates import moment
from datadog_app.serializers.fields import Text, Whole, Word, type_of
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

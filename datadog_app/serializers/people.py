"""People, roles, permissions and teams on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import Serializer

from accounts_app.models import Invitation, Membership, Role, Team, User
from accounts_app.permissions import ADMIN, PERMISSIONS, READ_ONLY
from datadog_app.dates import moment
from datadog_app.paging import related
from datadog_app.serializers.fields import Flag, Related, Text, Texts, ToMany, Whole, Word, type_of
from datadog_app.wire import ORGANISATION, permission_id

INT32 = 2**31 - 1
MOST_INVITED = 100  # people of one request
ACTIVE, PENDING, DISABLED = "Active", "Pending", "Disabled"
BEGINNING = moment(datetime(2026, 1, 1, tzinfo=UTC))  # permissions are as old as the product
PERMISSION_NAMES = {permission_id(permission.name): permission.name for permission in PERMISSIONS}

# --- what is sent -----------------------------------------------------------------------------


def one(name: str, kind: str, *, needs_id: bool = False, **fields: serializers.Field) -> type[Serializer]:
    """`{"data": {"type": kind, …}}` of these fields."""
    data = type_of(f"{name}Data", type=Word(choices=[kind]), id=Text(required=needs_id, max_length=100), **fields)
    return type_of(name, data=data())


class UserCreateAttributesSerializer(Serializer):
    email = Text(max_length=254, allow_blank=False)
    name = Text(max_length=120, required=False, allow_null=True)
    title = Text(max_length=120, required=False, allow_null=True)


class UserUpdateAttributesSerializer(Serializer):
    disabled = Flag(required=False)
    email = Text(max_length=254, required=False, allow_blank=False)
    name = Text(max_length=120, required=False)
    title = Text(max_length=120, required=False, allow_null=True)


class RolesOfUserSerializer(Serializer):
    roles = ToMany(required=False)


class RoleAttributesSerializer(Serializer):
    name = Text(max_length=150)
    default_permissions_opt_out = Flag(required=False)


class RoleUpdateAttributesSerializer(Serializer):
    name = Text(max_length=150, required=False)


class PermissionsOfRoleSerializer(Serializer):
    permissions = ToMany(required=False)


class TeamAttributesSerializer(Serializer):
    handle = Text(max_length=195, allow_blank=False)
    name = Text(max_length=200, allow_blank=False)
    description = Text(max_length=10_000, required=False, allow_null=True)
    avatar = Text(max_length=40, required=False, allow_null=True)
    banner = Whole(min_value=0, max_value=INT32, required=False, allow_null=True)
    visible_modules = Texts(required=False, allow_null=True)
    hidden_modules = Texts(required=False, allow_null=True)


class UsersOfTeamSerializer(Serializer):
    users = ToMany(required=False)


class ToOneSerializer(Serializer):
    data = Related()


class MembershipAttributesSerializer(Serializer):
    role = Word(choices=[Membership.ADMIN], required=False, allow_null=True)


class MembershipRelationshipsSerializer(Serializer):
    user = ToOneSerializer()


def _optional(serializer: type[Serializer]) -> Serializer:
    return serializer(required=False, allow_null=True)


UserCreate = one(
    "UserCreate", "users", attributes=UserCreateAttributesSerializer(), relationships=_optional(RolesOfUserSerializer)
)


class ServiceAccountAttributesSerializer(UserCreateAttributesSerializer):
    service_account = Flag()

    def validate_service_account(self, is_one: bool) -> bool:
        if not is_one:
            raise serializers.ValidationError("a service account is one.")
        return is_one


ServiceAccountCreate = one(
    "ServiceAccountCreate",
    "users",
    attributes=ServiceAccountAttributesSerializer(),
    relationships=_optional(RolesOfUserSerializer),
)
InvitationsCreate = type_of(
    "InvitationsCreate",
    data=type_of(
        "InvitationCreate",
        type=Word(choices=["user_invitations"]),
        relationships=type_of("InvitationRelationships", user=ToOneSerializer())(),
    )(many=True, min_length=1, max_length=MOST_INVITED),
)
UserUpdate = one("UserUpdate", "users", needs_id=True, attributes=UserUpdateAttributesSerializer())
RoleCreate = type_of(
    "RoleCreate",
    data=type_of(
        "RoleCreateData",
        type=Word(choices=["roles"], required=False),
        attributes=RoleAttributesSerializer(),
        relationships=_optional(PermissionsOfRoleSerializer),
    )(),
)
RoleUpdate = one(
    "RoleUpdate",
    "roles",
    needs_id=True,
    attributes=RoleUpdateAttributesSerializer(),
    relationships=_optional(PermissionsOfRoleSerializer),
)
RoleClone = one("RoleClone", "roles", attributes=RoleAttributesSerializer())
PermissionOfRole = type_of("PermissionOfRole", data=Related())
UserOfRole = type_of("UserOfRole", data=Related())
TeamCreate = one(
    "TeamCreate", "team", attributes=TeamAttributesSerializer(), relationships=_optional(UsersOfTeamSerializer)
)
TeamUpdate = one("TeamUpdate", "team", attributes=TeamAttributesSerializer())
MembershipCreate = one(
    "MembershipCreate",
    "team_memberships",
    attributes=_optional(MembershipAttributesSerializer),
    relationships=MembershipRelationshipsSerializer(),
)
MembershipUpdate = one("MembershipUpdate", "team_memberships", attributes=_optional(MembershipAttributesSerializer))


# --- how it is told ---------------------------------------------------------------------------


def status_of(user: User) -> str:
    """Disabled, or Pending until the first login, which a program never has."""
    return DISABLED if not user.is_active else ACTIVE if user.last_login or user.is_service_account else PENDING


def user_data(user: User) -> dict[str, Any]:
    """A person. Reads their groups with roles, and `has_mfa`: prefetch and annotate them for many."""
    status = status_of(user)
    return {
        "id": str(user.uuid),
        "type": "users",
        "attributes": {
            "uuid": str(user.uuid),
            "name": user.name or None,
            "handle": user.email,
            "email": user.email,
            "title": user.job_title or None,
            "created_at": moment(user.created_at),
            "modified_at": moment(user.created_at),
            "last_login_time": moment(user.last_login) if user.last_login else None,
            "disabled": not user.is_active,
            "verified": status == ACTIVE,
            "status": status,
            "service_account": user.is_service_account,
            "mfa_enabled": user.has_mfa,
            "icon": "",
            "allowed_login_methods": [],
        },
        "relationships": {
            "org": {"data": {"id": ORGANISATION, "type": "orgs"}},
            "other_orgs": {"data": []},
            "other_users": {"data": []},
            "roles": related("roles", [group.role.uuid for group in user.groups.all()]),
        },
    }


def invitation_data(invitation: Invitation) -> dict[str, Any]:
    """An invitation. Reads its person."""
    return {
        "id": str(invitation.uuid),
        "type": "user_invitations",
        "attributes": {
            "uuid": str(invitation.uuid),
            "invite_type": "openid_invite",
            "created_at": moment(invitation.created_at),
            "expires_at": moment(invitation.expires_at),
            "login_method": None,
        },
        "relationships": {"user": {"data": {"id": str(invitation.user.uuid), "type": "users"}}},
    }


def organisation_data() -> dict[str, Any]:
    """This installation."""
    return {
        "id": ORGANISATION,
        "type": "orgs",
        "attributes": {"name": "Tocsin", "public_id": ORGANISATION, "disabled": False, "sharing": "none"},
    }


def roles_of(users: Iterable[User]) -> list[Role]:
    """The roles of these people, each once."""
    return list({group.role.pk: group.role for user in users for group in user.groups.all()}.values())


def role_data(role: Role) -> dict[str, Any]:
    """A role. Reads its group with permissions, and `user_count`: prefetch and annotate them for many."""
    return {
        "id": str(role.uuid),
        "type": "roles",
        "attributes": {
            "name": role.group.name,
            "created_at": moment(role.created_at),
            "modified_at": moment(role.modified_at),
            "user_count": role.user_count,
            "receives_permissions_from": [],
        },
        "relationships": {"permissions": related("permissions", map(permission_id, role.permission_names))},
    }


def template_data(role: Role) -> dict[str, Any]:
    """A role of the product's as a template for others."""
    attributes = {"name": role.group.name, "description": role.description}
    return {"id": str(role.uuid), "type": "roles", "attributes": attributes}


def permission_data(names: Iterable[str]) -> list[dict[str, Any]]:
    """The permissions with these names, in the order of the catalogue."""
    wanted = set(names)
    return [
        {
            "id": permission_id(one.name),
            "type": "permissions",
            "attributes": {
                "name": one.name,
                "display_name": one.label,
                "description": one.label,
                "display_type": "read" if one.name.endswith("_read") else "write" if "_write" in one.name else "other",
                "group_name": "Administration" if one.lowest_role == ADMIN else "Security",
                "created": BEGINNING,
                "name_aliases": [],
                "restricted": one.lowest_role != READ_ONLY,
            },
        }
        for one in PERMISSIONS
        if one.name in wanted
    ]


def team_data(team: Team) -> dict[str, Any]:
    """A team. Reads `user_count` and its links: annotate and prefetch them for many."""
    path, links = f"/api/v2/team/{team.uuid}", list(team.links.all())
    return {
        "id": str(team.uuid),
        "type": "team",
        "attributes": {
            "name": team.name,
            "handle": team.handle,
            "description": team.description or None,
            "summary": None,
            "avatar": team.avatar or None,
            "banner": team.banner,
            "visible_modules": team.visible_modules,
            "hidden_modules": team.hidden_modules,
            "created_at": moment(team.created_at),
            "modified_at": moment(team.modified_at),
            "user_count": team.user_count,
            "link_count": len(links),
            "is_managed": False,
        },
        "relationships": {
            "team_links": {
                **related("team_links", [link.uuid for link in links]),
                "links": {"related": f"{path}/links"},
            },
            "user_team_permissions": {"links": {"related": f"{path}/permission-settings"}},
        },
    }


def membership_data(membership: Membership) -> dict[str, Any]:
    """One person in one team. Reads both."""
    team, user = membership.team, membership.user
    return {
        "id": f"TeamMembership-{team.uuid}-{user.pk}",
        "type": "team_memberships",
        "attributes": {"role": membership.role or None, "provisioned_by": None, "provisioned_by_id": None},
        "relationships": {
            "team": {"data": {"id": str(team.uuid), "type": "team"}},
            "user": {"data": {"id": str(user.uuid), "type": "users"}},
        },
    }

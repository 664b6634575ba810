"""People, roles and teams, by the official client."""

import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi as ValidateV1
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.roles_api import RolesApi
from datadog_api_client.v2.api.teams_api import TeamsApi
from datadog_api_client.v2.api.users_api import UsersApi

from accounts_app.models import Role, Team, User


@pytest.fixture
def boss(machine_of, admin):
    """The administrator's machine."""
    return machine_of(admin)


def refused(status, call, *args, **kwargs):
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    assert refusal.value.status == status
    return refusal.value.body["errors"]


# --- keys ---


def test_validate_says_whether_the_api_key_is_good(machine):
    assert machine(ValidateV1).validate().valid is True
    machine.configuration.api_key["apiKeyAuth"] = "wrong"
    assert refused(403, machine(ValidateV1).validate) == ["API key required"]


def test_wrong_keys_are_forbidden(machine):
    machine.configuration.api_key["appKeyAuth"] = "wrong"
    assert refused(403, machine(UsersApi).list_users) == ["Forbidden"]


# --- users ---


def test_users_are_listed_page_by_page(boss, analyst, viewer, responder):
    answer = boss(UsersApi).list_users(page_size=2, page_number=1, sort="email")
    assert [user.attributes.email for user in answer.data] == ["responder@example.test", "viewer@example.test"]
    assert answer.meta.page.total_count == 4
    assert {role.attributes.name for role in answer.included} == {"Standard", "Read Only"}
    assert len(boss(UsersApi).list_users_with_pagination(page_size=3)) == 4


def test_users_are_filtered(boss, analyst, viewer):
    api = boss(UsersApi)
    assert [user.attributes.name for user in api.list_users(filter="vera").data] == ["Vera Viewer"]
    assert api.list_users(filter_status="Disabled").data == []
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    assert [user.id for user in api.list_users(filter_status="Disabled").data] == [str(viewer.uuid)]
    refused(400, api.list_users, filter_status="Asleep")


def new_user(email, **attributes):
    role = Role.objects.get(group__name="Read Only")
    roles = v2.RelationshipToRoles(data=[v2.RelationshipToRoleData(id=str(role.uuid), type=v2.RolesType.ROLES)])
    data = v2.UserCreateData(
        type=v2.UsersType.USERS,
        attributes=v2.UserCreateAttributes(email=email, **attributes),
        relationships=v2.UserRelationships(roles=roles),
    )
    return v2.UserCreateRequest(data=data)


def test_a_user_is_made_changed_and_shut_out(boss):
    api = boss(UsersApi)
    made = api.create_user(new_user("New.One@Example.test")).data
    assert (made.attributes.handle, made.attributes.status) == ("new.one@example.test", "Pending")
    assert len(made.relationships.roles.data) == 1

    def edit(uuid, **attributes):
        data = v2.UserUpdateData(id=uuid, type=v2.UsersType.USERS, attributes=v2.UserUpdateAttributes(**attributes))
        return v2.UserUpdateRequest(data=data)

    changed = api.update_user(made.id, edit(made.id, name="Nora New", title="Analyst")).data
    assert (changed.attributes.name, changed.attributes.title) == ("Nora New", "Analyst")
    refused(422, api.update_user, made.id, edit("00000000-0000-0000-0000-000000000001", name="X"))
    api.disable_user(made.id)
    assert api.get_user(made.id).data.attributes.disabled is True
    assert api.update_user(made.id, edit(made.id, disabled=False)).data.attributes.status == "Pending"
    assert api.list_user_organizations(made.id).included[0].id
    assert len(api.list_user_permissions(made.id).data) > 5


def test_the_current_user_is_the_keys_owner(machine, analyst):
    api = machine(UsersApi)
    assert api.get_current_user().data.id == str(analyst.uuid)
    data = v2.UserUpdateData(
        id=str(analyst.uuid), type=v2.UsersType.USERS, attributes=v2.UserUpdateAttributes(title="Lead")
    )
    assert api.update_current_user(v2.UserUpdateRequest(data=data)).data.attributes.title == "Lead"


def test_a_user_who_is_not_there(boss):
    with pytest.raises(NotFoundException):
        boss(UsersApi).get_user("00000000-0000-dead-beef-000000000000")
    with pytest.raises(NotFoundException):
        boss(UsersApi).get_user("no uuid")


def test_only_who_manages_people_may_shut_them_out(machine, viewer):
    with pytest.raises(ForbiddenException) as refusal:
        machine(UsersApi).disable_user(str(viewer.uuid))
    assert "user_access_manage" in refusal.value.body["errors"][0]


# --- roles ---


def new_role(name):
    return v2.RoleCreateRequest(data=v2.RoleCreateData(attributes=v2.RoleCreateAttributes(name=name)))


def test_permissions_are_listed(boss):
    permissions = boss(RolesApi).list_permissions().data
    assert {one.attributes.restricted for one in permissions} == {True, False}
    assert "security_monitoring_signals_write" in {one.attributes.name for one in permissions}


def test_a_role_lives_and_dies(boss, viewer):
    api = boss(RolesApi)
    role = api.create_role(new_role("Night shift")).data
    assert [one.attributes.name for one in api.list_roles(filter="night").data] == ["Night shift"]
    assert api.list_roles(filter_id=role.id).meta.page.total_filtered_count == 1
    body = v2.RoleUpdateRequest(
        data=v2.RoleUpdateData(
            id=role.id, type=v2.RolesType.ROLES, attributes=v2.RoleUpdateAttributes(name="Day shift")
        )
    )
    assert api.update_role(role.id, body).data.attributes.name == "Day shift"
    wanted = next(one for one in api.list_permissions().data if one.attributes.name == "cases_read")
    grant = v2.RelationshipToPermission(
        data=v2.RelationshipToPermissionData(id=wanted.id, type=v2.PermissionsType.PERMISSIONS)
    )
    assert [one.id for one in api.add_permission_to_role(role.id, grant).data] == [wanted.id]
    assert len(api.list_role_permissions(role.id).data) == 1
    assert api.remove_permission_from_role(role.id, grant).data == []
    member = v2.RelationshipToUser(data=v2.RelationshipToUserData(id=str(viewer.uuid), type=v2.UsersType.USERS))
    assert [user.id for user in api.add_user_to_role(role.id, member).data] == [str(viewer.uuid)]
    assert len(api.list_role_users(role.id).data) == 1
    assert api.remove_user_from_role(role.id, member).data == []
    copy = v2.RoleCloneRequest(
        data=v2.RoleClone(attributes=v2.RoleCloneAttributes(name="Copy"), type=v2.RolesType.ROLES)
    )
    assert api.clone_role(role.id, copy).data.attributes.name == "Copy"
    assert api.get_role(role.id).data.attributes.user_count == 0
    api.delete_role(role.id)
    with pytest.raises(NotFoundException):
        api.get_role(role.id)


def test_names_of_roles(boss):
    assert refused(409, boss(RolesApi).create_role, new_role("Admin")) == ["A role with the same name already exists"]
    assert refused(400, boss(RolesApi).create_role, new_role("  ")) == ["Role names cannot be only whitespace"]


# --- teams ---


def new_team(name, handle):
    attributes = v2.TeamCreateAttributes(name=name, handle=handle)
    return v2.TeamCreateRequest(data=v2.TeamCreate(attributes=attributes, type=v2.TeamType.TEAM))


def test_a_team_lives_and_dies(boss, viewer):
    api = boss(TeamsApi)
    team = api.create_team(new_team("Night shift", "night-shift")).data
    assert refused(409, api.create_team, new_team("Night shift", "other")) == ["Team name and handle must be unique"]
    update = v2.TeamUpdateRequest(
        data=v2.TeamUpdate(
            attributes=v2.TeamUpdateAttributes(name="Day shift", handle="day-shift", description="Awake"),
            type=v2.TeamType.TEAM,
        )
    )
    assert api.update_team(team.id, update).data.attributes.description == "Awake"
    membership = v2.UserTeamRequest(
        data=v2.UserTeamCreate(
            type=v2.UserTeamType.TEAM_MEMBERSHIPS,
            relationships=v2.UserTeamRelationships(
                user=v2.RelationshipToUserTeamUser(
                    data=v2.RelationshipToUserTeamUserData(id=str(viewer.uuid), type=v2.UserTeamUserType.USERS)
                )
            ),
        )
    )
    made = api.create_team_membership(team.id, membership).data
    assert made.id == f"TeamMembership-{team.id}-{viewer.pk}"
    refused(409, api.create_team_membership, team.id, membership)
    assert [one.id for one in api.get_team_memberships(team.id).data] == [made.id]
    assert [one.id for one in api.get_user_memberships(str(viewer.uuid)).data] == [made.id]
    role = v2.UserTeamUpdateRequest(
        data=v2.UserTeamUpdate(type=v2.UserTeamType.TEAM_MEMBERSHIPS, attributes=v2.UserTeamAttributes())
    )
    assert api.update_team_membership(team.id, str(viewer.uuid), role).data.id == made.id
    assert api.get_team(team.id).data.attributes.user_count == 1
    assert api.get_team_links(team.id).data == []
    api.delete_team_membership(team.id, str(viewer.uuid))
    api.delete_team(team.id)
    assert not Team.objects.exists()


def test_teams_are_listed_and_paged(boss):
    for number in range(5):
        Team.objects.create(name=f"Team {number}", handle=f"team-{number}")
    api = boss(TeamsApi)
    everything = api.list_teams()
    assert everything.meta.pagination.type == "offset_limit"
    assert len(everything.data) == 5
    page = api.list_teams(page_size=2, page_number=1)
    assert [team.attributes.name for team in page.data] == ["Team 2", "Team 3"]
    assert "page%5Bnumber%5D=2" in page.links.next
    assert len(api.list_teams_with_pagination(page_size=2)) == 5
    assert len(api.list_teams(filter_keyword="team 3").data) == 1
    assert api.list_teams(filter_me=True).data == []


def test_a_team_that_is_not_there(boss):
    errors = refused(404, boss(TeamsApi).get_team, "nonsense")
    assert errors == ["nonsense is not a valid UUID not found"]

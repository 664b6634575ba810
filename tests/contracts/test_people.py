"""People, roles and teams, by the official client."""

import re
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi as ValidateV1
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.roles_api import RolesApi
from datadog_api_client.v2.api.users_api import UsersApi
from django.core import mail

from accounts_app.models import Invitation, Role, User
from core_app.delivery import deliver_due


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


def test_a_role_may_be_made_that_gives_nothing(boss):
    body = new_role("Nothing")
    body.data.attributes.default_permissions_opt_out = True
    assert boss(RolesApi).list_role_permissions(boss(RolesApi).create_role(body).data.id).data == []


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
    named = {one.attributes.name: one for one in api.list_permissions().data}
    wanted, usual = named["cases_read"], {named[name].id for name in ("teams_read", "user_access_read")}
    assert {one.id for one in api.list_role_permissions(role.id).data} == usual
    grant = v2.RelationshipToPermission(
        data=v2.RelationshipToPermissionData(id=wanted.id, type=v2.PermissionsType.PERMISSIONS)
    )
    assert {one.id for one in api.add_permission_to_role(role.id, grant).data} == {wanted.id, *usual}
    assert len(api.list_role_permissions(role.id).data) == 3
    assert {one.id for one in api.remove_permission_from_role(role.id, grant).data} == usual
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


def test_the_roles_of_the_product_are_templates(boss):
    names = [template.attributes.name for template in boss(RolesApi).list_role_templates().data]
    assert sorted(names) == ["Admin", "Read Only", "Standard"]


# --- invitations ---


def invitation(*user_ids):
    return v2.UserInvitationsRequest(
        data=[
            v2.UserInvitationData(
                type=v2.UserInvitationsType.USER_INVITATIONS,
                relationships=v2.UserInvitationRelationships(
                    user=v2.RelationshipToUser(data=v2.RelationshipToUserData(id=one, type=v2.UsersType.USERS))
                ),
            )
            for one in user_ids
        ]
    )


def guest(api, email="guest@example.test"):
    attributes = v2.UserCreateAttributes(email=email, name="Gus Guest")
    return api.create_user(
        v2.UserCreateRequest(data=v2.UserCreateData(attributes=attributes, type=v2.UsersType.USERS))
    ).data.id


def test_an_invitation_lets_a_new_person_in(boss, client):
    api = boss(UsersApi)
    user_id = guest(api)
    made = api.send_invitations(invitation(user_id)).data[0]
    assert made.relationships.user.data.id == user_id
    told = api.get_invitation(made.id).data
    assert (told.id, told.attributes.uuid, told.attributes.invite_type) == (made.id, made.id, "openid_invite")
    assert told.attributes.expires_at > told.attributes.created_at
    deliver_due()
    (message,) = mail.outbox
    assert message.to == ["guest@example.test"]
    link = re.search(rf"{boss.url}(/\S+key/\S+)", message.body)[1]
    page = client.get(link, follow=True)
    new = "an even longer pass phrase"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    client.post("/accounts/login/", {"login": "guest@example.test", "password": new})
    assert api.get_user(user_id).data.attributes.status == "Active"
    refused(400, api.send_invitations, invitation(user_id))  # who has come already


def test_an_invitation_that_was_withdrawn_lets_nobody_in(boss, client):
    api = boss(UsersApi)
    user_id = guest(api)
    made = api.send_invitations(invitation(user_id)).data[0]
    deliver_due()
    link = re.search(rf"{boss.url}(/\S+key/\S+)", mail.outbox[0].body)[1]
    api.delete_user_invitations(UUID(user_id))
    refused(404, api.get_invitation, made.id)
    assert "no longer works" in client.get(link, follow=True).content.decode()


def test_who_cannot_be_invited(boss, machine, viewer):
    api = boss(UsersApi)
    refused(400, api.send_invitations, invitation())
    refused(400, api.send_invitations, invitation("00000000-0000-0000-0000-000000000001"))
    refused(404, api.get_invitation, "abc")
    with pytest.raises(ForbiddenException):  # an administrator may do more than an analyst who invites
        machine(UsersApi).send_invitations(invitation(str(User.objects.get(email="admin@example.test").uuid)))
    assert not Invitation.objects.exists()

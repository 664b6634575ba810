"""Teams, by the official client: who is in them, what they have linked, who may change them, which is part of which."""

import pytest
from datadog_api_client.exceptions import ForbiddenException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.teams_api import TeamsApi

from accounts_app.models import Membership, Team
from core_app.models import Entry

from .test_people import refused

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def boss(machine_of, admin):
    """The administrator's machine."""
    return machine_of(admin)


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
    assert api.update_team_membership(team.id, str(viewer.uuid), role_of(None)).data.id == made.id
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


# --- roles within a team ---


def role_of(role):
    attributes = v2.UserTeamAttributes(role=role)
    return v2.UserTeamUpdateRequest(
        data=v2.UserTeamUpdate(type=v2.UserTeamType.TEAM_MEMBERSHIPS, attributes=attributes)
    )


def joining(user, role=None):
    related = v2.RelationshipToUserTeamUser(
        data=v2.RelationshipToUserTeamUserData(id=str(user.uuid), type=v2.UserTeamUserType.USERS)
    )
    return v2.UserTeamRequest(
        data=v2.UserTeamCreate(
            type=v2.UserTeamType.TEAM_MEMBERSHIPS,
            attributes=v2.UserTeamAttributes(role=role),
            relationships=v2.UserTeamRelationships(user=related),
        )
    )


def test_a_team_has_administrators(boss, viewer):
    api = boss(TeamsApi)
    team = api.create_team(new_team("Night shift", "night-shift")).data
    made = api.create_team_membership(team.id, joining(viewer, v2.UserTeamRole.ADMIN)).data
    assert str(made.attributes.role) == "admin"
    assert api.update_team_membership(team.id, str(viewer.uuid), role_of(None)).data.attributes.role is None
    told = api.update_team_membership(team.id, str(viewer.uuid), role_of(v2.UserTeamRole.ADMIN)).data
    assert str(told.attributes.role) == "admin"
    entry = Entry.objects.filter(verb="accounts.member_role_set").latest("pk")
    assert entry.data["role"] == ["", "admin"]
    refused(404, api.update_team_membership, team.id, NOBODY, role_of(None))


def setting(value):
    attributes = v2.TeamPermissionSettingUpdateAttributes(value=v2.TeamPermissionSettingValue(value))
    kind = v2.TeamPermissionSettingType.TEAM_PERMISSION_SETTINGS
    return v2.TeamPermissionSettingUpdateRequest(data=v2.TeamPermissionSettingUpdate(type=kind, attributes=attributes))


@pytest.mark.parametrize(
    ("value", "role", "is_open"),
    [
        ("teams_manage", "admin", False),
        ("admins", "", False),
        ("admins", "admin", True),
        ("members", "", True),
        ("members", None, False),
        ("organization", None, True),
        ("user_access_manage", "admin", False),
    ],
)
def test_what_a_team_lets_others_do(boss, machine_of, viewer, responder, value, role, is_open):
    """A viewer may edit no team by their roles; `role` is theirs within it (None: they are not in it)."""
    api, team_id = boss(TeamsApi), boss(TeamsApi).create_team(new_team("Night shift", "night-shift")).data.id
    if role is not None:
        Membership.objects.create(team=Team.objects.get(uuid=team_id), user=viewer, role=role)
    told = {one.attributes.action.value: one.attributes for one in api.get_team_permission_settings(team_id).data}
    assert {str(one.value) for one in told.values()} == {"teams_manage"}
    for action in told:
        changed = api.update_team_permission_setting(team_id, action, setting(value)).data.attributes
        assert (str(changed.value), changed.editable) == (value, True)
    theirs = machine_of(viewer)(TeamsApi)
    assert not theirs.get_team_permission_settings(team_id).data[0].attributes.editable
    calls = [
        lambda: theirs.update_team(team_id, renaming("Late shift", "night-shift")),
        lambda: theirs.create_team_link(team_id, new_link()),
        lambda: theirs.create_team_membership(team_id, joining(responder)),
    ]
    for call in calls:
        if is_open:
            call()
        else:
            with pytest.raises(ForbiddenException):
                call()
    with pytest.raises(ForbiddenException):  # settings are for those who may edit every team
        theirs.update_team_permission_setting(team_id, "edit", setting("organization"))
    with pytest.raises(ForbiddenException):
        theirs.delete_team(team_id)


def renaming(name, handle, **more):
    attributes = v2.TeamUpdateAttributes(name=name, handle=handle, **more)
    return v2.TeamUpdateRequest(data=v2.TeamUpdate(attributes=attributes, type=v2.TeamType.TEAM))


def test_settings_that_are_not_there(boss):
    api = boss(TeamsApi)
    team_id = api.create_team(new_team("Night shift", "night-shift")).data.id
    refused(404, api.update_team_permission_setting, team_id, "paint", setting("admins"))
    refused(404, api.get_team_permission_settings, NOBODY)


def test_what_a_team_looks_like_is_given_back(boss):
    api = boss(TeamsApi)
    team = api.create_team(new_team("Night shift", "night-shift")).data
    looks = {"avatar": "🥑", "banner": 7, "visible_modules": ["m1", "m2"], "hidden_modules": ["m3"]}
    api.update_team(team.id, renaming("Night shift", "night-shift", **looks))
    told = api.get_team(team.id).data.attributes
    assert {name: getattr(told, name) for name in looks} == looks
    told = api.update_team(team.id, renaming("Night shift", "night-shift", description="Awake")).data.attributes
    assert (told.avatar, told.description) == ("🥑", "Awake")


# --- links ---


def new_link(label="Handbook", url="https://example.com/", **more):
    attributes = v2.TeamLinkAttributes(label=label, url=url, **more)
    return v2.TeamLinkCreateRequest(data=v2.TeamLinkCreate(attributes=attributes, type=v2.TeamLinkType.TEAM_LINKS))


def test_links_of_a_team_come_and_go(boss):
    api = boss(TeamsApi)
    team_id = api.create_team(new_team("Night shift", "night-shift")).data.id
    made = api.create_team_link(team_id, new_link(position=1)).data
    first = api.create_team_link(team_id, new_link("Rota", position=0)).data
    assert (made.attributes.label, made.attributes.team_id, made.attributes.position) == ("Handbook", team_id, 1)
    assert [link.id for link in api.get_team_links(team_id).data] == [first.id, made.id]
    assert api.update_team_link(team_id, made.id, new_link("Runbook")).data.attributes.label == "Runbook"
    assert refused(422, api.create_team_link, team_id, new_link("")) == [
        "data.attributes.label: This field may not be blank."
    ]
    assert api.get_team_link(team_id, made.id).data.attributes.position == 1
    told = api.get_team(team_id).data
    assert told.attributes.link_count == 2
    assert [link.id for link in told.relationships.team_links.data] == [first.id, made.id]
    api.delete_team_link(team_id, made.id)
    for call, body in ((api.get_team_link, []), (api.update_team_link, [new_link()]), (api.delete_team_link, [])):
        refused(404, call, team_id, made.id, *body)
    refused(404, api.create_team_link, NOBODY, new_link())


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com/", "handbook", "https://"])
def test_a_link_leads_to_the_web(boss, url):
    api = boss(TeamsApi)
    team_id = api.create_team(new_team("Night shift", "night-shift")).data.id
    refused(422, api.create_team_link, team_id, new_link(url=url))
    made = api.create_team_link(team_id, new_link()).data.id
    refused(422, api.update_team_link, team_id, made, new_link(url=url))


def test_the_client_reads_what_is_told_beside_teams_and_a_part_of_each(boss):
    api = boss(TeamsApi)
    team_id = api.create_team(new_team("Night shift", "night-shift")).data.id
    link = api.create_team_link(team_id, new_link()).data.id
    beside = api.list_teams(
        include=[v2.ListTeamsInclude.TEAM_LINKS, v2.ListTeamsInclude.USER_TEAM_PERMISSIONS]
    ).included
    assert [str(one.type) for one in beside] == ["team_links", "user_team_permissions"]
    assert beside[0].id == link
    assert beside[1].attributes.permissions == {"edit": True, "manage_membership": True}
    [told] = api.list_teams(fields_team=[v2.TeamsField.ID, v2.TeamsField.NAME, v2.TeamsField.HANDLE]).data
    assert (told.attributes.handle, "user_count" in told.attributes) == ("night-shift", False)


# --- parts ---


def part(parent, sub):
    def team(team_id):
        return v2.TeamHierarchyLinkCreateTeamRelationship(
            data=v2.TeamHierarchyLinkCreateTeam(id=team_id, type=v2.TeamType.TEAM)
        )

    related = v2.TeamHierarchyLinkCreateRelationships(parent_team=team(parent), sub_team=team(sub))
    kind = v2.TeamHierarchyLinkType.TEAM_HIERARCHY_LINKS
    return v2.TeamHierarchyLinkCreateRequest(data=v2.TeamHierarchyLinkCreate(relationships=related, type=kind))


def test_teams_are_parts_of_teams_and_never_of_themselves(boss):
    api = boss(TeamsApi)
    house, wing, room = (api.create_team(new_team(name, name.lower())).data.id for name in ("House", "Wing", "Room"))
    made = api.add_team_hierarchy_link(part(house, wing)).data
    api.add_team_hierarchy_link(part(wing, room))
    for parent, sub in ((house, wing), (wing, house), (room, house), (house, house)):
        refused(409, api.add_team_hierarchy_link, part(parent, sub))
    told = api.get_team_hierarchy_link(made.id)
    assert told.data.relationships.parent_team.data.id == house
    assert {team.attributes.name for team in told.included} == {"House", "Wing"}
    listed = api.list_team_hierarchy_links(filter_parent_team=house, filter_sub_team=wing)
    assert ([one.id for one in listed.data], listed.meta.page.total) == ([made.id], 1)
    assert len(api.list_team_hierarchy_links_with_pagination(page_size=1)) == 2
    assert [team.id for team in api.list_member_teams(house).data] == [wing]
    api.remove_team_hierarchy_link(made.id)
    refused(404, api.get_team_hierarchy_link, made.id)
    refused(404, api.add_team_hierarchy_link, part(house, NOBODY))


def test_member_teams_are_the_same_by_another_name(boss):
    api = boss(TeamsApi)
    house, wing = (api.create_team(new_team(name, name.lower())).data.id for name in ("House", "Wing"))
    body = v2.AddMemberTeamRequest(data=v2.MemberTeam(id=wing, type=v2.MemberTeamType.MEMBER_TEAMS))
    api.add_member_team(house, body)
    assert len(api.list_team_hierarchy_links().data) == 1
    api.remove_member_team(house, wing)
    refused(404, api.remove_member_team, house, wing)
    with pytest.raises(NotFoundException):
        api.list_member_teams(NOBODY)


# --- how a team is told, and what it is elsewhere ---


def telling(kind=v2.TeamNotificationRule, **channels):
    return v2.TeamNotificationRuleRequest(
        data=kind(
            type=v2.TeamNotificationRuleType.TEAM_NOTIFICATION_RULES,
            attributes=v2.TeamNotificationRuleAttributes(**channels),
        )
    )


def test_how_a_team_is_told_is_said_once_and_changed(boss):
    api = boss(TeamsApi)
    team_id = api.create_team(new_team("Night shift", "night-shift")).data.id
    slack = v2.TeamNotificationRuleAttributesSlack(workspace="Night", channel="ops")
    said = telling(email=v2.TeamNotificationRuleAttributesEmail(enabled=False), slack=slack)
    made = api.create_team_notification_rule(team_id, said).data
    assert (made.attributes.email.enabled, made.attributes.slack.channel) == (False, "ops")
    refused(409, api.create_team_notification_rule, team_id, said)
    assert [one.id for one in api.get_team_notification_rules(team_id).data] == [made.id]
    pager = telling(pagerduty=v2.TeamNotificationRuleAttributesPagerduty(service_name="night"))
    changed = api.update_team_notification_rule(team_id, made.id, pager).data.attributes
    assert (changed.pagerduty.service_name, "slack" in changed) == ("night", False)
    assert api.get_team_notification_rule(team_id, made.id).data.id == made.id
    refused(404, api.get_team_notification_rule, team_id, NOBODY)
    pager.data.id = NOBODY
    refused(409, api.update_team_notification_rule, team_id, made.id, pager)
    api.delete_team_notification_rule(team_id, made.id)
    assert api.get_team_notification_rules(team_id).data == []
    assert Entry.objects.filter(verb="accounts.team_telling_set").count() == 3


def connecting(*team_ids, name="@night/shift"):
    made = [
        v2.TeamConnectionCreateData(
            type=v2.TeamConnectionType.TEAM_CONNECTION,
            attributes=v2.TeamConnectionAttributes(source="github", managed_by="datadog"),
            relationships=v2.TeamConnectionRelationships(
                team=v2.TeamRef(data=v2.TeamRefData(id=team_id, type=v2.TeamRefDataType.TEAM)),
                connected_team=v2.ConnectedTeamRef(
                    data=v2.ConnectedTeamRefData(id=name, type=v2.ConnectedTeamRefDataType.GITHUB_TEAM)
                ),
            ),
        )
        for team_id in team_ids
    ]
    return v2.TeamConnectionCreateRequest(data=made)


def disconnecting(*ids):
    gone = [v2.TeamConnectionDeleteRequestDataItem(id=one, type=v2.TeamConnectionType.TEAM_CONNECTION) for one in ids]
    return v2.TeamConnectionDeleteRequest(data=gone)


def test_a_team_is_connected_with_itself_elsewhere(boss, client, admin):
    api = boss(TeamsApi)
    one, two = (api.create_team(new_team(name, name)).data.id for name in ("one", "two"))
    made = api.create_team_connections(connecting(one)).data[0]
    assert (made.attributes.source, made.relationships.team.data.id) == ("github", one)
    refused(409, api.create_team_connections, connecting(two, one))
    assert [found.id for found in api.list_team_connections().data] == [made.id], "all of them or none"
    refused(404, api.create_team_connections, connecting(NOBODY))
    assert len(api.list_team_connections(filter_sources=["github"], filter_team_ids=[one]).data) == 1
    assert api.list_team_connections(filter_connected_team_ids=["@other/team"]).data == []
    assert len(api.list_team_connections_with_pagination(page_size=1)) == 1
    client.force_login(admin)
    assert "https://github.com/orgs/night/teams/shift" in client.get("/teams/one/").text
    refused(404, api.delete_team_connections, disconnecting(made.id, NOBODY))
    api.delete_team_connections(disconnecting(made.id))
    assert api.list_team_connections().data == []

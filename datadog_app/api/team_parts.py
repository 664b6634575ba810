"""What teams have besides people: links, who may change them, and which is a part of which."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import require
from accounts_app.models import Team, TeamLink, TeamPart
from core_app.errors import Invalid, NotFound
from datadog_app import describing as told
from datadog_app.api.teams import MANAGE, READ, TAG, TeamDoor, usual
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered, pagination
from datadog_app.queries import people
from datadog_app.reading import given, text
from datadog_app.serializers.people import team_data
from datadog_app.serializers.teams import (
    SETTINGS,
    LinkCreate,
    MemberTeam,
    PartCreate,
    SettingUpdate,
    link_data,
    part_data,
    part_team_data,
    setting_data,
)

LINK_DATA = told.resource(
    "team_links",
    told.thing(("label", "url"), label=told.TEXT, url=told.TEXT, position=told.WHOLE, team_id=told.UUID),
)
SETTING_DATA = told.resource(
    "team_permission_settings",
    told.thing(
        action=told.words(*SETTINGS),
        editable=told.FLAG,
        options=told.many(told.TEXT),
        title=told.TEXT,
        value=told.words(*Team.Whose.values),
    ),
)
PART_DATA = told.resource(
    "team_hierarchy_links",
    told.thing(("created_at", "provisioned_by"), created_at=told.DATE, provisioned_by=told.TEXT),
    relationships=told.thing(parent_team=told.TO_ONE, sub_team=told.TO_ONE),
)
PART = told.data(PART_DATA, included=told.INCLUDED, links=told.ANYTHING)
PARTS = told.data(told.many(PART_DATA), included=told.INCLUDED, links=told.ANYTHING, meta=told.ANYTHING)
PART_FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("filter[parent_team]", words="The id of the team that has parts."),
    told.parameter("filter[sub_team]", words="The id of the team that is a part."),
]


# --- links ------------------------------------------------------------------------------------


def _link(request: Request) -> dict[str, Any]:
    """What is sent of a link. Raises Refusals."""
    asked = given(request, LinkCreate)["data"]["attributes"]
    if not asked["label"].strip():
        raise Refusals([(("data", "attributes", "label"), "This field may not be blank.")], status=422)
    return asked


class LinkDoor(TeamDoor):
    """What the endpoints of links have in common: of what is sent, all that cannot be kept is 422 in the original."""

    fields = {name: name for name in ("label", "url", "position")}
    statuses = {**TeamDoor.statuses, Invalid: 422}


class TeamLinks(LinkDoor):
    """`/api/v2/team/{team_id}/links`"""

    @told.operation(TAG, "Get links for a team", answer=told.data(told.many(LINK_DATA)))
    def get(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        team = people.team(request.actor, team_id)
        links = TeamLink.objects.visible_to(request.actor).filter(team=team).select_related("team")
        return Response({"data": [link_data(link) for link in links]})

    @told.operation(TAG, "Create a team link", body=LinkCreate, answer=told.data(LINK_DATA))
    def post(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        asked = _link(request)
        team = people.team(request.actor, team_id)
        link = actions.add_team_link(actor=request.actor, team=team, **asked)
        return Response({"data": link_data(link)})


class TeamLinkDetail(LinkDoor):
    """`/api/v2/team/{team_id}/links/{link_id}`"""

    @told.operation(TAG, "Get a team link", answer=told.data(LINK_DATA))
    def get(self, request: Request, team_id: str, link_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": link_data(people.link(request.actor, team_id, link_id))})

    @told.operation(TAG, "Update a team link", body=LinkCreate, answer=told.data(LINK_DATA))
    def patch(self, request: Request, team_id: str, link_id: str) -> Response:
        require(request.actor, READ)
        asked = _link(request)
        actions.edit_team_link(actor=request.actor, link=people.link(request.actor, team_id, link_id), **asked)
        return Response({"data": link_data(people.link(request.actor, team_id, link_id))})

    @told.operation(TAG, "Remove a team link", status=204)
    def delete(self, request: Request, team_id: str, link_id: str) -> Response:
        require(request.actor, READ)
        actions.remove_team_link(actor=request.actor, link=people.link(request.actor, team_id, link_id))
        return Response(status=204)


# --- who may change a team --------------------------------------------------------------------


class TeamSettings(TeamDoor):
    """`/api/v2/team/{team_id}/permission-settings`"""

    @told.operation(TAG, "Get permission settings for a team", answer=told.data(told.many(SETTING_DATA)))
    def get(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        team, may_edit = people.team(request.actor, team_id), request.actor.can(MANAGE)
        return Response({"data": [setting_data(team, action, may_edit=may_edit) for action in SETTINGS]})


class TeamSetting(TeamDoor):
    """`/api/v2/team/{team_id}/permission-settings/{action}`"""

    @told.operation(TAG, "Update permission setting for team", body=SettingUpdate, answer=told.data(SETTING_DATA))
    def put(self, request: Request, team_id: str, action: str) -> Response:
        require(request.actor, MANAGE)
        if action not in SETTINGS:
            raise NotFound("There is no such setting.")
        value = given(request, SettingUpdate)["data"]["attributes"]["value"]
        team = people.team(request.actor, team_id)
        team = actions.set_team_policy(actor=request.actor, team=team, **{SETTINGS[action][0]: value})
        return Response({"data": setting_data(team, action, may_edit=True)})


# --- parts ------------------------------------------------------------------------------------


def included(parts: list[TeamPart]) -> list[dict[str, Any]]:
    """The teams of these parts, each once."""
    teams = {team.pk: team for part in parts for team in (part.parent, part.sub)}
    return [part_team_data(team) for team in teams.values()]


class PartDoor(TeamDoor):
    """That one team is a part of another."""

    def one(self, request: Request, link_id: str) -> TeamPart:
        return people.one_of(people.parts(request.actor), link_id, "Team hierarchy link not found")

    def answer(self, request: Request, link_id: Any) -> Response:
        part = self.one(request, str(link_id))
        links = {"self": f"/api/v2/team-hierarchy-links/{part.uuid}"}
        return Response({"data": part_data(part), "included": included([part]), "links": links})


class PartList(PartDoor):
    """`/api/v2/team-hierarchy-links`"""

    @told.operation(TAG, "Get team hierarchy links", query=PART_FILTERS, answer=PARTS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page, found = Numbered.of(request), people.parts(request.actor)
        for field, name in (("parent", "filter[parent_team]"), ("sub", "filter[sub_team]")):
            if team_id := text(request, name):
                found = found.filter(**{field: people.team(request.actor, team_id)})
        rows = page.rows(found)
        told_pages = pagination(request, page, found.count(), always_numbered=True)
        return Response(
            {
                "data": [part_data(part) for part in rows],
                "included": included(rows),
                "meta": {"page": told_pages["meta"]["pagination"]},
                "links": told_pages["links"],
            }
        )

    @told.operation(TAG, "Create a team hierarchy link", body=PartCreate, answer=PART)
    def post(self, request: Request) -> Response:
        require(request.actor, MANAGE)
        asked = given(request, PartCreate)["data"]["relationships"]
        parent, sub = (self.named(request, asked, name) for name in ("parent_team", "sub_team"))
        return self.answer(request, actions.add_team_part(actor=request.actor, parent=parent, sub=sub).uuid)

    def named(self, request: Request, asked: dict[str, Any], name: str) -> Team:
        try:
            return people.team(request.actor, asked[name]["data"]["id"])
        except NotFound:
            path = ("data", "relationships", name, "data", "id")
            raise Refusals([(path, "there is no such team.")], status=404) from None


class PartDetail(PartDoor):
    """`/api/v2/team-hierarchy-links/{link_id}`"""

    @told.operation(TAG, "Get a team hierarchy link", answer=PART)
    def get(self, request: Request, link_id: str) -> Response:
        require(request.actor, READ)
        return self.answer(request, link_id)

    @told.operation(TAG, "Remove a team hierarchy link", status=204)
    def delete(self, request: Request, link_id: str) -> Response:
        require(request.actor, MANAGE)
        actions.remove_team_part(actor=request.actor, part=self.one(request, link_id))
        return Response(status=204)


class MemberTeams(TeamDoor):
    """`/api/v2/team/{super_team_id}/member_teams`: the same by its older name."""

    @told.operation(TAG, "Get all member teams", query=[told.PAGE_SIZE, told.PAGE_NUMBER], answer=told.TEAMS)
    def get(self, request: Request, super_team_id: str) -> Response:
        require(request.actor, READ)
        page, team = usual(request), people.team(request.actor, super_team_id)
        subs = TeamPart.objects.visible_to(request.actor).filter(parent=team).values("sub")
        found = people.teams(request.actor).filter(pk__in=subs).order_by("name", "pk")
        data = [team_data(one) for one in page.rows(found)]
        return Response({"data": data, **pagination(request, page, found.count())})

    @told.operation(TAG, "Add a member team", body=MemberTeam, status=204)
    def post(self, request: Request, super_team_id: str) -> Response:
        require(request.actor, MANAGE)
        member_id = given(request, MemberTeam)["data"]["id"]
        parent = people.team(request.actor, super_team_id)
        actions.add_team_part(actor=request.actor, parent=parent, sub=people.team(request.actor, member_id))
        return Response(status=204)


class MemberTeamDetail(TeamDoor):
    """`/api/v2/team/{super_team_id}/member_teams/{member_team_id}`"""

    @told.operation(TAG, "Remove a member team", status=204)
    def delete(self, request: Request, super_team_id: str, member_team_id: str) -> Response:
        require(request.actor, MANAGE)
        parent, sub = (people.team(request.actor, one) for one in (super_team_id, member_team_id))
        part = people.parts(request.actor).filter(parent=parent, sub=sub).first()
        if part is None:
            raise NotFound("Team not found")
        actions.remove_team_part(actor=request.actor, part=part)
        return Response(status=204)

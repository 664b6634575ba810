"""Teams and who is in them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import Actor, require
from accounts_app.actions.teams import roles_in
from accounts_app.models import Team, User
from core_app.errors import Conflict, NotFound
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered, order, pagination
from datadog_app.queries import people
from datadog_app.reading import chosen, flag, given, text
from datadog_app.serializers.people import (
    MembershipCreate,
    MembershipUpdate,
    TeamCreate,
    TeamUpdate,
    membership_data,
    team_data,
    user_data,
)
from datadog_app.serializers.teams import link_data, listed_team_data, own_permissions

TAG = "Teams"
READ, MANAGE = "teams_read", "teams_manage"
USUAL_SIZE = 100  # of a page that nobody asked for
SORTS = {"name": "name", "user_count": "user_count"}
MEMBER_SORTS = {"name": "user__name", "handle": "user__email", "email": "user__email", "manager_name": "user__name"}
TEAM_INCLUDES = (LINKS, PERMISSIONS) = ("team_links", "user_team_permissions")
TEAM_FIELDS = (
    *("id", "name", "handle", "summary", "description", "avatar", "banner", "visible_modules", "hidden_modules"),
    *("created_at", "modified_at", "user_count", "link_count", *TEAM_INCLUDES),
)
TEAM_FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("sort", enum=[sign + name for name in SORTS for sign in ("", "-")]),
    told.parameter("filter[keyword]", words="A part of the name or of the handle."),
    told.parameter("filter[me]", bool, "Whether only one's own teams are listed."),
    told.parameter("include", words=f"Of {' and '.join(TEAM_INCLUDES)}, with commas between them: told beside."),
    told.parameter("fields[team]", words=f"Of {', '.join(TEAM_FIELDS)}: what is told of each, and all without it."),
]
MEMBER_FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("sort", enum=[sign + name for name in MEMBER_SORTS for sign in ("", "-")]),
    told.parameter("filter[keyword]", words="A part of the name or of the e-mail address."),
]


def usual(request: Request) -> Numbered:
    """The page that is asked for: 10 with a number, all that there may be without."""
    return Numbered.of(request, size=10 if "page[number]" in request.query_params else USUAL_SIZE)


class TeamDoor(Door):
    """What the endpoints of teams have in common."""

    group = "teams"

    def told(self, request: Request, team: Team, status: int = 200) -> Response:
        """The team as it is now."""
        return Response({"data": team_data(people.team(request.actor, str(team.uuid)))}, status=status)


def check_unique(actor: Actor, name: str, handle: str, but: Team | None = None) -> None:
    """Raises Conflict when another team is called so."""
    others = people.teams(actor).filter(Q(name=name) | Q(handle=handle))
    if others.exclude(pk=but.pk if but else None).exists():
        raise Conflict("Team name and handle must be unique")


class TeamList(TeamDoor):
    """`/api/v2/team`"""

    @told.operation(TAG, "Get all teams", query=TEAM_FILTERS, answer=told.TEAMS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page = usual(request)
        found = people.teams(request.actor).order_by(order(request, SORTS, "name"), "pk")
        if part := text(request, "filter[keyword]"):
            found = found.filter(Q(name__icontains=part) | Q(handle__icontains=part))
        if flag(request, "filter[me]"):
            mine = people.memberships(request.actor).filter(user=request.actor.user)
            found = found.filter(pk__in=mine.values("team"))
        fields, wanted = chosen(request, "fields[team]", TEAM_FIELDS), chosen(request, "include", TEAM_INCLUDES)
        rows = page.rows(found)
        data = [listed_team_data(team, fields) for team in rows]
        answer = {"data": data, **pagination(request, page, found.count())}
        return Response(answer | ({"included": beside(request.actor, rows, wanted)} if wanted else {}))

    @told.operation(TAG, "Create a team", body=TeamCreate, answer=told.TEAM, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, READ)
        require(request.actor, MANAGE)
        data = given(request, TeamCreate)["data"]
        asked = data["attributes"]
        check_unique(request.actor, asked["name"], asked["handle"])
        members = users_named(request, data)
        with transaction.atomic():
            team = actions.create_team(
                actor=request.actor,
                name=asked["name"],
                handle=asked["handle"],
                **more_of(asked),
            )
            if members:
                actions.set_members(actor=request.actor, team=team, users=members)
        return self.told(request, team, status=201)


def beside(actor: Actor, teams: list[Team], wanted: list[str]) -> list[dict[str, Any]]:
    """What is `included` with a list of teams: their links, and what the actor may do with each."""
    found: list[dict[str, Any]] = []
    if LINKS in wanted:
        found += [link_data(link) for team in teams for link in team.links.all()]
    if PERMISSIONS in wanted:
        roles = roles_in(actor, teams)
        found += [own_permissions(actor, team, roles) for team in teams]
    return found


def users_named(request: Request, data: dict[str, Any]) -> list[User]:
    """The people among what is related. Raises Refusals for one that there is not."""
    listed = ((data.get("relationships") or {}).get("users") or {}).get("data") or []
    path = ("data", "relationships", "users", "data")
    found = []
    for place, one in enumerate(listed):
        try:
            found.append(people.user(request.actor, one["id"]))
        except NotFound:
            raise Refusals([((*path, place, "id"), "there is no such person.")]) from None
    return found


class TeamDetail(TeamDoor):
    """`/api/v2/team/{team_id}`"""

    @told.operation(TAG, "Get a team", answer=told.TEAM)
    def get(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        return self.told(request, people.team(request.actor, team_id))

    @told.operation(TAG, "Update a team", body=TeamUpdate, answer=told.TEAM)
    def patch(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        asked = given(request, TeamUpdate)["data"]["attributes"]
        team = people.team(request.actor, team_id)
        check_unique(request.actor, asked["name"], asked["handle"], but=team)
        actions.update_team(
            actor=request.actor,
            team=team,
            name=asked["name"],
            handle=asked["handle"],
            **more_of(asked),
        )
        return self.told(request, team)

    @told.operation(TAG, "Remove a team", status=204)
    def delete(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        require(request.actor, MANAGE)
        actions.delete_team(actor=request.actor, team=people.team(request.actor, team_id))
        return Response(status=204)


class MembershipList(TeamDoor):
    """`/api/v2/team/{team_id}/memberships`"""

    @told.operation(TAG, "Get team memberships", query=MEMBER_FILTERS, answer=told.MEMBERSHIPS)
    def get(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        page = usual(request)
        found = people.memberships(request.actor).filter(team=people.team(request.actor, team_id))
        found = found.order_by(order(request, MEMBER_SORTS, "name"), "pk")
        if part := text(request, "filter[keyword]"):
            found = found.filter(Q(user__name__icontains=part) | Q(user__email__icontains=part))
        data = [membership_data(membership) for membership in page.rows(found)]
        return Response({"data": data, **pagination(request, page, found.count())})

    @told.operation(TAG, "Add a user to a team", body=MembershipCreate, answer=told.MEMBERSHIP)
    def post(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        data = given(request, MembershipCreate)["data"]
        team = people.team(request.actor, team_id)
        user = people.user(request.actor, data["relationships"]["user"]["data"]["id"])
        if people.memberships(request.actor).filter(team=team, user=user).exists():
            raise Conflict("User is already a member of this team")
        with transaction.atomic():
            actions.change_members(actor=request.actor, team=team, add=[user])
            if role := (data.get("attributes") or {}).get("role"):
                actions.set_member_role(actor=request.actor, team=team, user=user, role=role)
        membership = people.memberships(request.actor).get(team=team, user=user)
        return Response({"data": membership_data(membership), "included": [user_data(user)]})


def more_of(asked: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a team besides its name and handle; null empties it."""
    empty: dict[str, Any] = {
        "description": "",
        "avatar": "",
        "banner": None,
        "visible_modules": [],
        "hidden_modules": [],
    }
    return {name: nothing if asked[name] is None else asked[name] for name, nothing in empty.items() if name in asked}


class MembershipDetail(TeamDoor):
    """`/api/v2/team/{team_id}/memberships/{user_id}`"""

    @told.operation(TAG, "Update a user's membership", body=MembershipUpdate, answer=told.MEMBERSHIP)
    def patch(self, request: Request, team_id: str, user_id: str) -> Response:
        require(request.actor, READ)
        asked = given(request, MembershipUpdate)["data"].get("attributes") or {}
        team, user = self.both(request, team_id, user_id)
        if "role" in asked:
            actions.set_member_role(actor=request.actor, team=team, user=user, role=asked["role"] or "")
        membership = people.memberships(request.actor).get(team=team, user=user)
        return Response({"data": membership_data(membership), "included": [user_data(user)]})

    @told.operation(TAG, "Remove a user from a team", status=204)
    def delete(self, request: Request, team_id: str, user_id: str) -> Response:
        require(request.actor, READ)
        team, user = self.both(request, team_id, user_id)
        actions.change_members(actor=request.actor, team=team, remove=[user])
        return Response(status=204)

    def both(self, request: Request, team_id: str, user_id: str) -> tuple[Team, User]:
        """The team, and the person in it. Raises NotFound."""
        team, user = people.team(request.actor, team_id), people.user(request.actor, user_id)
        if not people.memberships(request.actor).filter(team=team, user=user).exists():
            raise NotFound("Membership not found")
        return team, user

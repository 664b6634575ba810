"""How teams are told, and which team is which elsewhere."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import require
from accounts_app.models import TeamConnection, TeamTold
from core_app.errors import NotFound
from datadog_app import describing as told
from datadog_app.api.teams import MANAGE, READ, TAG, TeamDoor, usual
from datadog_app.errors import Refusals
from datadog_app.paging import pagination
from datadog_app.queries import people
from datadog_app.reading import given, uuid, words
from datadog_app.serializers.teams import (
    ConnectionsCreate,
    ConnectionsDelete,
    TellingCreate,
    TellingUpdate,
    connection_data,
    telling_data,
)

TELLING_DATA = told.resource("team_notification_rules", told.ANYTHING)
TELLING = told.data(TELLING_DATA)
CONNECTION_DATA = told.resource(
    "team_connection",
    told.thing(source=told.TEXT, managed_by=told.TEXT),
    relationships=told.thing(team=told.TO_ONE, connected_team=told.TO_ONE),
)
CONNECTION_FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("filter[sources]", words="Where the teams are, with commas between."),
    told.parameter("filter[team_ids]", words="Ids of teams, with commas between."),
    told.parameter("filter[connected_team_ids]", words="Names of teams elsewhere, with commas between."),
    told.parameter("filter[connection_ids]", words="Ids of connections, with commas between."),
]


class TellingDoor(TeamDoor):
    """What the endpoints of one team's notification rules have in common. A team has one at most."""

    def rows(self, request: Request, team_id: str) -> list[TeamTold]:
        team = people.team(request.actor, team_id)
        return list(TeamTold.objects.visible_to(request.actor).filter(team=team).select_related("team"))

    def row(self, request: Request, team_id: str, rule_id: str) -> TeamTold:
        found = [row for row in self.rows(request, team_id) if row.uuid == uuid(rule_id)]
        if not found:
            raise NotFound("Notification rule not found")
        return found[0]


class TeamTellings(TellingDoor):
    """`/api/v2/team/{team_id}/notification-rules`"""

    @told.operation(TAG, "Get team notification rules", answer=told.data(told.many(TELLING_DATA), meta=told.ANYTHING))
    def get(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        rows = self.rows(request, team_id)
        page = {"type": "offset_limit", "offset": 0, "limit": 1, "first_offset": 0, "last_offset": 0}
        page |= {"prev_offset": None, "next_offset": None, "total": len(rows)}
        return Response({"data": [telling_data(row) for row in rows], "meta": {"page": page}})

    @told.operation(TAG, "Create team notification rule", body=TellingCreate, answer=TELLING, status=201)
    def post(self, request: Request, team_id: str) -> Response:
        require(request.actor, READ)
        channels = given(request, TellingCreate)["data"]["attributes"]
        team = people.team(request.actor, team_id)
        row = actions.set_up_telling(actor=request.actor, team=team, channels=channels)
        return Response({"data": telling_data(row)}, status=201)


class TeamTelling(TellingDoor):
    """`/api/v2/team/{team_id}/notification-rules/{rule_id}`"""

    @told.operation(TAG, "Get team notification rule", answer=TELLING)
    def get(self, request: Request, team_id: str, rule_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": telling_data(self.row(request, team_id, rule_id))})

    @told.operation(TAG, "Update team notification rule", body=TellingUpdate, answer=TELLING)
    def put(self, request: Request, team_id: str, rule_id: str) -> Response:
        require(request.actor, READ)
        asked = given(request, TellingUpdate)["data"]
        if asked.get("id", rule_id) != rule_id:
            raise Refusals([(("data", "id"), "it differs from the id in the address.")], status=409)
        row = self.row(request, team_id, rule_id)
        row = actions.change_telling(actor=request.actor, told=row, channels=asked["attributes"])
        return Response({"data": telling_data(row)})

    @told.operation(TAG, "Delete team notification rule", status=204)
    def delete(self, request: Request, team_id: str, rule_id: str) -> Response:
        require(request.actor, READ)
        actions.forget_telling(actor=request.actor, told=self.row(request, team_id, rule_id))
        return Response(status=204)


class TeamConnections(TeamDoor):
    """`/api/v2/team/connections`"""

    @told.operation(
        TAG,
        "List team connections",
        query=CONNECTION_FILTERS,
        answer=told.data(told.many(CONNECTION_DATA), meta=told.ANYTHING),
    )
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page = usual(request)
        rows = TeamConnection.objects.visible_to(request.actor).select_related("team")
        for name, field in (("sources", "source"), ("connected_team_ids", "connected")):
            if chosen := words(request, f"filter[{name}]"):
                rows = rows.filter(**{f"{field}__in": chosen})
        for name, field in (("team_ids", "team__uuid"), ("connection_ids", "uuid")):
            if chosen := words(request, f"filter[{name}]"):
                rows = rows.filter(**{f"{field}__in": [found for found in map(uuid, chosen) if found]})
        meta = pagination(request, page, rows.count(), always_numbered=True)["meta"]["pagination"]
        return Response({"data": [connection_data(row) for row in page.rows(rows)], "meta": {"page": meta}})

    @told.operation(
        TAG,
        "Create team connections",
        body=ConnectionsCreate,
        answer=told.data(told.many(CONNECTION_DATA)),
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, MANAGE)
        asked = [
            {
                "team": people.team(request.actor, one["relationships"]["team"]["data"]["id"]),
                "connected": one["relationships"]["connected_team"]["data"]["id"],
                "source": one["attributes"]["source"],
                "managed_by": one["attributes"].get("managed_by", ""),
            }
            for one in given(request, ConnectionsCreate)["data"]
        ]
        rows = actions.connect_teams(actor=request.actor, connections=asked)
        return Response({"data": [connection_data(row) for row in rows]}, status=201)

    @told.operation(TAG, "Delete team connections", body=ConnectionsDelete, status=204)
    def delete(self, request: Request) -> Response:
        require(request.actor, MANAGE)
        names = {uuid(one["id"]) for one in given(request, ConnectionsDelete)["data"]}
        rows = list(TeamConnection.objects.visible_to(request.actor).filter(uuid__in=names - {None}))
        if len(rows) != len(names):
            raise NotFound("Connection not found")
        actions.disconnect_teams(actor=request.actor, connections=rows)
        return Response(status=204)

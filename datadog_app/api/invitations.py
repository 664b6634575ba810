"""Invitations: mails by which people set their first password."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import require
from core_app.errors import NotFound
from datadog_app import describing as told
from datadog_app.api.users import TAG, UserDoor
from datadog_app.errors import Refusals
from datadog_app.queries import people
from datadog_app.reading import given
from datadog_app.serializers.people import InvitationsCreate, invitation_data

INVITE = "user_access_invite"
INVITATION = told.resource(
    "user_invitations",
    told.thing(uuid=told.UUID, invite_type=told.TEXT, created_at=told.DATE, expires_at=told.DATE),
    relationships=told.thing(user=told.TO_ONE),
)


class InvitationList(UserDoor):
    """`/api/v2/user_invitations`"""

    @told.operation(
        TAG,
        "Send invitation emails",
        body=InvitationsCreate,
        answer=told.data(told.many(INVITATION)),
        status=201,
    )
    def post(self, request: Request) -> Response:
        require(request.actor, INVITE)
        users = []
        for place, one in enumerate(given(request, InvitationsCreate)["data"]):
            try:
                users.append(people.user(request.actor, one["relationships"]["user"]["data"]["id"]))
            except NotFound:
                path = ("data", place, "relationships", "user", "data", "id")
                raise Refusals([(path, "there is no such person.")]) from None
        origin = request.build_absolute_uri("/").rstrip("/")
        made = actions.invite(actor=request.actor, users=users, origin=origin)
        return Response({"data": [invitation_data(one) for one in made]}, status=201)


class InvitationDetail(UserDoor):
    """`/api/v2/user_invitations/{user_invitation_uuid}`"""

    @told.operation(TAG, "Get a user invitation", answer=told.data(INVITATION))
    def get(self, request: Request, user_invitation_uuid: str) -> Response:
        require(request.actor, INVITE)
        return Response({"data": invitation_data(people.invitation(request.actor, user_invitation_uuid))})


class UserInvitations(UserDoor):
    """`/api/v2/users/{user_id}/invitations`"""

    @told.operation(TAG, "Delete a pending user's invitations", status=204)
    def delete(self, request: Request, user_id: str) -> Response:
        require(request.actor, INVITE)
        actions.withdraw_invitations(actor=request.actor, user=people.user(request.actor, user_id))
        return Response(status=204)

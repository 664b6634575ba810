"""People: listed, made, changed, shut out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app import actions
from accounts_app.access import given_to, require
from accounts_app.models import Role, User
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.errors import Refusals
from datadog_app.paging import Numbered, totals
from datadog_app.queries import people
from datadog_app.reading import choice, given, text, words, wrong
from datadog_app.serializers.people import (
    ACTIVE,
    DISABLED,
    PENDING,
    UserCreate,
    UserUpdate,
    membership_data,
    organisation_data,
    permission_data,
    role_data,
    roles_of,
    user_data,
)

TAG = "Users"
READ = "user_access_read"
SORTS = {
    **{name: name for name in ("name", "email", "created_at")},
    **{"handle": "email", "modified_at": "created_at", "status": "is_active", "title": "job_title"},
}
STATUSES = {
    ACTIVE.lower(): Q(is_active=True) & (Q(last_login__isnull=False) | Q(is_service_account=True)),
    PENDING.lower(): Q(is_active=True, last_login__isnull=True, is_service_account=False),
    DISABLED.lower(): Q(is_active=False),
}
FILTERS = [
    told.PAGE_SIZE,
    told.PAGE_NUMBER,
    told.parameter("sort", words="`name` without it.", enum=[sign + name for name in SORTS for sign in ("", "-")]),
    told.parameter("sort_dir", enum=["asc", "desc"]),
    told.parameter("filter", words="A part of the name or of the e-mail address."),
    told.parameter("filter[status]", words="Of Active, Pending and Disabled, with commas between them."),
]


class UserDoor(Door):
    """What the endpoints of people have in common."""

    group = "users"

    def told(self, request: Request, user: User, status: int = 200) -> Response:
        """The person as they are now, with their roles."""
        fresh = people.user(request.actor, str(user.uuid))
        wanted = [role.pk for role in roles_of([fresh])]
        included = [role_data(role) for role in people.roles(request.actor).filter(pk__in=wanted)]
        return Response({"data": user_data(fresh), "included": included}, status=status)


class UserList(UserDoor):
    """`/api/v2/users`"""

    @told.operation(TAG, "List all users", query=FILTERS, answer=told.USERS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        page = Numbered.of(request)
        everyone = people.users(request.actor)
        found = narrowed(request, everyone)
        rows = page.rows(found)
        wanted = [role.pk for role in roles_of(rows)]
        return Response(
            {
                "data": [user_data(user) for user in rows],
                "included": [role_data(role) for role in people.roles(request.actor).filter(pk__in=wanted)],
                "meta": totals(everyone.count(), found.count()),
            }
        )

    @told.operation(TAG, "Create a user", body=UserCreate, answer=told.USER, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, "user_access_invite")
        data = given(request, UserCreate)["data"]
        asked = data["attributes"]
        user = actions.create_user(
            actor=request.actor,
            email=asked["email"],
            name=(asked.get("name") or "").strip() or asked["email"].partition("@")[0][:120],
            job_title=asked.get("title") or "",
            roles=roles_named(request, data),
        )
        return self.told(request, user, status=201)


def narrowed(request: Request, users: Any) -> Any:
    """The people that the parameters leave, in their order. Raises Refusals."""
    if part := text(request, "filter"):
        users = users.filter(Q(name__icontains=part) | Q(email__icontains=part))
    wanted = Q()
    for word in words(request, "filter[status]"):
        if word.lower() not in STATUSES:
            raise wrong("filter[status]", "of Active, Pending and Disabled is expected.")
        wanted |= STATUSES[word.lower()]
    asked = choice(request, "sort", [sign + name for name in SORTS for sign in ("", "-")], "name")
    falling = asked.startswith("-") or choice(request, "sort_dir", ["asc", "desc"], "asc") == "desc"
    column = SORTS[asked.removeprefix("-")]
    return users.filter(wanted).order_by(f"-{column}" if falling else column, "pk")


def roles_named(request: Request, data: dict[str, Any]) -> list[Role]:
    """The roles among what is related. Raises Refusals for one that there is not."""
    listed = ((data.get("relationships") or {}).get("roles") or {}).get("data") or []
    found = {str(role.uuid): role for role in people.roles(request.actor)} if listed else {}
    for place, one in enumerate(listed):
        if one["id"] not in found:
            raise Refusals([(("data", "relationships", "roles", "data", place, "id"), "there is no such role.")])
    return [found[one["id"]] for one in listed]


def same_id(data: dict[str, Any], wanted: str, status: int = 422) -> None:
    """Refuse a body that is about another thing than the address."""
    if data["id"] != wanted:
        raise Refusals([(("data", "id"), "it differs from the id in the address.")], status=status)


class UserDetail(UserDoor):
    """`/api/v2/users/{user_id}`"""

    @told.operation(TAG, "Get user details", answer=told.USER)
    def get(self, request: Request, user_id: str) -> Response:
        require(request.actor, READ)
        return self.told(request, people.user(request.actor, user_id))

    @told.operation(TAG, "Update a user", body=UserUpdate, answer=told.USER)
    def patch(self, request: Request, user_id: str) -> Response:
        user = self.managed(request, user_id)
        data = given(request, UserUpdate)["data"]
        same_id(data, user_id)
        change(request, user, data["attributes"])
        return self.told(request, user)

    @told.operation(TAG, "Disable a user", status=204)
    def delete(self, request: Request, user_id: str) -> Response:
        actions.set_active(actor=request.actor, user=self.managed(request, user_id), active=False)
        return Response(status=204)

    def managed(self, request: Request, user_id: str) -> User:
        """A person whom the actor may edit. Raises NotAllowed, NotFound."""
        if not request.actor.can("service_account_write"):  # with which some are, as the action says
            require(request.actor, "user_access_manage")
        return people.user(request.actor, user_id)


def change(request: Request, user: User, asked: dict[str, Any]) -> None:
    """Change what is sent: both of the actions, or none."""
    with transaction.atomic():
        actions.update_user(
            actor=request.actor,
            user=user,
            email=asked.get("email"),
            name=asked.get("name"),
            job_title=(asked["title"] or "") if "title" in asked else None,
        )
        if "disabled" in asked:
            actions.set_active(actor=request.actor, user=user, active=not asked["disabled"])


class CurrentUser(UserDoor):
    """`/api/v2/current_user`"""

    @told.operation(TAG, "Get the current user", answer=told.USER)
    def get(self, request: Request) -> Response:
        return self.told(request, request.actor.user)

    @told.operation(TAG, "Update the current user", body=UserUpdate, answer=told.USER)
    def patch(self, request: Request) -> Response:
        """Anybody may write their own profile; a key that is narrowed to scopes only with that of editing people.

        The original documents no permission here. A key that was made for signals is not one to rename its owner.
        """
        if request.actor.is_narrowed:
            require(request.actor, "user_access_manage")
        data = given(request, UserUpdate)["data"]
        user, asked = request.actor.user, data["attributes"]
        same_id(data, str(user.uuid))
        if "email" in asked or "disabled" in asked:
            change(request, user, asked)
        else:
            actions.update_profile(
                actor=request.actor,
                name=asked.get("name", user.name),
                job_title=asked.get("title", user.job_title) or "",
                time_zone=user.time_zone,
                theme=user.theme,
            )
        return self.told(request, user)


class UserOrganisations(UserDoor):
    """`/api/v2/users/{user_id}/orgs`: there is one."""

    @told.operation(TAG, "Get a user organization", answer=told.USER)
    def get(self, request: Request, user_id: str) -> Response:
        data = user_data(people.user(request.actor, user_id))
        return Response({"data": data, "included": [organisation_data()]})


class UserPermissions(UserDoor):
    """`/api/v2/users/{user_id}/permissions`"""

    @told.operation(TAG, "Get a user's permissions", answer=told.PERMISSIONS)
    def get(self, request: Request, user_id: str) -> Response:
        require(request.actor, READ)
        return Response({"data": permission_data(given_to(people.user(request.actor, user_id)))})


class UserMemberships(UserDoor):
    """`/api/v2/users/{user_uuid}/memberships`"""

    @told.operation("Teams", "Get the memberships of a user", answer=told.MEMBERSHIPS)
    def get(self, request: Request, user_id: str) -> Response:
        require(request.actor, "teams_read")
        found = people.memberships(request.actor).filter(user=people.user(request.actor, user_id)).order_by("pk")
        return Response({"data": [membership_data(membership) for membership in found]})

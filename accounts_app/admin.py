"""People, roles, teams and keys in the admin panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet, URLField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join

from accounts_app import actions
from accounts_app.admin_forms import (
    ApiKeyPanelForm,
    ApplicationKeyPanelForm,
    RolePanelForm,
    TeamLinkPanelForm,
    TeamPanelForm,
    UserPanelForm,
)
from accounts_app.models import (
    AccessToken,
    ApiKey,
    ApplicationKey,
    Invitation,
    Membership,
    Notification,
    Role,
    Team,
    TeamConnection,
    TeamLink,
    TeamPart,
    TeamTold,
    User,
)
from accounts_app.permissions import LABELS
from core_app.admin_base import PanelAdmin, Permits

POLICIES = ("edited_by", "members_changed_by")


@admin.register(User)
class UserAdmin(PanelAdmin):
    permits = Permits(see="user_access_read", add="user_access_invite", change="user_access_manage")
    form = UserPanelForm
    list_display = [
        "name",
        "email",
        "role_names",
        "is_active",
        "is_staff",
        "is_service_account",
        "last_login",
        "created_at",
    ]
    list_filter = ["is_active", "is_staff", "is_service_account", "groups", "teams", "last_login"]
    search_fields = ["name", "email", "job_title", "=uuid"]
    date_hierarchy = "created_at"
    readonly_fields = ["role_names", "last_login", "created_at", "uuid"]
    actions = ["invite", "make_password_links", "close_accounts", "open_accounts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # What an account is, is said when it is made.
        return [*self.readonly_fields, *(["is_service_account"] if obj else [])]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_fields(request, obj))
        return [name for name in fields if not (name == "role_names" and "roles" in fields)]

    @admin.display(description="roles")
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "none"

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> User:
        values = dict(values)
        is_active = values.pop("is_active")
        user = actions.create_user(actor=request.actor, **values)
        return user if is_active else actions.set_active(actor=request.actor, user=user, active=False)

    def update(self, request: HttpRequest, row: User, changes: Mapping[str, Any], seen_version: int | None) -> None:
        changes = dict(changes)
        roles, is_active = changes.pop("roles", None), changes.pop("is_active", None)
        if changes:
            actions.update_user(actor=request.actor, user=row, **changes)
        if roles is not None:
            actions.set_roles(actor=request.actor, user=row, roles=roles)
        if is_active is not None:
            actions.set_active(actor=request.actor, user=row, active=is_active)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return request.actor.can("user_access_invite")

    @admin.action(description="Invite by mail", permissions=["invite"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        origin = request.build_absolute_uri("/").rstrip("/")
        made = actions.invite(actor=request.actor, users=list(queryset), origin=origin)
        messages.success(request, f"Invited: {', '.join(invitation.user.label for invitation in made)}.")

    @admin.action(description="Make a link that sets a password", permissions=["change"])
    def make_password_links(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        links = [
            (user, request.build_absolute_uri(actions.make_password_link(actor=request.actor, user=user)))
            for user in queryset
        ]
        context = {**self.admin_site.each_context(request), "title": "Password links", "links": links}
        return TemplateResponse(request, "admin/accounts_app/password_links.html", context)

    @admin.action(description="Close the accounts", permissions=["change"])
    def close_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=False)

    @admin.action(description="Open the accounts again", permissions=["change"])
    def open_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        for user in queryset:
            actions.set_active(actor=request.actor, user=user, active=active)
        done = "can log in again" if active else "can no longer log in"
        messages.success(request, f"{', '.join(user.label for user in queryset)} {done}.")


@admin.register(Role)
class RoleAdmin(PanelAdmin):
    permits = Permits(
        see="user_access_read", add="user_access_manage", change="user_access_manage", delete="user_access_manage"
    )
    form = RolePanelForm
    list_display = ["__str__", "description", "managed", "people", "modified_at"]
    list_filter = ["managed"]
    search_fields = ["group__name", "description", "=uuid"]
    readonly_fields = ["may", "managed", "created_at", "uuid"]
    list_select_related = ["group"]
    ordering = ["pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        rows = super().get_queryset(request).select_related("group")
        return rows.annotate(people_count=Count("group__user", distinct=True))

    def has_change_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.managed)

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.managed)

    def get_fields(self, request: HttpRequest, obj: Role | None = None) -> list[str]:
        fields = list(super().get_fields(request, obj))
        return [name for name in fields if not (name == "may" and "permissions" in fields)]

    @admin.display(ordering="people_count")
    def people(self, role: Role) -> int:
        return role.people_count

    @admin.display(description="may")
    def may(self, role: Role) -> str:
        return format_html_join("\n", "{} ({})<br>", ((LABELS[name], name) for name in role.permission_names))

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Role:
        return actions.create_role(actor=request.actor, **values)

    def update(self, request: HttpRequest, row: Role, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.update_role(actor=request.actor, role=row, **changes)

    def remove(self, request: HttpRequest, row: Role) -> None:
        actions.delete_role(actor=request.actor, role=row)


@admin.register(Team)
class TeamAdmin(PanelAdmin):
    permits = Permits(see="teams_read", add="teams_manage", change="teams_manage")
    form = TeamPanelForm
    list_display = ["name", "handle", "description", "people", "modified_at"]
    list_filter = ["created_at"]
    search_fields = ["name", "handle", "description", "members__name", "members__email"]
    date_hierarchy = "created_at"
    readonly_fields = ["created_at", "uuid"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(people_count=Count("memberships", distinct=True))

    @admin.display(ordering="people_count")
    def people(self, team: Team) -> int:
        return team.people_count

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Team:
        values = dict(values)
        members = values.pop("members")
        policy = {name: values.pop(name) for name in POLICIES}
        team = actions.create_team(actor=request.actor, **values)
        actions.set_team_policy(actor=request.actor, team=team, **policy)
        return actions.set_members(actor=request.actor, team=team, users=members)

    def update(self, request: HttpRequest, row: Team, changes: Mapping[str, Any], seen_version: int | None) -> None:
        changes = dict(changes)
        members = changes.pop("members", None)
        if policy := {name: changes.pop(name) for name in POLICIES if name in changes}:
            actions.set_team_policy(actor=request.actor, team=row, **policy)
        if changes:
            actions.update_team(actor=request.actor, team=row, **changes)
        if members is not None:
            actions.set_members(actor=request.actor, team=row, users=members)


@admin.register(Membership)
class MembershipAdmin(PanelAdmin):
    """To look at: members are changed on their team's page."""

    permits = Permits(see="teams_read")
    list_display = ["user", "team", "role", "created_at"]
    list_filter = ["team", "role", "created_at"]
    list_select_related = ["user", "team"]
    search_fields = ["user__name", "user__email", "team__name"]
    date_hierarchy = "created_at"
    ordering = ["team__name", "user__name"]


@admin.register(TeamLink)
class TeamLinkAdmin(PanelAdmin):
    permits = Permits(see="teams_read", add="teams_manage", change="teams_manage", delete="teams_manage")
    form = TeamLinkPanelForm
    formfield_overrides = {URLField: {"assume_scheme": "https"}}  # for who may only look
    list_display = ["label", "url", "team", "position"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["label", "url", "team__name", "=uuid"]
    readonly_fields = ["created_at", "uuid"]

    def get_readonly_fields(self, request: HttpRequest, obj: TeamLink | None = None) -> list[str]:
        return [*self.readonly_fields, *(["team"] if obj else [])]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> TeamLink:
        return actions.add_team_link(actor=request.actor, **values)

    def update(self, request: HttpRequest, row: TeamLink, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.edit_team_link(actor=request.actor, link=row, **changes)

    def remove(self, request: HttpRequest, row: TeamLink) -> None:
        actions.remove_team_link(actor=request.actor, link=row)


@admin.register(TeamPart)
class TeamPartAdmin(PanelAdmin):
    permits = Permits(see="teams_read", add="teams_manage", delete="teams_manage")
    list_display = ["sub", "parent", "created_by", "created_at"]
    list_filter = ["parent", "created_at"]
    list_select_related = ["sub", "parent", "created_by"]
    search_fields = ["sub__name", "parent__name", "=uuid"]
    readonly_fields = ["created_by", "created_at", "uuid"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> TeamPart:
        return actions.add_team_part(actor=request.actor, **values)

    def remove(self, request: HttpRequest, row: TeamPart) -> None:
        actions.remove_team_part(actor=request.actor, part=row)


@admin.register(TeamTold)
class TeamToldAdmin(PanelAdmin):
    """To look at: how a team is told is said on its page and by the API."""

    permits = Permits(see="teams_read")
    list_display = ["team", "mails", "modified_at"]
    list_select_related = ["team"]
    search_fields = ["team__name", "=uuid"]

    @admin.display(boolean=True)
    def mails(self, row: TeamTold) -> bool:
        return row.mails


@admin.register(TeamConnection)
class TeamConnectionAdmin(PanelAdmin):
    """To look at: teams are connected by the API."""

    permits = Permits(see="teams_read")
    list_display = ["team", "source", "connected", "managed_by", "created_at"]
    list_filter = ["source", "team"]
    list_select_related = ["team"]
    search_fields = ["team__name", "connected", "=uuid"]


@admin.register(Invitation)
class InvitationAdmin(PanelAdmin):
    """To look at: people are invited, and invitations withdrawn, where people are."""

    permits = Permits(see="user_access_invite")
    list_display = ["user", "created_by", "created_at", "expires_at"]
    list_filter = ["created_at", "expires_at"]
    list_select_related = ["user", "created_by"]
    search_fields = ["user__name", "user__email", "=uuid"]
    date_hierarchy = "created_at"


class KeyAdmin(PanelAdmin):
    """What both kinds of keys have in common: made here, shown once, revoked; never edited, never deleted."""

    list_filter = ["created_at", "last_used_at", "revoked_at", "expires_at"]
    date_hierarchy = "created_at"
    readonly_fields = ["last4", "created_at", "expires_at", "last_used_at", "revoked_at", "uuid"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else list(self.form.base_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.secret_page(request, title=f"{obj.name} is made", secret=obj.secret)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for key in queryset:
            self.revoke_one(request, key)
        messages.success(request, f"Revoked: {', '.join(map(str, queryset))}.")


@admin.register(ApiKey)
class ApiKeyAdmin(KeyAdmin):
    permits = Permits(see="api_keys_read", add="api_keys_write")
    form = ApiKeyPanelForm
    list_display = ["name", "last4", "created_by", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["created_by"]
    search_fields = ["name", "=last4", "=uuid", "created_by__name", "created_by__email"]
    readonly_fields = [*KeyAdmin.readonly_fields, "created_by"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.actor.can("api_keys_delete")

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> ApiKey:
        key, key.secret = actions.make_api_key(actor=request.actor, **values)
        return key

    def revoke_one(self, request: HttpRequest, key: ApiKey) -> None:
        actions.revoke_api_key(actor=request.actor, key=key)


@admin.register(ApplicationKey)
class ApplicationKeyAdmin(KeyAdmin):
    """One makes one's own here as on one's page, and those of service accounts; and may revoke those of others."""

    permits = Permits(see="org_app_keys_read", add="user_app_keys")
    form = ApplicationKeyPanelForm
    list_display = ["name", "last4", "owner", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "=last4", "=uuid", "owner__name", "owner__email"]
    readonly_fields = [*KeyAdmin.readonly_fields, "owner"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.actor.can("org_app_keys_write")

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> ApplicationKey:
        values = dict(values)
        owner = values.pop("program") or request.user
        key, key.secret = actions.make_application_key(actor=request.actor, owner=owner, **values)
        return key

    def revoke_one(self, request: HttpRequest, key: ApplicationKey) -> None:
        actions.revoke_application_key(actor=request.actor, key=key)


@admin.register(AccessToken)
class AccessTokenAdmin(KeyAdmin):
    """To look at and to revoke: people make them on their page, programs by the API."""

    permits = Permits(see="org_app_keys_read")
    list_display = ["name", "public", "owner", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "=public", "=uuid", "owner__name", "owner__email"]
    readonly_fields = [*KeyAdmin.readonly_fields, "owner", "public", "scopes"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.actor.can("org_app_keys_write")

    def revoke_one(self, request: HttpRequest, key: AccessToken) -> None:
        actions.revoke_access_token(actor=request.actor, token=key)


@admin.register(Notification)
class NotificationAdmin(PanelAdmin):
    """One's own: what others were told is between them and the product."""

    permits = Permits(see="user_access_read")
    list_display = ["created_at", "text", "url", "read_at"]
    list_filter = ["created_at", "read_at"]
    search_fields = ["text", "=url"]
    date_hierarchy = "created_at"

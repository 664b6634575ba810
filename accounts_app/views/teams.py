"""Teams: who is in them, what they have linked, and which is a part of which."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts_app import actions
from accounts_app.access import require
from accounts_app.actions.teams import MANAGE_TEAMS, may_change
from accounts_app.forms import TeamLinkForm, TeamMemberForm
from accounts_app.models import Membership, Team, TeamConnection, TeamLink, TeamPart, TeamTold, User

READ = "teams_read"


@require_GET
def team_list(request: HttpRequest) -> HttpResponse:
    """Every team."""
    require(request.actor, READ)
    teams = Team.objects.visible_to(request.actor).annotate(people=Count("memberships")).prefetch_related("links")
    return render(request, "accounts_app/team_list.html", {"teams": teams})


@require_GET
def team_detail(request: HttpRequest, handle: str) -> HttpResponse:
    """One team."""
    require(request.actor, READ)
    return _draw(request, _visible(request, handle))


def _draw(request: HttpRequest, team: Team, *, status: int = 200, **context: Any) -> HttpResponse:
    actor = request.actor
    may_edit, may_change_members = (may_change(actor, team, policy) for policy in ("edited_by", "members_changed_by"))
    parts = TeamPart.objects.visible_to(actor)
    context = {
        "team": team,
        "memberships": Membership.objects.visible_to(actor)
        .filter(team=team)
        .select_related("user")
        .order_by("user__name", "pk"),
        "links": TeamLink.objects.visible_to(actor).filter(team=team),
        "parts": [part.sub for part in parts.filter(parent=team).select_related("sub")],
        "connections": TeamConnection.objects.visible_to(actor).filter(team=team),
        "told": TeamTold.objects.visible_to(actor).filter(team=team).first(),
        "wholes": [part.parent for part in parts.filter(sub=team).select_related("parent")],
        "may_edit": may_edit,
        "may_manage": actor.can(MANAGE_TEAMS),
        "may_change_members": may_change_members,
        "link_form": TeamLinkForm(),
        "member_form": TeamMemberForm(actor=actor, team=team) if may_change_members else None,
        **context,
    }
    return render(request, "accounts_app/team_detail.html", context, status=status)


@require_POST
def team_link_add(request: HttpRequest, handle: str) -> HttpResponse:
    team = _visible(request, handle)
    form = TeamLinkForm(request.POST)
    if not form.is_valid():
        return _draw(request, team, status=422, link_form=form)
    actions.add_team_link(actor=request.actor, team=team, **form.cleaned_data)
    return redirect("accounts:team_detail", handle)


@require_POST
def team_link_remove(request: HttpRequest, handle: str, uuid: UUID) -> HttpResponse:
    links = TeamLink.objects.visible_to(request.actor).filter(team=_visible(request, handle))
    actions.remove_team_link(actor=request.actor, link=get_object_or_404(links, uuid=uuid))
    return redirect("accounts:team_detail", handle)


@require_POST
def team_mail(request: HttpRequest, handle: str) -> HttpResponse:
    """Whether the members of a team that is named by its handle get mail; other channels stay as they are."""
    team = _visible(request, handle)
    actions.say_mail(actor=request.actor, team=team, enabled=request.POST.get("mail") == "on")
    return redirect("accounts:team_detail", handle)


@require_POST
def team_disconnect(request: HttpRequest, handle: str, uuid: UUID) -> HttpResponse:
    """Say no more that a team elsewhere is this one."""
    rows = TeamConnection.objects.visible_to(request.actor).filter(team=_visible(request, handle))
    actions.disconnect_teams(actor=request.actor, connections=[get_object_or_404(rows, uuid=uuid)])
    return redirect("accounts:team_detail", handle)


@require_POST
def team_member_add(request: HttpRequest, handle: str) -> HttpResponse:
    team = _visible(request, handle)
    form = TeamMemberForm(request.POST, actor=request.actor, team=team)
    if not form.is_valid():
        return _draw(request, team, status=422, member_form=form)
    actions.change_members(actor=request.actor, team=team, add=[form.cleaned_data["person"]])
    return redirect("accounts:team_detail", handle)


@require_POST
def team_member_remove(request: HttpRequest, handle: str, uuid: UUID) -> HttpResponse:
    team = _visible(request, handle)
    actions.change_members(actor=request.actor, team=team, remove=[_member(request, team, uuid)])
    return redirect("accounts:team_detail", handle)


@require_POST
def team_member_role(request: HttpRequest, handle: str, uuid: UUID) -> HttpResponse:
    """Make a member one of the team's administrators, or a plain member again."""
    team = _visible(request, handle)
    role = Membership.ADMIN if request.POST.get("role") == Membership.ADMIN else ""
    actions.set_member_role(actor=request.actor, team=team, user=_member(request, team, uuid), role=role)
    return redirect("accounts:team_detail", handle)


def _visible(request: HttpRequest, handle: str) -> Team:
    return get_object_or_404(Team.objects.visible_to(request.actor), handle=handle)


def _member(request: HttpRequest, team: Team, uuid: UUID) -> User:
    members = Membership.objects.visible_to(request.actor).filter(team=team).select_related("user")
    return get_object_or_404(members, user__uuid=uuid).user

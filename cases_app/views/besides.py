"""Who watches a case, what it is to others, and one's favourite projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts_app.access import require
from cases_app import actions
from cases_app.forms import LinkForm
from cases_app.models import Case, CaseLink
from cases_app.models.managers import READ, WRITE
from cases_app.views.parts import CHANGED, rights, visible_case, visible_project
from core_app.errors import DomainError, NotFound
from core_app.http import partial, wants_fragment

PAGE = "cases_app/case_detail.html"
REFUSED = "cases_app/besides_refused.html"


def watchers(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Who watches the case, and whether one is among them."""
    links = list(case.watcher_links.select_related("user"))
    mine = any(link.user_id == request.user.pk for link in links)
    return {"case": case, "watchers": links, "watches": mine, "can_watch": request.actor.can(READ)}


def related(request: HttpRequest, case: Case) -> dict[str, Any]:
    """The cases that this one is linked to, each with what it is to it."""
    down = CaseLink.objects.visible_to(request.actor).filter(parent=case).select_related("child__project")
    up = CaseLink.objects.visible_to(request.actor).filter(child=case).select_related("parent__project")
    rows = [(link, f"It {link.get_relationship_display()}", link.child) for link in down]
    rows += [
        (link, "It relates to", link.parent)
        if link.relationship == CaseLink.Relationship.RELATES_TO
        else (link, f"It is one that the other {link.get_relationship_display()}", link.parent)
        for link in up
    ]
    return {"case": case, "related": rows, "link_form": LinkForm(), **rights(request)}


@require_POST
def case_watch(request: HttpRequest, case: str) -> HttpResponse:
    """Be told of what happens to it, or with `off` no longer."""
    found = visible_case(request, case)
    verb = actions.unwatch if "off" in request.POST else actions.watch
    if request.actor.user is None:
        raise Http404
    verb(actor=request.actor, case=found, user=request.actor.user)
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("cases:detail", args=[found.key]))
    return partial(request, f"{PAGE}#watchers", watchers(request, found), trigger=CHANGED)


@require_POST
def case_link(request: HttpRequest, case: str) -> HttpResponse:
    """Say what it is to another case."""
    found, form = visible_case(request, case), LinkForm(request.POST)
    require(request.actor, WRITE)
    if form.is_valid():
        kind, _, way = form.cleaned_data["relationship"].partition(":")
        try:
            other = _other(request, form.cleaned_data["key"])
            parent, child = (found, other) if way == "down" else (other, found)
            actions.link_cases(actor=request.actor, parent=parent, child=child, relationship=kind)
        except DomainError as problem:
            form.add_error("key", problem.message)
    return _related(request, found, form)


@require_POST
def case_unlink(request: HttpRequest, case: str, link: UUID) -> HttpResponse:
    """Say it no more."""
    found = visible_case(request, case)
    links = CaseLink.objects.visible_to(request.actor)
    row = get_object_or_404(links.filter(parent=found) | links.filter(child=found), uuid=link)
    actions.unlink_cases(actor=request.actor, link=row)
    return _related(request, found, LinkForm())


@require_POST
def project_favourite(request: HttpRequest, project: str) -> HttpResponse:
    """Make it a favourite, or with `off` no longer."""
    row = visible_project(request, project)
    actions.set_favourite_project(actor=request.actor, project=row, on="off" not in request.POST)
    return HttpResponseRedirect(reverse("cases:project_list"))


def _other(request: HttpRequest, key: str) -> Case:
    try:
        return visible_case(request, key.strip().upper())
    except Http404:
        raise NotFound(f"There is no case {key.strip().upper()}.") from None


def _related(request: HttpRequest, case: Case, form: LinkForm) -> HttpResponse:
    """The linked cases as they are now; a form that was refused keeps what was typed."""
    is_refused = bool(form.errors)
    context = related(request, case) | ({"link_form": form} if is_refused else {})
    if not wants_fragment(request):
        if is_refused:
            return render(request, REFUSED, context, status=422)
        return HttpResponseRedirect(reverse("cases:detail", args=[case.key]))
    if is_refused:
        return render(request, f"{PAGE}#related", context, status=422)
    return partial(request, f"{PAGE}#related", context, trigger=CHANGED)

"""Projects: what cases are kept in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from cases_app import actions
from cases_app.explorer import EXPLORER
from cases_app.forms import NewProjectForm, ProjectForm, RuleForm
from cases_app.models import Project, ProjectFavourite, ProjectRule, Status
from cases_app.models.managers import READ, SETTINGS
from cases_app.views.parts import refusal, rights, typed, visible_project
from core_app.errors import DomainError
from search_app.explorer import Address

OPEN = Q(cases__archived_at=None) & ~Q(cases__status=Status.CLOSED)


@require_GET
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project, with how many cases it has."""
    require(request.actor, READ)
    projects = Project.objects.visible_to(request.actor).annotate(
        total=Count("cases"), waiting=Count("cases", filter=OPEN)
    )
    rows = [
        (project, f"{EXPLORER.path}{Address(query=f'project:{project.key}', range=EXPLORER.usual_range)}")
        for project in projects.order_by("key")
    ]
    favourites = ProjectFavourite.objects.visible_to(request.actor).filter(user=request.user)
    mine = set(favourites.values_list("project", flat=True))
    rows.sort(key=lambda row: row[0].pk not in mine)  # those first, and all by their keys
    context = {"projects": rows, "favourites": mine, **rights(request, SETTINGS)}
    return render(request, "cases_app/project_list.html", context)


@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    """Make a place for cases."""
    require(request.actor, SETTINGS)
    form = NewProjectForm(request.POST or None)
    if form.is_valid():
        project = actions.create_project(actor=request.actor, **form.values)
        messages.success(request, f"The project {project} is there.")
        return HttpResponseRedirect(reverse("cases:project_list"))
    return render(request, "cases_app/project_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def project_edit(request: HttpRequest, project: str) -> HttpResponse:
    """Say what a project is, and what becomes of the signals that its cases are made from."""
    require(request.actor, SETTINGS)
    row = visible_project(request, project)
    form = ProjectForm(request.POST or None, instance=visible_project(request, project))
    context: dict[str, Any] = {"form": form, "project": row, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen = form.cleaned_data["seen_version"]
        outcome = actions.edit_projects(actor=request.actor, seen={row.pk: seen}, **form.given)
        if not outcome.refused:
            messages.success(request, f"The project {row.key} is saved.")
            return HttpResponseRedirect(reverse("cases:project_list"))
        fresh = visible_project(request, project)
        context |= refusal(fresh, outcome, seen)
        context["form"] = ProjectForm(instance=fresh, initial=typed(form, fresh, seen))
    return render(request, "cases_app/project_form.html", context, status=context["status"])


@require_http_methods(["GET", "POST"])
def project_rules(request: HttpRequest, project: str) -> HttpResponse:
    """Who is told of what happens to cases of the project; and one more rule."""
    row = visible_project(request, project)
    form = RuleForm(request.POST or None)
    if request.method == "POST":
        require(request.actor, SETTINGS)
    if form.is_valid():
        try:
            actions.create_project_rule(actor=request.actor, project=row, **form.values)
        except DomainError as problem:
            form.add_error("query" if problem.data.get("field") != "recipients" else "to", problem.message)
        else:
            messages.success(request, "The rule is there.")
            return HttpResponseRedirect(reverse("cases:project_rules", args=[row.key]))
    rules = ProjectRule.objects.visible_to(request.actor).filter(project=row)
    context = {"project": row, "form": form, "rules": rules, **rights(request, SETTINGS)}
    return render(request, "cases_app/project_rules.html", context, status=422 if form.is_bound else 200)


@require_POST
def project_rule_delete(request: HttpRequest, project: str, rule: UUID) -> HttpResponse:
    """Tell nobody by it any more."""
    row = get_object_or_404(
        ProjectRule.objects.visible_to(request.actor), project=visible_project(request, project), uuid=rule
    )
    actions.delete_project_rule(actor=request.actor, rule=row)
    messages.success(request, "The rule is gone.")
    return HttpResponseRedirect(reverse("cases:project_rules", args=[row.project.key]))


@require_POST
def project_delete(request: HttpRequest, project: str) -> HttpResponse:
    """Take away a project that never had a case."""
    row = visible_project(request, project)
    actions.delete_project(actor=request.actor, project=row)
    messages.success(request, f"The project {row.key} is gone.")
    return HttpResponseRedirect(reverse("cases:project_list"))

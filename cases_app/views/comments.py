"""What people say about a case."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from accounts_app.access import require
from cases_app import actions
from cases_app.forms import CommentForm
from cases_app.models import Case, Comment
from cases_app.views.case import happened
from cases_app.views.parts import CHANGED, visible_case
from core_app.errors import NotAllowed
from core_app.http import partial, wants_fragment

PAGE = "cases_app/comment_edit.html"


@require_POST
def case_comment(request: HttpRequest, case: str) -> HttpResponse:
    """Say something; the answer is an empty form, and the activity hears that something was said."""
    require(request.actor, actions.WRITE)
    found = visible_case(request, case)
    form = CommentForm(request.POST)
    if form.is_valid():
        actions.comment(actor=request.actor, case=found, body=form.cleaned_data["body"])
        if not wants_fragment(request):
            return _to_activity(found)
        form = CommentForm()
        return partial(request, "cases_app/comment_form.html#form", {"case": found, "form": form}, trigger=CHANGED)
    template = "cases_app/comment_form.html" + ("#form" if wants_fragment(request) else "")
    return render(request, template, {"case": found, "form": form}, status=422)


@require_http_methods(["GET", "POST"])
def case_comment_edit(request: HttpRequest, case: str, comment: UUID) -> HttpResponse:
    """Say one's own comment differently."""
    require(request.actor, actions.WRITE)
    found = visible_case(request, case)
    said = _visible(request, found, comment)
    if request.actor.user is None or said.author_id != request.actor.user.pk:
        raise NotAllowed("Only who said it can say it differently.", permission=actions.WRITE)
    form = CommentForm(request.POST or None, initial={"body": said.body, "seen_version": said.version})
    if form.is_valid():
        given = form.cleaned_data
        actions.edit_comment(actor=request.actor, comment=said, body=given["body"], seen_version=given["seen_version"])
        return _activity(request, found)
    context = {"case": found, "comment": said, "form": form}
    return render(request, PAGE, context, status=422 if form.is_bound else 200)


@require_POST
def case_comment_delete(request: HttpRequest, case: str, comment: UUID) -> HttpResponse:
    """Take a comment back."""
    found = visible_case(request, case)
    actions.delete_comment(actor=request.actor, comment=_visible(request, found, comment))
    return _activity(request, found)


def _visible(request: HttpRequest, case: Case, uuid: UUID) -> Comment:
    return get_object_or_404(Comment.objects.visible_to(request.actor), case=case, uuid=uuid)


def _activity(request: HttpRequest, case: Case) -> HttpResponse:
    if not wants_fragment(request):
        return _to_activity(case)
    response = render(request, "cases_app/case_detail.html#activity", happened(request, case))
    return trigger_client_event(response, CHANGED, after="settle")


def _to_activity(case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('cases:detail', args=[case.key])}#activity")

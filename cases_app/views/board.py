"""The board: a column a status, and cards that go from one to another."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts_app.access import require
from cases_app import actions
from cases_app.explorer import EXPLORER
from cases_app.fields import CASES
from cases_app.forms import BoardForm, MoveForm
from cases_app.models.managers import READ
from cases_app.queries.rows import Lane, board
from cases_app.views.parts import draw, refusal, rights, version_for, visible_case
from core_app.errors import Invalid
from core_app.http import wants_fragment
from search_app.explorer import Address
from search_app.language import QueryError, to_text
from search_app.language.edit import only

PARTS = {"board": "board"}


@require_GET
def case_board(request: HttpRequest) -> HttpResponse:
    """All cases that are not archived, or those of a project, or those that a query finds."""
    require(request.actor, READ)
    return _draw(request, request.GET, {})


@require_POST
def board_move(request: HttpRequest) -> HttpResponse:
    """Move a card to another column; the board is drawn as it is then."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Invalid("This is no move of a case on the board.", field="move")
    key, version, to = form.cleaned_data["move"].split(":")
    case = visible_case(request, key)
    seen = version_for(case, int(version), "status")
    outcome = actions.set_status(actor=request.actor, seen={case.pk: seen}, to=to)
    if outcome.refused:
        return _draw(request, request.POST, refusal(visible_case(request, key), outcome, int(version)))
    if not wants_fragment(request):
        return HttpResponseRedirect(f"{reverse('cases:board')}{_params(request.POST)}")
    return _draw(request, request.POST, {})


def _draw(request: HttpRequest, data: Any, why: dict[str, Any]) -> HttpResponse:
    form = BoardForm(data, actor=request.actor)
    lanes: list[Lane] = []
    status = why.get("status", 200)
    text = data.get("query", "")
    if form.is_valid():
        try:
            lanes = _lanes(request, form)
        except QueryError as problem:
            form.add_error("query", problem.message)
    if form.errors:
        status = 400
    context = {
        "form": form,
        "lanes": [(lane, _in_list(form, text, lane)) for lane in lanes],
        "project": data.get("project", ""),
        "text": text,
        "here": f"{reverse('cases:board')}{_params(data)}",
        **rights(request),
        **why,
    }
    return draw(request, "cases_app/board.html", context, PARTS, status=status)


def _lanes(request: HttpRequest, form: BoardForm) -> list[Lane]:
    tree = CASES.parse(form.cleaned_data["query"])
    if project := form.cleaned_data["project"]:
        tree = only(tree, "project", project.key)
    return board(request.actor, tree)


def _in_list(form: BoardForm, text: str, lane: Lane) -> str:
    """The list of the cases of one column."""
    tree = only(CASES.parse(text), "status", lane.status.value)
    if project := form.cleaned_data["project"]:
        tree = only(tree, "project", project.key)
    address = Address(query=to_text(tree), range=EXPLORER.usual_range, usual=EXPLORER.usual_range)
    return f"{EXPLORER.path}{address}"


def _params(data: Any) -> str:
    params = {name: data.get(name, "") for name in ("project", "query")}
    kept = {name: value for name, value in params.items() if value}
    return f"?{urlencode(kept)}" if kept else ""

"""The question that a page of an explorer asks while it stands open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from core_app.errors import Invalid
from search_app.explorer import ExplorerForm
from search_app.explorer.news import count_news
from search_app.explorer.spec import explorer

MAX_DIGITS = 18


@require_GET
def news(request: HttpRequest, surface: str) -> HttpResponse:
    """How many rows match that have come in after the one with the key `seen`, as a button that shows them."""
    shown = explorer(surface)
    form = ExplorerForm(request.GET, explorer=shown, actor=request.actor)
    seen = request.GET.get("seen", "")
    if not form.is_valid() or not (seen.isascii() and seen.isdigit() and len(seen) <= MAX_DIGITS):
        raise Invalid("Ask with the address of an explorer, and with the key of the newest row that was seen.")
    address = form.address
    found = count_news(shown, request.actor, form.tree, address.window(timezone.now()), int(seen))
    context = {"explorer": shown, "found": found, "here": f"{shown.path}{address.to()}"}
    return render(request, "components/news.html", context)

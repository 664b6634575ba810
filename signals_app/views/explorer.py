"""The Signals Explorer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def signal_list(request: HttpRequest) -> HttpResponse:
    return render(request, "signals_app/signal_list.html")

"""The services."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def service_list(request: HttpRequest) -> HttpResponse:
    return render(request, "signals_app/service_list.html")

"""What every template may use of the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def person(request: HttpRequest) -> dict[str, Any]:
    """`actor` (who may do what) for every page; templates ask it, views decide by it."""
    return {"actor": getattr(request, "actor", None)}

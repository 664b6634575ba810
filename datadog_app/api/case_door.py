"""What the endpoints of cases have in common."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response

from cases_app.models import Case
from cases_app.models.managers import READ, SETTINGS, WRITE
from datadog_app.api.door import Door
from datadog_app.errors import JSON_API, Objects, Refusals
from datadog_app.queries.cases import case_with, one_told
from datadog_app.reading import uuid
from datadog_app.serializers.cases import people_of, told_case

TAG = "Case management"
CASE_ERRORS = Objects(absent_code="resource_not_found", content_type=JSON_API)

__all__ = ["CASE_ERRORS", "READ", "SETTINGS", "TAG", "WRITE", "CaseDoor", "no_such_thing"]


class CaseDoor(Door):
    group = "cases"
    stranger = 401
    wording = CASE_ERRORS

    def named(self, name: str, text: str) -> UUID:
        """A UUID of the address. Raises Refusals."""
        found = uuid(text)
        if found is None:
            raise Refusals([((), f'invalid parameter "{name}" in "path"; expected type "uuid"')])
        return found

    def case(self, request: Request, case_id: str) -> Case:
        """The case of the address, by UUID or key. Raises NotFound."""
        return case_with(request.actor, case_id)

    def told(self, request: Request, case: Case, status: int = 200) -> Response:
        """The case as it is by now."""
        one = one_told(request.actor, case.pk)
        return Response({"data": told_case(one), "included": people_of([one])}, status=status)


@csrf_exempt
@login_not_required
def no_such_thing(request: HttpRequest, **where: str) -> JsonResponse:
    """What the original has about cases and this house has not."""
    told = {"errors": CASE_ERRORS.write(404, [((), "not found")])}
    return JsonResponse(told, status=404, content_type=CASE_ERRORS.content_type)

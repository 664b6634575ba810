"""What is done to one case: an endpoint a verb, each answered with the case as it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts_app.access import Actor, require
from cases_app import actions
from cases_app.models import Case
from core_app.outcome import Outcome
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, TAG, WRITE, CaseDoor
from datadog_app.api.cases import status_named
from datadog_app.describing import operation
from datadog_app.queries.cases import person_with, project_with
from datadog_app.reading import given
from datadog_app.serializers import cases as sent

Seen = dict[int, int | None]
Asked = dict[str, Any]


class CaseDetail(CaseDoor):
    """`GET /api/v2/cases/{case_id}`."""

    @operation(TAG, "Get the details of a case", answer=shapes.CASE)
    def get(self, request: Request, case_id: str) -> Response:
        require(request.actor, READ)
        return self.told(request, self.case(request, case_id))


class CaseEdit(CaseDoor):
    """`POST /api/v2/cases/{case_id}/…`; each says what is sent, and what it does."""

    body: ClassVar[type[Serializer]]

    def post(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case = self.case(request, case_id)
        asked = given(request, self.body)["data"].get("attributes", {})
        self.edit(request.actor, {case.pk: None}, case, asked).one_or_raise()
        return self.told(request, case)

    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        """What is done; every endpoint has its own."""
        raise NotImplementedError  # an endpoint without it is a mistake of ours, and no answer


def edits(summary: str, body: type[Serializer]) -> Callable[[type[CaseEdit]], type[CaseEdit]]:
    """Says what the endpoint takes, to itself and to the API's description."""

    def describe(view: type[CaseEdit]) -> type[CaseEdit]:
        view.body = body
        return extend_schema_view(post=operation(TAG, summary, body=body, answer=shapes.CASE))(view)

    return describe


@edits("Update case status", sent.StatusEdit)
class Status(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        to = asked["status"] if "status" in asked else status_named(asked["status_name"])
        return actions.set_status(actor=actor, seen=seen, to=to)


@edits("Update case priority", sent.PriorityEdit)
class Priority(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.set_priority(actor=actor, seen=seen, to=asked["priority"])


@edits("Update case title", sent.TitleEdit)
class Title(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.edit_cases(actor=actor, seen=seen, title=asked["title"])


@edits("Update case description", sent.DescriptionEdit)
class Description(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.edit_cases(actor=actor, seen=seen, description=asked["description"])


@edits("Update case attributes", sent.AttributesEdit)
class Attributes(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.edit_cases(actor=actor, seen=seen, attributes=asked["attributes"])


@edits("Update case due date", sent.DueDateEdit)
class DueDate(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.edit_cases(actor=actor, seen=seen, due_date=asked["due_date"])


@edits("Update case resolved reason", sent.ReasonEdit)
class ResolvedReason(CaseEdit):
    """Why it was closed is kept among its attributes."""

    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        attributes = {**case.attributes, sent.REASON: [asked[sent.REASON]]}
        return actions.edit_cases(actor=actor, seen={case.pk: case.version}, attributes=attributes)


@edits("Assign case", sent.AssignEdit)
class Assign(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.assign(actor=actor, seen=seen, user=person_with(actor, asked["assignee_id"]))


@edits("Unassign case", sent.CaseEmpty)
class Unassign(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.assign(actor=actor, seen=seen, user=None)


@edits("Archive case", sent.CaseEmpty)
class Archive(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.archive(actor=actor, seen=seen)


@edits("Unarchive case", sent.CaseEmpty)
class Unarchive(CaseEdit):
    def edit(self, actor: Actor, seen: Seen, case: Case, asked: Asked) -> Outcome[Case]:
        return actions.unarchive(actor=actor, seen=seen)


class InProject(CaseDoor):
    """`PATCH /api/v2/cases/{case_id}/relationships/project`."""

    @operation(TAG, "Update case project", body=sent.ProjectRelation, answer=shapes.CASE)
    def patch(self, request: Request, case_id: str) -> Response:
        require(request.actor, WRITE)
        case = self.case(request, case_id)
        project = project_with(request.actor, given(request, sent.ProjectRelation)["data"]["id"])
        actions.move(actor=request.actor, seen={case.pk: None}, to=project).one_or_raise()
        return self.told(request, case)

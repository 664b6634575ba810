"""Custom attributes of cases, who watches them, what they are to one another, and one's favourite projects."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from accounts_app.models import User
from cases_app import actions
from cases_app.models import CaseLink
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, SETTINGS, TAG, WRITE, CaseDoor
from datadog_app.api.case_settings import CaseTypeDetail, ProjectDetail
from datadog_app.describing import operation
from datadog_app.errors import Refusals
from datadog_app.queries.cases import (
    attribute_of,
    attribute_with,
    attributes_of,
    favourites_of,
    link_with,
    links_of,
    person_with,
    watchers_of,
)
from datadog_app.reading import choice, given, text
from datadog_app.serializers.case_settings import (
    CASE,
    AttributeCreate,
    AttributeEdit,
    LinkCreate,
    told_attribute,
    told_favourite,
    told_link,
    told_watcher,
)
from datadog_app.serializers.cases import CustomEdit

# --- custom attributes ------------------------------------------------------------------------


def fields_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the actions: what is not sent is not among them."""
    names = {"display_name": "name", "type": "kind", "description": "description", "key": "key", "is_multi": "is_multi"}
    found = {ours: asked[theirs] for theirs, ours in names.items() if theirs in asked}
    if "type_data" in asked:
        found["options"] = [option["value"] for option in asked["type_data"].get("options", [])]
    return found


class CustomAttributes(CaseDoor):
    """`GET /api/v2/cases/types/custom_attributes`."""

    @operation(TAG, "Get all custom attributes", answer=shapes.CUSTOM_ATTRIBUTES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [told_attribute(one) for one in attributes_of(request.actor)]})


class CustomAttributesOfType(CaseTypeDetail):
    """`GET` and `POST /api/v2/cases/types/{case_type_id}/custom_attributes`."""

    http_method_names = ["get", "post"]

    @operation(TAG, "Get all custom attributes of a case type", answer=shapes.CUSTOM_ATTRIBUTES)
    def get(self, request: Request, case_type_id: str) -> Response:
        require(request.actor, READ)
        rows = attributes_of(request.actor).filter(type=self.kind(request, case_type_id))
        return Response({"data": [told_attribute(one) for one in rows]})

    @operation(
        TAG,
        "Create custom attribute config for a case type",
        body=AttributeCreate,
        answer=shapes.CUSTOM_ATTRIBUTE,
        status=201,
    )
    def post(self, request: Request, case_type_id: str) -> Response:
        require(request.actor, SETTINGS)
        kind = self.kind(request, case_type_id)
        asked = fields_of(given(request, AttributeCreate)["data"]["attributes"])
        made = actions.create_custom_attribute(actor=request.actor, type=kind, **asked)
        return Response({"data": told_attribute(made)}, status=201)


class CustomAttributeDetail(CaseTypeDetail):
    """`PUT` and `DELETE /api/v2/cases/types/{case_type_id}/custom_attributes/{custom_attribute_id}`."""

    @operation(TAG, "Update custom attribute config", body=AttributeEdit, answer=shapes.CUSTOM_ATTRIBUTE)
    def put(self, request: Request, case_type_id: str, custom_attribute_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.attribute(request, case_type_id, custom_attribute_id)
        asked = fields_of(given(request, AttributeEdit)["data"].get("attributes", {}))
        changed = actions.edit_custom_attribute(actor=request.actor, attribute=row, **asked)
        return Response({"data": told_attribute(changed)})

    @operation(TAG, "Delete custom attributes config", status=204)
    def delete(self, request: Request, case_type_id: str, custom_attribute_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.attribute(request, case_type_id, custom_attribute_id)
        actions.delete_custom_attribute(actor=request.actor, attribute=row)
        return Response(status=204)

    def attribute(self, request: Request, case_type_id: str, custom_attribute_id: str) -> Any:
        name = self.named("CustomAttributeID", custom_attribute_id)
        return attribute_with(request.actor, self.kind(request, case_type_id), name)


class CaseCustomAttribute(CaseDoor):
    """`POST` and `DELETE /api/v2/cases/{case_id}/custom_attributes/{custom_attribute_key}`."""

    @operation(TAG, "Update case custom attribute", body=CustomEdit, answer=shapes.CASE)
    def post(self, request: Request, case_id: str, custom_attribute_key: str) -> Response:
        require(request.actor, WRITE)
        case = self.case(request, case_id)
        asked = given(request, CustomEdit)["data"]["attributes"]
        attribute = attribute_of(request.actor, case, custom_attribute_key)
        for name, ours in (("type", attribute.kind), ("is_multi", attribute.is_multi)):
            if asked[name] != ours:
                message = f"it is {str(ours).lower() if isinstance(ours, bool) else ours} for “{attribute.key}”."
                raise Refusals([(("data", "attributes", name), message)])
        return self.said(request, case, {attribute.key: asked["value"]})

    @operation(TAG, "Delete custom attribute from case", answer=shapes.CASE)
    def delete(self, request: Request, case_id: str, custom_attribute_key: str) -> Response:
        require(request.actor, WRITE)
        case = self.case(request, case_id)
        attribute = attribute_of(request.actor, case, custom_attribute_key)
        return self.said(request, case, {attribute.key: None})

    def said(self, request: Request, case: Any, values: dict[str, Any]) -> Response:
        seen = {case.pk: None}
        actions.edit_cases(actor=request.actor, seen=seen, custom_attributes=values).one_or_raise()
        return self.told(request, case)


# --- watchers ---------------------------------------------------------------------------------


class CaseWatchers(CaseDoor):
    """`GET /api/v2/cases/{case_id}/watchers`."""

    @operation(TAG, "List case watchers", answer=shapes.WATCHERS)
    def get(self, request: Request, case_id: str) -> Response:
        require(request.actor, READ)
        rows = watchers_of(request.actor, self.case(request, case_id))
        return Response({"data": [told_watcher(one) for one in rows]})


class CaseWatching(CaseDoor):
    """`POST` and `DELETE /api/v2/cases/{case_id}/watchers/{user_uuid}`."""

    @operation(TAG, "Watch a case", status=201)
    def post(self, request: Request, case_id: str, user_uuid: str) -> Response:
        require(request.actor, READ)
        actions.watch(actor=request.actor, case=self.case(request, case_id), user=self.person(request, user_uuid))
        return Response(status=201)

    @operation(TAG, "Unwatch a case", status=204)
    def delete(self, request: Request, case_id: str, user_uuid: str) -> Response:
        require(request.actor, READ)
        actions.unwatch(actor=request.actor, case=self.case(request, case_id), user=self.person(request, user_uuid))
        return Response(status=204)

    def person(self, request: Request, user_uuid: str) -> User:
        return person_with(request.actor, self.named("UserUUID", user_uuid))


# --- links ------------------------------------------------------------------------------------


class CaseLinks(CaseDoor):
    """`GET` and `POST /api/v2/cases/link`."""

    @operation(TAG, "List case links", query=shapes.LINKS_OF, answer=shapes.LINKS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        choice(request, "entity_type", [CASE], "")
        relationship = choice(request, "relationship", ["", *CaseLink.Relationship.values], "")
        case = self.case(request, text(request, "entity_id"))
        rows = links_of(request.actor)
        rows = rows.filter(parent=case) | rows.filter(child=case)
        if relationship:
            rows = rows.filter(relationship=relationship)
        return Response({"data": [told_link(one) for one in rows]})

    @operation(TAG, "Create a case link", body=LinkCreate, answer=shapes.LINK, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, WRITE)
        asked = given(request, LinkCreate)["data"]["attributes"]
        parent = self.case(request, asked["parent_entity_id"])
        child = self.case(request, asked["child_entity_id"])
        made = actions.link_cases(actor=request.actor, parent=parent, child=child, relationship=asked["relationship"])
        return Response({"data": told_link(made)}, status=201)


class CaseLinkDetail(CaseDoor):
    """`DELETE /api/v2/cases/link/{link_id}`."""

    @operation(TAG, "Delete a case link", status=204)
    def delete(self, request: Request, link_id: str) -> Response:
        require(request.actor, WRITE)
        actions.unlink_cases(actor=request.actor, link=link_with(request.actor, self.named("LinkID", link_id)))
        return Response(status=204)


# --- favourites -------------------------------------------------------------------------------


class FavouriteProjects(CaseDoor):
    """`GET /api/v2/cases/projects/favorites`."""

    @operation(TAG, "List project favorites", answer=shapes.FAVOURITES)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        return Response({"data": [told_favourite(one) for one in favourites_of(request.actor)]})


class FavouriteProject(ProjectDetail):
    """`POST` and `DELETE /api/v2/cases/projects/{project_id}/favorites`."""

    http_method_names = ["post", "delete"]

    @operation(TAG, "Favorite a project", status=204)
    def post(self, request: Request, project_id: str) -> Response:
        return self.set(request, project_id, on=True)

    @operation(TAG, "Unfavorite a project", status=204)
    def delete(self, request: Request, project_id: str) -> Response:
        return self.set(request, project_id, on=False)

    def set(self, request: Request, project_id: str, *, on: bool) -> Response:
        require(request.actor, READ)
        project = self.project(request, project_id)
        actions.set_favourite_project(actor=request.actor, project=project, on=on)
        return Response(status=204)

"""Cases on the wire: what is sent about them, and how they are told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from accounts_app.models import User
from cases_app.models import Case, CaseType, Comment, CustomAttribute, Priority, Project, Status
from datadog_app.queries.cases import MOST_INSIGHTS, CaseTold
from datadog_app.serializers.fields import Flag, Identifier, Text
from datadog_app.serializers.resources import (
    Among,
    AnyJsonField,
    Anything,
    Told,
    document,
    each_once,
    exact,
    related,
    to_one,
)

STANDARD = "STANDARD"  # the only kind of case that the official clients know; which one it is, `type_id` says
SIGNAL, INCIDENT = "SECURITY_SIGNAL", "INCIDENT"
REASON = "security_resolved_reason"  # the attribute that keeps why a case was closed
BULK = ("archive", "assign", "priority", "status", "unarchive", "unassign", "update_project")

# --- what is sent -----------------------------------------------------------------------------


class CustomValueSerializer(serializers.Serializer):
    """What a case says of a custom attribute. Whether it fits, the case says."""

    type = Among("type", CustomAttribute.Kind.values)
    is_multi = Flag()
    value = AnyJsonField()


class CaseCreateAttributesSerializer(serializers.Serializer):
    title = Text()
    type_id = Identifier()
    description = Text(required=False, max_length=20_000)
    priority = Among("priority", Priority.values, required=False)
    status_name = Text(required=False)
    custom_attributes = serializers.DictField(child=CustomValueSerializer(), required=False)


class CaseRelationshipsSerializer(serializers.Serializer):
    project = to_one("project")
    assignee = to_one("user", nullable=True, required=False)


class CaseStatusAttributesSerializer(serializers.Serializer):
    status = Among("status", Status.values, required=False)
    status_name = Text(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"status": ["a status or the name of one is required."]})
        return attrs


class CasePriorityAttributesSerializer(serializers.Serializer):
    priority = Among("priority", Priority.values)


class CaseTitleAttributesSerializer(serializers.Serializer):
    title = Text(allow_blank=False)


class CaseDescriptionAttributesSerializer(serializers.Serializer):
    description = Text(max_length=20_000)


class CaseAttributesAttributesSerializer(serializers.Serializer):
    attributes = Anything(help_text="Names, and for each a list of texts.")


class CaseAssignAttributesSerializer(serializers.Serializer):
    assignee_id = Identifier()


class CaseDueDateAttributesSerializer(serializers.Serializer):
    due_date = serializers.DateField(allow_null=True, input_formats=["%Y-%m-%d"])


class CaseReasonAttributesSerializer(serializers.Serializer):
    security_resolved_reason = Text(max_length=200, allow_blank=False)


class CaseCommentAttributesSerializer(serializers.Serializer):
    comment = Text(max_length=20_000, allow_blank=False)


class InsightSerializer(serializers.Serializer):
    type = Text(max_length=60)
    ref = Text(max_length=2000)
    resource_id = Text(max_length=200, allow_blank=False)


class CaseInsightsAttributesSerializer(serializers.Serializer):
    insights = InsightSerializer(many=True, allow_empty=False, max_length=MOST_INSIGHTS)


class CaseBulkAttributesSerializer(serializers.Serializer):
    type = Among("type", BULK)
    case_ids = serializers.ListField(child=Text(max_length=100), allow_empty=False, max_length=1000)
    payload = serializers.DictField(child=Text(), required=False)


class GroupBySerializer(serializers.Serializer):
    groups = serializers.ListField(child=Text(max_length=100), allow_empty=False, max_length=10)
    limit = serializers.IntegerField(min_value=1, max_value=1000)


class CaseAggregateAttributesSerializer(serializers.Serializer):
    group_by = GroupBySerializer()
    query_filter = Text(max_length=4000)


class CaseProjectAttributesSerializer(serializers.Serializer):
    key = Text(max_length=10)
    name = Text(max_length=120)


class CaseProjectEditAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120, required=False)


class CaseTypeAttributesSerializer(serializers.Serializer):
    name = Text(max_length=120)
    description = Text(max_length=2000, required=False)
    emoji = Text(max_length=16, required=False)


class CaseTypeEditAttributesSerializer(CaseTypeAttributesSerializer):
    name = Text(max_length=120, required=False)


CaseCreate = document("CaseCreate", "case", CaseCreateAttributesSerializer, relationships=CaseRelationshipsSerializer())
CaseEmpty = document("CaseEmpty", "case")
StatusEdit = document("CaseStatus", "case", CaseStatusAttributesSerializer)
PriorityEdit = document("CasePriority", "case", CasePriorityAttributesSerializer)
TitleEdit = document("CaseTitle", "case", CaseTitleAttributesSerializer)
DescriptionEdit = document("CaseDescription", "case", CaseDescriptionAttributesSerializer)
AttributesEdit = document("CaseAttributes", "case", CaseAttributesAttributesSerializer)
AssignEdit = document("CaseAssign", "case", CaseAssignAttributesSerializer)
DueDateEdit = document("CaseDueDate", "case", CaseDueDateAttributesSerializer)
ReasonEdit = document("CaseReason", "case", CaseReasonAttributesSerializer)
CustomEdit = document("CaseCustomAttribute", "case", CustomValueSerializer)
CommentEdit = document("CaseComment", "case", CaseCommentAttributesSerializer)
InsightsEdit = document("CaseInsights", "case", CaseInsightsAttributesSerializer)
BulkEdit = document("CaseBulk", "bulk", CaseBulkAttributesSerializer)
Aggregate = document("CaseAggregate", "aggregate", CaseAggregateAttributesSerializer)
ProjectRelation = document("CaseProject", "project", id=Identifier())
IncidentRelation = document("CaseIncident", "incidents", id=Identifier())
ProjectCreate = document("CaseProjectCreate", "project", CaseProjectAttributesSerializer)
ProjectEdit = document("CaseProjectEdit", "project", CaseProjectEditAttributesSerializer, optional=True)
TypeCreate = document("CaseTypeCreate", "case_type", CaseTypeAttributesSerializer)
TypeEdit = document("CaseTypeEdit", "case_type", CaseTypeEditAttributesSerializer, optional=True)


def status_called(name: str) -> str | None:
    """The status that has this name, `In Progress` or `IN_PROGRESS`; None if none has."""
    spelled = name.strip().casefold()
    return next((one.value for one in Status if spelled in (one.value.casefold(), one.label.casefold())), None)


# --- how it is told ---------------------------------------------------------------------------


def told_case(one: CaseTold) -> Told:
    """One case. What has no value is left out, as the original does."""
    case = one.case
    status = Status(case.status)
    attributes = {
        "type": STANDARD,
        "type_id": str(case.type.uuid),
        "key": case.key,
        "public_id": str(case.number),
        "internal_id": str(case.uuid),
        "title": case.title,
        "description": case.description,
        "status": status.value,
        "status_group": f"SG_{status.value}",
        "status_name": status.label,
        "priority": case.priority,
        "attributes": case.attributes,
        "custom_attributes": told_custom(case),
        "comment_count": one.comments,
        "creation_source": "MANUAL",
        "insights": insights(one),
        "merge_status": "NOT_MERGED",
        "created_at": exact(case.created_at),
        "modified_at": exact(case.modified_at),
        "closed_at": exact(case.closed_at),
        "archived_at": exact(case.archived_at),
        "due_date": case.due_date.isoformat() if case.due_date else None,
    }
    relationships = {"project": {"data": related("project", case.project.uuid)}}
    for name, user in (("assignee", case.assignee), ("created_by", case.created_by)):
        if user:
            relationships[name] = {"data": related("user", user.uuid)}
    return {
        **related("case", case.uuid),
        "attributes": {name: value for name, value in attributes.items() if value is not None},
        "relationships": relationships,
    }


def told_custom(case: Case) -> Told:
    """What the case says of the custom attributes of its type."""
    return {
        one.key: {"type": one.kind, "is_multi": one.is_multi, "value": case.custom_attributes[one.key]}
        for one in case.type.custom_attributes.all()
        if one.key in case.custom_attributes
    }


def insights(one: CaseTold) -> list[Told]:
    """The signals and incidents of a case, the first so many."""
    signals = [
        {"type": SIGNAL, "resource_id": name, "ref": reverse("signals:detail", args=[name])} for name in one.signals
    ]
    incidents = [
        {"type": INCIDENT, "resource_id": str(name), "ref": reverse("incidents:detail", args=[number])}
        for name, number in one.incidents
    ]
    return [*signals, *incidents][:MOST_INSIGHTS]


def people_of(found: list[CaseTold]) -> list[Told]:
    """Whom these cases name, as they are `included`."""
    people = each_once(user for one in found for user in (one.case.assignee, one.case.created_by))
    return [{**related("user", user.uuid), "attributes": about(user)} for user in people]


def about(user: User) -> Told:
    return {"active": user.is_active, "email": user.email, "handle": user.email, "name": user.label}


def told_comment(comment: Comment) -> Told:
    """A comment as a cell of the timeline. One that was taken back has no words."""
    attributes: Told = {
        "type": "COMMENT",
        "cell_content": {"message": comment.body},
        "created_at": exact(comment.created_at),
    }
    if author := comment.author:
        name = str(author.uuid)
        attributes["author"] = {"type": "USER", "content": {"ID": name, "id": name, **about(author)}}
    for key, at in (("modified_at", comment.edited_at), ("deleted_at", comment.deleted_at)):
        if at:
            attributes[key] = exact(at)
    return {**related("timeline_cell", comment.uuid), "attributes": attributes}


def told_project(project: Project) -> Told:
    """A project. Everybody who may read cases is in each, so none has members of its own."""
    return {
        **related("project", project.uuid),
        "attributes": {
            "key": project.key,
            "name": project.name,
            "restricted": False,
            "enabled_custom_case_types": [],
        },
        "relationships": {"member_team": {"data": []}, "member_user": {"data": []}},
    }


def told_type(kind: CaseType) -> Told:
    statuses = {
        name: {"status_options": [{"name": status.label}], "default": status.label}
        for name, status in (("open", Status.OPEN), ("in_progress", Status.IN_PROGRESS), ("closed", Status.CLOSED))
    }
    return {
        **related("case_type", kind.uuid),
        "attributes": {
            "name": kind.name,
            "description": kind.description,
            "emoji": kind.emoji,
            "internal": kind.is_default,
            "statuses_config": statuses,
        },
    }

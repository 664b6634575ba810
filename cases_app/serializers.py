"""Cases, as the API tells them and is told of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts_app.access import NOBODY
from accounts_app.models import User
from cases_app import limits, words
from cases_app.actions import MOST_AT_ONCE
from cases_app.models import Case, CaseType, Comment, Priority, Project, Status
from cases_app.queries import Happening
from signals_app.models import Signal

MOST_VERSIONS = 2**31 - 1
VERSION = {"required": False, "min_value": 0, "max_value": MOST_VERSIONS, "allow_null": True}
SEEN = "The version that was looked at: a newer one refuses the change. Left out it makes no claim."


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["uuid", "name", "email"]
        read_only_fields = fields


class ProjectSerializer(serializers.ModelSerializer):
    """A project. Its key is given once."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=limits.MAX_TEXT)
    version = serializers.IntegerField(**VERSION, help_text=SEEN)

    class Meta:
        model = Project
        fields = ["uuid", "key", "name", "description", "triages_signals", "version", "created_at", "modified_at"]
        read_only_fields = ["uuid", "created_at", "modified_at"]
        extra_kwargs = {
            "triages_signals": {
                "help_text": "Whether signals that a case is made from go under review, and to whoever makes it."
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.partial:
            self.fields["key"].read_only = True


class CaseTypeSerializer(serializers.ModelSerializer):
    """A kind of case."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=limits.MAX_TEXT)
    emoji = serializers.CharField(
        required=False, allow_blank=True, max_length=16, help_text="What stands for it where there is little room."
    )

    class Meta:
        model = CaseType
        fields = ["uuid", "name", "emoji", "description", "is_default", "created_at"]
        read_only_fields = ["uuid", "is_default", "created_at"]


class SeenSignalSerializer(serializers.Serializer):
    """A signal by its public id, and the version of it that was looked at."""

    id = serializers.CharField(max_length=64)
    version = serializers.IntegerField(**VERSION, help_text=SEEN)


class SignalsSerializer(serializers.Serializer):
    """Some signals."""

    signals = SeenSignalSerializer(many=True, allow_empty=False, max_length=MOST_AT_ONCE)


class CaseSerializer(serializers.ModelSerializer):
    """A case."""

    key = serializers.CharField(read_only=True, help_text="Such as `SEC-12`.")
    project = serializers.SlugRelatedField("key", read_only=True, help_text="The project's key.")
    type = serializers.SlugRelatedField("uuid", read_only=True)
    assignee = PersonSerializer(read_only=True)
    created_by = PersonSerializer(read_only=True)
    attributes = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), read_only=True)
    tags = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Case
        fields = [
            "uuid",
            "key",
            "project",
            "type",
            "title",
            "description",
            "status",
            "priority",
            "assignee",
            "due_date",
            "attributes",
            "tags",
            "version",
            "url",
            "created_by",
            "created_at",
            "modified_at",
            "closed_at",
            "archived_at",
        ]
        read_only_fields = fields

    def get_tags(self, case: Case) -> list[str]:
        return [tag.text for tag in case.tags.all()]

    def get_url(self, case: Case) -> str:
        return self.context["request"].build_absolute_uri(reverse("cases:detail", args=[case.key]))


class EditCaseSerializer(serializers.Serializer):
    """New values of a case: what is left out stays as it is."""

    title = serializers.CharField(required=False, max_length=limits.MAX_TITLE)
    description = serializers.CharField(required=False, allow_blank=True, max_length=limits.MAX_TEXT)
    type = serializers.SlugRelatedField("uuid", required=False, queryset=CaseType.objects.none())
    due_date = serializers.DateField(required=False, allow_null=True)
    attributes = serializers.DictField(
        required=False,
        child=serializers.ListField(
            child=serializers.CharField(max_length=limits.MAX_VALUE), max_length=limits.MAX_VALUES
        ),
        help_text="A name to a list of texts.",
    )
    tags = serializers.ListField(
        required=False, child=serializers.CharField(max_length=limits.MAX_TAG), max_length=limits.MAX_TAGS
    )
    version = serializers.IntegerField(**VERSION, help_text=SEEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = getattr(self.context.get("request"), "actor", NOBODY)
        self.fields["type"].queryset = CaseType.objects.visible_to(self.actor)


class NewCaseSerializer(EditCaseSerializer):
    """A case that is to be made, perhaps about some signals."""

    project = serializers.SlugRelatedField("key", queryset=Project.objects.none(), help_text="The project's key.")
    title = serializers.CharField(max_length=limits.MAX_TITLE)
    status = serializers.ChoiceField(Status, required=False)
    priority = serializers.ChoiceField(Priority, required=False)
    assignee = serializers.SlugRelatedField(
        "uuid", required=False, allow_null=True, queryset=User.objects.none(), help_text="A person's UUID."
    )
    signals = SeenSignalSerializer(many=True, required=False, max_length=MOST_AT_ONCE)
    version = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = Project.objects.visible_to(self.actor)
        self.fields["assignee"].queryset = User.objects.visible_to(self.actor)


class SeenSerializer(serializers.Serializer):
    """The version that was looked at."""

    version = serializers.IntegerField(**VERSION, help_text=SEEN)


class StatusSerializer(SeenSerializer):
    """Where the work stands."""

    status = serializers.ChoiceField(Status)


class PrioritySerializer(SeenSerializer):
    """How soon."""

    priority = serializers.ChoiceField(Priority)


class AssigneeSerializer(SeenSerializer):
    """Who looks after it; null for nobody."""

    assignee = serializers.SlugRelatedField("uuid", allow_null=True, queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor = getattr(self.context.get("request"), "actor", NOBODY)
        self.fields["assignee"].queryset = User.objects.visible_to(actor)


class ToProjectSerializer(SeenSerializer):
    """Which project it goes into."""

    project = serializers.SlugRelatedField("key", queryset=Project.objects.none(), help_text="The project's key.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor = getattr(self.context.get("request"), "actor", NOBODY)
        self.fields["project"].queryset = Project.objects.visible_to(actor)


class CommentSerializer(serializers.ModelSerializer):
    """A comment, in Markdown."""

    author = PersonSerializer(read_only=True)
    body = serializers.CharField(max_length=limits.MAX_TEXT)
    version = serializers.IntegerField(**VERSION, help_text=SEEN)

    class Meta:
        model = Comment
        fields = ["uuid", "author", "body", "version", "created_at", "edited_at", "deleted_at"]
        read_only_fields = ["uuid", "created_at", "edited_at", "deleted_at"]


class LinkedSignalSerializer(serializers.ModelSerializer):
    """A signal that a case is about."""

    id = serializers.CharField(source="public_id")

    class Meta:
        model = Signal
        fields = ["id", "title", "state", "version"]
        read_only_fields = fields


class RefusedSignalSerializer(serializers.Serializer):
    """A signal that was left as it was, and why."""

    id = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class LinkingSerializer(serializers.Serializer):
    """What became of each of the signals."""

    changed = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())
    refused = RefusedSignalSerializer(many=True)


class HappeningSerializer(serializers.Serializer):
    """One row of the timeline: an entry of the ledger, or a comment."""

    kind = serializers.ChoiceField(["entry", "comment"])
    at = serializers.DateTimeField()
    verb = serializers.SerializerMethodField(help_text="Of an entry, such as `cases.status_changed`.")
    who = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField(help_text="What was done, or what was said.")
    data = serializers.SerializerMethodField(help_text="Of an entry: what changed, as `{field: [before, after]}`.")
    comment = CommentSerializer()

    def get_verb(self, row: Happening) -> str:
        return row.entry.verb if row.entry else ""

    def get_who(self, row: Happening) -> str:
        if row.entry:
            return row.entry.actor_label
        return row.comment.author.label if row.comment and row.comment.author else ""

    def get_words(self, row: Happening) -> str:
        if row.entry:
            return words.sentence(row.entry, self.context["request"].actor)
        return row.comment.body if row.comment else ""

    @extend_schema_field(serializers.DictField())
    def get_data(self, row: Happening) -> dict[str, Any]:
        return words.seen(row.entry, self.context["request"].actor) if row.entry else {}

"""Saved views, as the API tells them and is told of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts_app.access import NOBODY
from accounts_app.models import Team, User
from search_app.explorer.spec import explorer
from search_app.models import SavedView
from search_app.models.saved_views import MAX_NAME, one_line

LONGEST = 16_000  # characters of one parameter


class Parameter(serializers.CharField):
    """One parameter of an explorer's address, as it stands there."""

    def __init__(self, help_text: str) -> None:
        super().__init__(
            required=False, allow_blank=True, max_length=LONGEST, trim_whitespace=False, help_text=help_text
        )


class ConfigurationSerializer(serializers.Serializer):
    """The parameters of an explorer's address. What is left out is as usual."""

    query = Parameter("What is searched for, in the query language.")
    range = Parameter("A window of time that ends now, such as `7d`.")
    start = Parameter("The start of a fixed window, in epoch milliseconds; needs `end`.")
    end = Parameter("The end of a fixed window, in epoch milliseconds; needs `start`.")
    column = Parameter("The order of the rows, by name.")
    order = Parameter("`asc` or `desc`.")
    cols = Parameter("The columns that are shown, with commas between them.")
    viz = Parameter("`stream` (a list), `timeseries`, `toplist` or `table`.")
    group = Parameter("The fields that charts group by, with a comma between two.")
    unique = Parameter("The field whose different values are counted; rows are counted without it.")
    limit = Parameter("How many groups a chart shows.")
    agg = Parameter("`rule`: aggregated by detection rule.")
    timeline = Parameter("`off`: without the timeline.")
    facets = Parameter("The facets that are displayed, with commas between them.")

    def to_representation(self, instance: dict[str, str]) -> dict[str, str]:
        return instance

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if isinstance(data, dict) and (unknown := sorted(map(str, data.keys() - self.fields.keys()))):
            raise serializers.ValidationError({unknown[0][:100]: "A view holds no such parameter."})
        return super().to_internal_value(data)


class OwnerSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["uuid", "name"]
        read_only_fields = fields


class SavedViewSerializer(serializers.ModelSerializer):
    """A saved view. When it is changed, `version` is the one that was looked at: a newer one refuses the change."""

    surface = serializers.SlugField(max_length=40, help_text="What the explorer shows: `signals`.")
    name = serializers.CharField(max_length=MAX_NAME, validators=[one_line])
    owner = OwnerSerializer(read_only=True)
    teams = serializers.SlugRelatedField(
        slug_field="handle",
        many=True,
        required=False,
        queryset=Team.objects.none(),
        help_text="The handles of the teams that it is shared with.",
    )
    configuration = ConfigurationSerializer(required=False)
    version = serializers.IntegerField(required=False, min_value=0)
    url = serializers.SerializerMethodField(help_text="Where it opens.")
    is_favourite = serializers.SerializerMethodField()
    is_default = serializers.SerializerMethodField()
    may_change = serializers.SerializerMethodField(help_text="Whether you may change and delete it.")

    class Meta:
        model = SavedView
        fields = [
            "uuid",
            "surface",
            "name",
            "owner",
            "teams",
            "configuration",
            "version",
            "url",
            "is_favourite",
            "is_default",
            "may_change",
            "created_at",
            "modified_at",
        ]
        read_only_fields = ["uuid", "created_at", "modified_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = getattr(self.context.get("request"), "actor", NOBODY)
        self.fields["teams"].child_relation.queryset = Team.objects.visible_to(self.actor)
        if self.partial:
            self.fields["surface"].read_only = True  # a view stays where it was made

    def get_url(self, view: SavedView) -> str:
        path = f"{explorer(view.surface).path}?view={view.uuid}"
        return self.context["request"].build_absolute_uri(path)

    def get_is_favourite(self, view: SavedView) -> bool:
        return self._marked(view, "is_favourite")

    def get_is_default(self, view: SavedView) -> bool:
        return self._marked(view, "is_default")

    def get_may_change(self, view: SavedView) -> bool:
        return view.may_be_changed_by(self.actor)

    def _marked(self, view: SavedView, mark: str) -> bool:
        return getattr(self.context["marks"].get((view.surface, str(view.uuid))), mark, False)

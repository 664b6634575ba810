"""People, as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from accounts_app.models import User


class MeSerializer(serializers.ModelSerializer):
    """The caller: who they are, and the permissions in force for this very request."""

    roles = serializers.SerializerMethodField()
    teams = serializers.SlugRelatedField("handle", many=True, read_only=True)
    permissions = serializers.SerializerMethodField()
    authenticated_by = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "uuid",
            "email",
            "name",
            "job_title",
            "time_zone",
            "roles",
            "teams",
            "permissions",
            "authenticated_by",
        ]
        read_only_fields = fields

    def get_roles(self, user: User) -> list[str]:
        return sorted(group.name for group in user.groups.all())

    def get_permissions(self, user: User) -> list[str]:
        """Narrowed by the key's scopes, if a key is used."""
        return sorted(self.context["request"].actor.permissions)

    def get_authenticated_by(self, user: User) -> str:
        """`person` (a session) or `key`."""
        return self.context["request"].actor.kind

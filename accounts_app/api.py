"""Who a machine or a browser turns out to be."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.authentication import API_KEY, APPLICATION_KEY
from accounts_app.serializers import MeSerializer


class KeyAuthenticationScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of the two keys."""

    target_class = "accounts_app.authentication.KeyAuthentication"
    name = ["apiKeyAuth", "appKeyAuth"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        return [{"type": "apiKey", "in": "header", "name": header} for header in (API_KEY, APPLICATION_KEY)]


@extend_schema(responses=MeSerializer, summary="Who am I, and what may I do?")
@api_view(["GET"])
def me(request: Request) -> Response:
    """The caller, with the permissions in force for this request: by session, or by an API and an application key."""
    return Response(MeSerializer(request.user, context={"request": request}).data)

"""Whether keys are good: asked by every client before anything else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.authentication import API_KEY, note_failure
from accounts_app.keys import digest_of, find_api_key
from accounts_app.models import ApiKey
from core_app.errors import NotAllowed
from datadog_app import describing as told
from datadog_app.api.door import Door
from datadog_app.wire import ORGANISATION

TAG = "Authentication"


class ApiKeyAlone(BaseAuthentication):
    """The organisation's key without a person's: it says that the request is of the house, and nobody acts."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey]:
        sent = request.headers.get(API_KEY, "")
        key = find_api_key(sent) if sent else None
        if key is None:
            if sent:
                note_failure(request)
            raise NotAllowed("API key required")  # 403, as the original says it
        return AnonymousUser(), key


class ApiKeyAloneScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of it."""

    target_class = "datadog_app.api.validate.ApiKeyAlone"
    name = "apiKeyAlone"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": API_KEY}


class Validate(Door):
    """`GET /api/v1/validate`: with the API key alone."""

    authentication_classes = [ApiKeyAlone]
    permission_classes: ClassVar[list[Any]] = []  # whoever has the key
    group = "validate"

    def who(self, request: Request) -> str:
        return digest_of(request.headers.get(API_KEY, ""))

    @told.operation(TAG, "Validate an API key", answer=told.thing(("valid",), valid=told.FLAG))
    def get(self, request: Request) -> Response:
        return Response({"valid": True})


class ValidateKey(Validate):
    """`GET /api/v2/validate`: with the API key alone, and which it is."""

    @told.operation(TAG, "Validate an API key, and say which it is", answer=told.data(told.ANYTHING))
    def get(self, request: Request) -> Response:
        # Scopes are of people's keys; one of the organisation's has none.
        attributes = {"valid": True, "api_key_id": str(request.auth.uuid), "api_key_scopes": []}
        return Response({"data": {"id": ORGANISATION, "type": "validate_v2", "attributes": attributes}})


class ValidateKeys(Door):
    """`GET /api/v2/validate_keys`: both keys."""

    group = "validate"

    @told.operation(TAG, "Validate both keys", answer=told.thing(("status",), status=told.TEXT))
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})

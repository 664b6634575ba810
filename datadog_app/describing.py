"""How the API's own description tells of these endpoints: `@operation` on each, and the shapes of the answers.

Answers are plain dicts, so their shapes are written here as JSON Schema and not as serializers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from datadog_app.paging import FARTHEST

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
DATE: Shape = {"type": "string", "format": "date-time"}
UUID: Shape = {"type": "string", "format": "uuid"}
ANYTHING: Shape = {"type": "object", "additionalProperties": True}


def nullable(shape: Shape) -> Shape:
    return {**shape, "nullable": True}


def words(*choices: str) -> Shape:
    return {"type": "string", "enum": list(choices)}


def many(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def thing(needed: Sequence[str] = (), /, **shapes: Shape) -> Shape:
    """An object; more than these properties may come."""
    found: Shape = {"type": "object", "properties": shapes}
    return {**found, "required": list(needed)} if needed else found


def resource(kind: str, attributes: Shape, **beside: Shape) -> Shape:
    """JSON:API's `{"id", "type", "attributes"}`."""
    return thing(("id", "type"), id=TEXT, type=words(kind), attributes=attributes, **beside)


def data(shape: Shape, **beside: Shape) -> Shape:
    """What is around everything in v2."""
    return thing(("data",), data=shape, **beside)


ZIP = "application/zip"
ERRORS: Shape = {"$ref": "#/components/schemas/Errors"}  # which the settings append
PROBLEMS = {
    400: "What was sent cannot be meant.",
    401: "The keys are missing or wrong.",
    403: "The keys are missing or wrong, or a permission is.",
    404: "It is not there, or not yours to see.",
    405: "There is no such method here.",
    409: "It cannot be done as things stand.",
    413: "The body is too large.",
    422: "It can be understood but not done.",
    429: "Too many requests.",
}


def operation(
    tag: str,
    summary: str,
    *,
    body: Any = None,
    query: Sequence[OpenApiParameter] = (),
    answer: Shape | None = None,
    media: str = "",
    status: int = 200,
    description: str = "",
) -> Callable[[Any], Any]:
    """Describe one method of one path. Without an answer it has no body; with a `media` type the body is a file."""
    responses: dict[Any, Any] = {status: OpenApiResponse(answer) if answer else OpenApiResponse(description="Done.")}
    if media:
        responses = {(status, media): OpenApiTypes.BINARY}
    responses |= {code: OpenApiResponse(ERRORS, description=words) for code, words in PROBLEMS.items()}
    return extend_schema(
        tags=[tag],
        summary=summary,
        description=description,
        request=body,
        parameters=list(query),
        responses=responses,
    )


def parameter(name: str, kind: Any = str, words: str = "", **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=words, **more)


def counted(name: str, words: str, *, least: int = 1, most: int = 1000) -> OpenApiParameter:
    """A whole number in its limits."""
    return OpenApiParameter(
        name, {"type": "integer", "minimum": least, "maximum": most}, OpenApiParameter.QUERY, description=words
    )


LIMIT = counted("limit", "At most so many, up to 1000.")
PAGE_SIZE = counted("page[size]", "How many there are on a page.")
PAGE_NUMBER = counted("page[number]", "Which page, from 0.", least=0, most=FARTHEST)

# --- signals ----------------------------------------------------------------------------------

SIGNAL_FILTERS = [
    parameter("filter[query]", words="What is searched for, in the query language of the explorer."),
    parameter("filter[from]", words="From when: a date-time, or relative as `now-15m`. All of time without it."),
    parameter("filter[to]", words="Until when, that moment included. Now without it."),
    parameter("sort", words="Newest first without it.", enum=["timestamp", "-timestamp"]),
    parameter("page[cursor]", words="`meta.page.after` of the page before."),
    counted("page[limit]", "How many, 10 without it and up to 1000."),
]
STATES = words("open", "under_review", "archived")
PERSON = thing(("uuid",), uuid=TEXT, id=WHOLE, handle=TEXT, name=nullable(TEXT), icon=TEXT)
SIGNAL_ATTRIBUTES = thing(
    message=TEXT,
    status=words("info", "low", "medium", "high", "critical"),
    timestamp=DATE,
    tags=many(TEXT),
    service=many(TEXT),
    host=TEXT,
    version=WHOLE,
    attributes=ANYTHING,
    custom=ANYTHING,
)
SIGNAL = data(resource("signal", SIGNAL_ATTRIBUTES))
SIGNALS = data(
    many(resource("signal", SIGNAL_ATTRIBUTES)),
    meta=thing(elapsed=WHOLE, request_id=TEXT, status=TEXT, page=thing(after=TEXT)),
    links=thing(next=TEXT),
)
TRIAGE = thing(
    ("assignee", "incident_ids", "state"),
    assignee=PERSON,
    incident_ids=many(WHOLE),
    state=STATES,
    archive_reason=TEXT,
    archive_comment=TEXT,
    archive_comment_timestamp=WHOLE,
    archive_comment_user=PERSON,
    state_update_timestamp=WHOLE,
    state_update_user=PERSON,
    version=WHOLE,
)
METADATA = data(resource("signal_metadata", TRIAGE))
STATUS = thing(("status",), status=TEXT, elapsed=WHOLE, hitCount=WHOLE, type=TEXT, requestId=TEXT)
BULK = thing(
    ("result", "status", "type"),
    type=TEXT,
    status=TEXT,
    result=thing(("count", "events"), count=WHOLE, events=many(thing(("id", "event"), id=TEXT, event=ANYTHING))),
)
ENTITIES = data(resource("entities", thing(identities=many(ANYTHING))))
TRACK = parameter("track", words="What kind of event it is, such as `logs`. Any finds the same.", required=True)
MATCHING = data(
    many(
        resource(
            "matching_signal",
            thing(event_tracker_id=TEXT, severity=TEXT, title=TEXT, trigger_time_ms=WHOLE),
        )
    )
)
SUGGESTIONS = data(
    many(
        thing(
            ("id", "type", "attributes"),
            id=TEXT,
            type=words("investigation_log_queries", "recommended_blog_posts"),
            attributes=ANYTHING,
        )
    )
)

# --- people -----------------------------------------------------------------------------------

TO_MANY = data(many(thing(("id", "type"), id=TEXT, type=TEXT)))
TO_ONE = data(thing(("id", "type"), id=TEXT, type=TEXT))
PAGED = thing(page=thing(total_count=WHOLE, total_filtered_count=WHOLE))
USER_DATA = resource(
    "users",
    thing(
        ("email", "handle", "status"),
        uuid=UUID,
        name=nullable(TEXT),
        handle=TEXT,
        email=TEXT,
        title=nullable(TEXT),
        created_at=DATE,
        modified_at=DATE,
        last_login_time=nullable(DATE),
        disabled=FLAG,
        verified=FLAG,
        status=words("Active", "Pending", "Disabled"),
        service_account=FLAG,
        mfa_enabled=FLAG,
        icon=TEXT,
    ),
    relationships=thing(org=TO_ONE, other_orgs=TO_MANY, other_users=TO_MANY, roles=TO_MANY),
)
ROLE_DATA = resource(
    "roles",
    thing(
        ("name",),
        name=TEXT,
        created_at=DATE,
        modified_at=DATE,
        user_count=WHOLE,
        receives_permissions_from=many(TEXT),
    ),
    relationships=thing(permissions=TO_MANY),
)
INCLUDED = many(ANYTHING)
USER = data(USER_DATA, included=INCLUDED)
USERS = data(many(USER_DATA), included=INCLUDED, meta=PAGED)
ROLE = data(ROLE_DATA)
ROLES = data(many(ROLE_DATA), meta=PAGED)
PERMISSIONS = data(
    many(
        resource(
            "permissions",
            thing(
                name=TEXT,
                display_name=TEXT,
                description=TEXT,
                display_type=words("read", "write", "other"),
                group_name=TEXT,
                created=DATE,
                name_aliases=many(TEXT),
                restricted=FLAG,
            ),
        )
    )
)
TEAM_DATA = resource(
    "team",
    thing(
        ("handle", "name"),
        name=TEXT,
        handle=TEXT,
        description=nullable(TEXT),
        summary=nullable(TEXT),
        created_at=DATE,
        modified_at=DATE,
        user_count=WHOLE,
        link_count=WHOLE,
        is_managed=FLAG,
    ),
    relationships=ANYTHING,
)
KEY_DATA = thing(("id", "type", "attributes"), id=UUID, type=TEXT, attributes=ANYTHING, relationships=ANYTHING)
KEY = data(KEY_DATA, included=INCLUDED)
KEYS = data(many(KEY_DATA), included=INCLUDED, meta=PAGED)
PAGINATION = {"meta": thing(pagination=ANYTHING), "links": ANYTHING}
TEAM = data(TEAM_DATA)
TEAMS = data(many(TEAM_DATA), **PAGINATION, included=INCLUDED)
MEMBERSHIP_DATA = resource(
    "team_memberships", thing(role=nullable(TEXT)), relationships=thing(team=TO_ONE, user=TO_ONE)
)
MEMBERSHIP = data(MEMBERSHIP_DATA, included=INCLUDED)
MEMBERSHIPS = data(many(MEMBERSHIP_DATA), **PAGINATION)

# --- rules ------------------------------------------------------------------------------------

RULE = thing(
    ("id", "name", "type", "version"),
    id=UUID,
    name=TEXT,
    type=TEXT,
    message=TEXT,
    tags=many(TEXT),
    isEnabled=FLAG,
    isDefault=FLAG,
    isDeleted=FLAG,
    version=WHOLE,
    createdAt=WHOLE,
    updatedAt=WHOLE,
    queries=many(ANYTHING),
    cases=many(ANYTHING),
    options=ANYTHING,
    filters=many(ANYTHING),
    hasExtendedTitle=FLAG,
)
RULES = data(many(RULE), meta=PAGED)
SUPPRESSION_DATA = resource(
    "suppressions",
    thing(
        name=TEXT,
        description=TEXT,
        enabled=FLAG,
        editable=FLAG,
        rule_query=TEXT,
        suppression_query=TEXT,
        data_exclusion_query=TEXT,
        start_date=WHOLE,
        expiration_date=WHOLE,
        tags=many(TEXT),
        version=WHOLE,
        creation_date=WHOLE,
        update_date=WHOLE,
        creator=ANYTHING,
        updater=ANYTHING,
    ),
)
SUPPRESSION = data(SUPPRESSION_DATA)
SUPPRESSIONS = data(many(SUPPRESSION_DATA), meta=ANYTHING)

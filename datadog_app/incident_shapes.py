"""The answers about incidents, as the API's own description tells of them."""

from __future__ import annotations

from datadog_app.describing import (
    ANYTHING,
    DATE,
    FLAG,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    counted,
    data,
    many,
    nullable,
    parameter,
    resource,
    thing,
    words,
)
from datadog_app.queries.searching import FARTHEST

INCLUDE = parameter("include", words="`users`, `attachments` or both, with a comma between them.")
IMPORT_INCLUDE = parameter(
    "include",
    words="Of `last_modified_by_user`, `created_by_user`, `commander_user`, `declared_by_user` and `incident_type`.",
)
IMPACT_INCLUDE = parameter("include", words="Of `incident`, `created_by_user` and `last_modified_by_user`.")
INCLUDE_DELETED = parameter("include_deleted", bool, "What was deleted is gone: this changes nothing.")
OFFSETS = [
    counted("page[size]", "How many, 10 without it and up to 100.", most=100),
    counted("page[offset]", "How many to pass over, the newest.", least=0, most=FARTHEST),
]
SEARCH = [
    parameter("query", words="What is searched for, in the query language of the explorer.", required=True),
    parameter("sort", words="Newest first without it.", enum=["created", "-created"]),
    INCLUDE,
]
ATTACHMENT_FILTERS = [
    parameter("filter[attachment_type]", words="Only these.", enum=["link", "postmortem"]),
    parameter("include", words="`last_modified_by_user`."),
]
SETTING_INCLUDE = parameter(
    "include", words="Of `created_by_user`, `last_modified_by_user`, `incident_type` and `notification_template`."
)
SETTINGS_LIST = [parameter("filter[incident-type]", words="Only those of this type."), SETTING_INCLUDE]

DECLARED_INCLUDE = parameter("include", words="Of `created_by_user`, `last_modified_by_user` and `incident_type`.")
OF_ONE_TYPE = parameter("filter[incident-type]", words="Only those of this type.")
FIELDS_LIST = [
    counted("page[size]", "How many, up to 1000.", least=0),
    counted("page[number]", "Which page, from 0.", least=0),
    INCLUDE_DELETED,
    OF_ONE_TYPE,
    DECLARED_INCLUDE,
]

HANDLE_INCLUDE = parameter(
    "include", words="Of `created_by_user`, `last_modified_by_user`, `commander_user` and `incident_type`."
)
HANDLE_ID = parameter("id", words="Which one; without it, the only one there is.")

PAGINATION = thing(pagination=thing(offset=WHOLE, next_offset=WHOLE, size=WHOLE))
FIELD = thing(("type", "value"), type=TEXT, value=nullable({"anyOf": [TEXT, many(TEXT)]}))
PERSON = thing(("data",), data=nullable(thing(("id", "type"), id=UUID, type=words("users"))))
INCIDENT_ATTRIBUTES = thing(
    ("title",),
    public_id=WHOLE,
    title=TEXT,
    severity=words("SEV-1", "SEV-2", "SEV-3", "SEV-4", "SEV-5", "UNKNOWN"),
    state=words("active", "stable", "resolved"),
    visibility=words("organization", "private"),
    is_test=FLAG,
    incident_type_uuid=UUID,
    customer_impacted=FLAG,
    customer_impact_scope=nullable(TEXT),
    customer_impact_start=nullable(DATE),
    customer_impact_end=nullable(DATE),
    customer_impact_duration=WHOLE,
    created=DATE,
    declared=DATE,
    detected=DATE,
    resolved=nullable(DATE),
    modified=DATE,
    time_to_detect=WHOLE,
    time_to_internal_response=WHOLE,
    time_to_repair=WHOLE,
    time_to_resolve=WHOLE,
    fields={"type": "object", "additionalProperties": FIELD},
)
RELATIONSHIPS = thing(commander_user=PERSON, created_by_user=PERSON, last_modified_by_user=PERSON)
ONE = resource("incidents", INCIDENT_ATTRIBUTES, relationships=RELATIONSHIPS)
INCLUDED = many(ANYTHING)
INCIDENT = data(ONE, included=INCLUDED)
INCIDENTS = data(many(ONE), included=INCLUDED, meta=PAGINATION)
SEARCHED = data(
    thing(
        ("type", "attributes"),
        type=words("incidents_search_results"),
        attributes=thing(
            ("facets", "incidents", "total"), facets=ANYTHING, incidents=many(thing(("data",), data=ONE)), total=WHOLE
        ),
    ),
    included=INCLUDED,
    meta=PAGINATION,
)


def _both(one: Shape) -> tuple[Shape, Shape]:
    return data(one, included=INCLUDED), data(many(one), included=INCLUDED, meta=PAGINATION)


TODO, TODOS = _both(
    resource(
        "incident_todos",
        thing(
            ("assignees", "content"),
            assignees=many({"anyOf": [TEXT, ANYTHING]}),
            content=TEXT,
            due_date=nullable(TEXT),
            completed=nullable(TEXT),
            created=DATE,
            modified=DATE,
            incident_id=UUID,
        ),
    )
)
IMPACT, IMPACTS = _both(
    resource(
        "incident_impacts",
        thing(
            ("description", "start_at"),
            description=TEXT,
            start_at=DATE,
            end_at=nullable(DATE),
            fields=nullable(ANYTHING),
            impact_type=words("customer"),
            created=DATE,
            modified=DATE,
        ),
    )
)
ATTACHMENT, ATTACHMENTS = _both(
    resource(
        "incident_attachments",
        thing(
            attachment_type=words("link", "postmortem"),
            attachment=thing(documentUrl=TEXT, title=TEXT),
            modified=DATE,
        ),
    )
)
RESPONDER, RESPONDERS = _both(
    resource("incident_responders", thing(("created", "modified", "is_billable"), created=DATE, modified=DATE))
)
CONFIGURATION = data(
    resource(
        "incidents_configurations",
        thing(
            ("created_at", "incident_id", "modified_at"),
            incident_id=TEXT,
            execute_integrations=FLAG,
            execute_notification_rules=FLAG,
            include_in_analytics=FLAG,
            include_in_search=FLAG,
            created_at=DATE,
            modified_at=DATE,
        ),
        relationships=ANYTHING,
    )
)
OVERRIDE, OVERRIDES = _both(
    resource(
        "incidents_timestamp_overrides",
        thing(
            ("created_at", "incident_id", "modified_at", "timestamp_type", "timestamp_value"),
            incident_id=TEXT,
            timestamp_type=words("detected", "resolved", "declared"),
            timestamp_value=DATE,
            created_at=DATE,
            modified_at=DATE,
            deleted_at=nullable(DATE),
        ),
        relationships=ANYTHING,
    )
)
INTEGRATION, INTEGRATIONS = _both(
    resource(
        "incident_integrations",
        thing(
            ("integration_type", "metadata"),
            incident_id=UUID,
            integration_type=WHOLE,
            metadata=ANYTHING,
            status=WHOLE,
            created=DATE,
            modified=DATE,
        ),
    )
)
TEMPLATE, TEMPLATES = _both(
    resource(
        "notification_templates",
        thing(
            ("category", "content", "name", "subject"),
            category=TEXT,
            content=TEXT,
            name=TEXT,
            subject=TEXT,
            created=DATE,
            modified=DATE,
        ),
        relationships=ANYTHING,
    )
)
RULE, RULES = _both(
    resource(
        "incident_notification_rules",
        thing(
            ("conditions", "enabled", "handles", "trigger", "visibility"),
            conditions=many(thing(("field", "values"), field=TEXT, values=many(TEXT))),
            enabled=FLAG,
            handles=many(TEXT),
            renotify_on=many(TEXT),
            trigger=words("incident_created_trigger", "incident_modified_trigger", "incident_saved_trigger"),
            visibility=words("all", "organization", "private"),
            created=DATE,
            modified=DATE,
        ),
        relationships=ANYTHING,
    )
)
TYPE, TYPES = _both(
    resource(
        "incident_types",
        thing(("name",), name=TEXT, description=TEXT, is_default=FLAG, prefix=TEXT, createdAt=DATE, modifiedAt=DATE),
    )
)
ONE_FIELD = resource(
    "user_defined_field",
    thing(
        ("created", "display_name", "name", "required", "reserved"),
        name=TEXT,
        display_name=TEXT,
        type=WHOLE,
        category=nullable(words("what_happened", "why_it_happened")),
        collected=nullable(words("active", "stable", "resolved", "completed")),
        default_value=nullable(TEXT),
        ordinal=nullable(TEXT),
        required=FLAG,
        reserved=FLAG,
        tag_key=nullable(TEXT),
        valid_values=nullable(many(thing(("value", "display_name"), value=TEXT, display_name=TEXT))),
        metadata=nullable(ANYTHING),
        created=DATE,
        modified=nullable(DATE),
        deleted=nullable(DATE),
    ),
    relationships=ANYTHING,
)
USER_DEFINED_FIELD = data(ONE_FIELD, included=INCLUDED)
USER_DEFINED_FIELDS = data(many(ONE_FIELD), included=INCLUDED, meta=thing(offset=WHOLE, size=WHOLE))
IMPACT_FIELD, IMPACT_FIELDS = _both(
    resource(
        "impact_fields",
        thing(
            ("display_name", "field_type", "name"),
            name=TEXT,
            display_name=TEXT,
            field_type=words("dropdown", "text", "textarray", "metrictag", "number", "datetime", "multiselect"),
            field_choices=many(thing(("value", "display_name"), value=TEXT, display_name=TEXT)),
            tag_key=nullable(TEXT),
        ),
        relationships=ANYTHING,
    )
)
USER_DEFINED_ROLE, USER_DEFINED_ROLES = _both(
    resource(
        "incident_user_defined_roles",
        thing(
            ("created", "modified", "name", "policy"),
            name=TEXT,
            description=nullable(TEXT),
            policy=thing(("is_single",), is_single=FLAG),
            created=DATE,
            modified=DATE,
        ),
        relationships=ANYTHING,
    )
)
HANDLE, HANDLES = _both(
    resource(
        "incidents_handles",
        thing(
            ("created_at", "fields", "modified_at", "name"),
            name=TEXT,
            fields={"type": "object", "properties": {"severity": many(TEXT)}},
            created_at=DATE,
            modified_at=DATE,
        ),
        relationships=ANYTHING,
    )
)
GLOBAL_SETTINGS = data(
    resource(
        "incidents_global_settings",
        thing(
            ("analytics_dashboard_id", "created", "modified"), analytics_dashboard_id=TEXT, created=DATE, modified=DATE
        ),
    )
)
POSTMORTEM_TEMPLATE, POSTMORTEM_TEMPLATES = _both(
    resource(
        "postmortem_templates",
        thing(
            ("content", "created_at", "is_default", "location", "modified_at", "name"),
            name=TEXT,
            content=TEXT,
            is_default=nullable(DATE),
            location=words("datadog_notebooks"),
            created_at=DATE,
            modified_at=DATE,
        ),
        relationships=ANYTHING,
    )
)

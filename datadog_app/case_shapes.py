"""The answers about cases, as the API's own description tells of them."""

from __future__ import annotations

from datadog_app.describing import (
    ANYTHING,
    DATE,
    FLAG,
    TEXT,
    UUID,
    WHOLE,
    counted,
    data,
    many,
    parameter,
    resource,
    thing,
    words,
)
from datadog_app.queries.searching import FARTHEST

SEARCH = [
    parameter("filter", words="What is searched for, in the query language of the explorer."),
    parameter("sort[field]", words="By what.", enum=["created_at", "priority", "status"]),
    parameter("sort[asc]", bool, "The least first."),
    counted("page[size]", "How many there are on a page, 10 without it and up to 100.", most=100),
    counted("page[number]", "Which page: the first is 1, and 0 as well.", least=0, most=FARTHEST),
]
TIMELINE_PAGES = [
    counted("page[size]", "How many there are on a page, 10 without it and up to 100.", most=100),
    counted("page[number]", "Which page: the first is 1, and 0 as well.", least=0, most=FARTHEST),
    parameter("sort[ascending]", bool, "The oldest first, as without it."),
]
COUNTING = [
    parameter("query_filter", words="Which cases, in the query language of the explorer."),
    parameter("group_bys", words="Of `status`, `priority`, `project`, `type`, `assignee` and `creator`."),
    counted("limit", "At most so many values of each group, up to 1000."),
]

REFERENCE = thing(("data",), data=thing(("id", "type"), id=UUID, type=TEXT))
CASE_DATA = resource(
    "case",
    thing(
        type=words("STANDARD"),
        type_id=UUID,
        key=TEXT,
        public_id=TEXT,
        title=TEXT,
        description=TEXT,
        status=words("OPEN", "IN_PROGRESS", "CLOSED"),
        status_group=words("SG_OPEN", "SG_IN_PROGRESS", "SG_CLOSED"),
        status_name=TEXT,
        priority=words("NOT_DEFINED", "P1", "P2", "P3", "P4", "P5"),
        attributes={"type": "object", "additionalProperties": many(TEXT)},
        custom_attributes=ANYTHING,
        comment_count=WHOLE,
        insights=many(thing(("type", "ref", "resource_id"), type=TEXT, ref=TEXT, resource_id=TEXT)),
        created_at=DATE,
        modified_at=DATE,
        closed_at=DATE,
        archived_at=DATE,
        due_date=TEXT,
    ),
    relationships=thing(project=REFERENCE, assignee=REFERENCE, created_by=REFERENCE),
)
INCLUDED = many(resource("user", thing(active=FLAG, email=TEXT, handle=TEXT, name=TEXT)))
CASE = data(CASE_DATA, included=INCLUDED)
CASES = data(
    many(CASE_DATA),
    included=INCLUDED,
    meta=thing(total_cases=WHOLE, page=thing(current=WHOLE, size=WHOLE, total=WHOLE)),
)
NUMBER = {"type": "number"}
COUNT = data(
    thing(
        ("id", "type", "attributes"),
        id=UUID,
        type=words("count"),
        attributes=thing(
            ("groups",),
            groups=many(
                thing(
                    ("group", "group_values"),
                    group=TEXT,
                    group_values=many(thing(("value", "count"), value=TEXT, count=WHOLE)),
                )
            ),
        ),
    )
)
AGGREGATE = data(
    thing(
        ("id", "type", "attributes"),
        id=UUID,
        type=words("aggregate"),
        attributes=thing(
            ("groups", "total"),
            groups=many(thing(("group", "value"), group=TEXT, value=many(NUMBER))),
            total=NUMBER,
        ),
    )
)
TIMELINE = data(
    many(
        resource(
            "timeline_cell",
            thing(
                type=words("COMMENT"),
                author=ANYTHING,
                cell_content=thing(message=TEXT),
                created_at=DATE,
                modified_at=DATE,
                deleted_at=DATE,
            ),
        )
    )
)
PROJECT_DATA = resource(
    "project",
    thing(key=TEXT, name=TEXT, restricted=FLAG, enabled_custom_case_types=many(TEXT)),
    relationships=ANYTHING,
)
PROJECT, PROJECTS = data(PROJECT_DATA), data(many(PROJECT_DATA))
TYPE_DATA = resource(
    "case_type", thing(("name",), name=TEXT, description=TEXT, emoji=TEXT, internal=FLAG, statuses_config=ANYTHING)
)
TYPE, TYPES = data(TYPE_DATA), data(many(TYPE_DATA))
CUSTOM_ATTRIBUTE_DATA = resource(
    "custom_attribute",
    thing(
        ("case_type_id", "display_name", "is_multi", "key", "type"),
        case_type_id=UUID,
        description=TEXT,
        display_name=TEXT,
        is_multi=FLAG,
        key=TEXT,
        type=words("NUMBER", "SELECT", "TEXT", "URL"),
        type_data=thing(options=many(thing(("value",), value=TEXT))),
    ),
)
CUSTOM_ATTRIBUTE, CUSTOM_ATTRIBUTES = data(CUSTOM_ATTRIBUTE_DATA), data(many(CUSTOM_ATTRIBUTE_DATA))
WATCHERS = data(
    many(thing(("id", "type", "relationships"), id=UUID, type=words("watcher"), relationships=thing(user=REFERENCE)))
)
LINKS_OF = [
    parameter("entity_type", words="Of what: links here are between cases.", enum=["CASE"], required=True),
    parameter("entity_id", words="Of which case, by UUID or key.", required=True),
    parameter("relationship", words="Only these."),
]
LINK_DATA = resource(
    "link",
    thing(
        ("parent_entity_type", "parent_entity_id", "child_entity_type", "child_entity_id", "relationship"),
        parent_entity_type=TEXT,
        parent_entity_id=UUID,
        child_entity_type=TEXT,
        child_entity_id=UUID,
        relationship=TEXT,
    ),
)
LINK, LINKS = data(LINK_DATA), data(many(LINK_DATA))
FAVOURITES = data(many(thing(("id", "type"), id=UUID, type=words("project_favorite"))))
VIEWS_OF = [parameter("project_id", words="Of which project, by UUID.", required=True)]
VIEW_DATA = resource(
    "view",
    thing(("created_at", "name", "query"), created_at=DATE, modified_at=DATE, name=TEXT, query=TEXT),
    relationships=thing(created_by=REFERENCE, project=REFERENCE),
)
VIEW, VIEWS = data(VIEW_DATA), data(many(VIEW_DATA))
KINDS = many(thing(("type",), type=TEXT, data=ANYTHING))
RULE_DATA = resource("notification_rule", thing(is_enabled=FLAG, query=TEXT, recipients=KINDS, triggers=KINDS))
RULE, RULES = data(RULE_DATA), data(many(RULE_DATA))
WINDOW_DATA = resource(
    "maintenance_window",
    thing(
        ("end_at", "name", "query", "start_at"),
        name=TEXT,
        query=TEXT,
        start_at=DATE,
        end_at=DATE,
        created_by=UUID,
        updated_by=UUID,
    ),
)
WINDOW, WINDOWS = data(WINDOW_DATA), data(many(WINDOW_DATA))

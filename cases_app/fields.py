"""What can be asked of cases, the surface that asks it, and what signals can be asked about theirs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, LPad

from accounts_app.access import Actor
from cases_app.kinds import CaseKey, Day
from cases_app.models import Case, CaseSignal, CaseTag, Priority, Status
from search_app.bulk.given import operation_field
from search_app.fields import Column, Field, FieldTable, Many
from search_app.kinds import Choice, Date, Email, Keyword, Uuid
from search_app.surfaces import Order, Surface
from signals_app.fields import TRIAGE
from signals_app.models import Signal

WORK, ABOUT, PEOPLE, TIME = "Work", "What it is about", "People", "When"
LAST = "9999"  # sorts behind every day

STATUS = Choice(tuple((one.value, one.value, one.label) for one in Status))
# The least first: so that `priority:>=P2` means P2 and P1.
PRIORITY = Choice(tuple((one.value, one.value, one.label) for one in reversed(Priority)), is_ordered=True)
ARCHIVED = Choice((("false", False, "Not archived"), ("true", True, "Archived")), is_text=False)
TEXT = Keyword()


def _key(case: str = "") -> Concat:
    """The key of a case, `case` being the way to it."""
    number = Cast(f"{case}number", CharField())
    return Concat(F(f"{case}project__key"), Value("-"), number, output_field=CharField())


def case_rows(actor: Actor) -> QuerySet[Case]:
    """The cases that the actor may see, each with its key, and whether it is archived, as columns."""
    return Case.objects.visible_to(actor).annotate(
        key_text=_key(),
        is_archived=models.Case(
            models.When(archived_at=None, then=Value(False)), default=Value(True), output_field=models.BooleanField()
        ),
    )


def _tags(actor: Actor) -> QuerySet[Any]:
    return CaseTag.objects.filter(case__in=Case.objects.visible_to(actor))


def _signals(actor: Actor) -> QuerySet[Any]:
    """The links to signals, as far as the actor may see both ends."""
    return CaseSignal.objects.filter(signal__in=Signal.objects.visible_to(actor))


def _cases_of_signals(actor: Actor) -> QuerySet[Any]:
    links = CaseSignal.objects.filter(case__in=Case.objects.visible_to(actor))
    return links.annotate(case_key=_key("case__"))


def _person(path: str) -> tuple[Column, ...]:
    return (Column(f"{path}__email", Email()), Column(f"{path}__name", TEXT), Column(f"{path}__uuid", Uuid()))


CASE_FIELDS = FieldTable(
    Field(
        "status",
        "Status",
        (Column("status", STATUS),),
        group=WORK,
        is_facet=True,
        help="Where the work stands: OPEN, IN_PROGRESS or CLOSED.",
    ),
    Field(
        "priority",
        "Priority",
        (Column("priority", PRIORITY),),
        group=WORK,
        is_facet=True,
        help="How soon: P1 to P5, or NOT_DEFINED. priority:>=P2 finds P2 and P1.",
    ),
    Field(
        "assignee",
        "Assignee",
        _person("assignee"),
        group=PEOPLE,
        is_facet=True,
        is_person=True,
        label_path="assignee__name",
        help="Who works on it, by e-mail address, name or UUID; me is you, none is nobody.",
    ),
    Field(
        "project",
        "Project",
        (Column("project__key", CaseKey()), Column("project__name", TEXT), Column("project__uuid", Uuid())),
        group=ABOUT,
        is_facet=True,
        label_path="project__name",
        help="The project, by key, name or UUID.",
    ),
    Field(
        "type",
        "Type",
        (Column("type__name", TEXT), Column("type__uuid", Uuid())),
        group=ABOUT,
        is_facet=True,
        label_path="type__name",
        help="The kind of case, by name or UUID.",
    ),
    Field(
        "creator",
        "Created by",
        _person("created_by"),
        aliases=("created_by",),
        group=PEOPLE,
        is_facet=True,
        is_person=True,
        label_path="created_by__name",
        help="Who made it.",
    ),
    Field(
        "archived",
        "Archived",
        (Column("is_archived", ARCHIVED),),
        group=WORK,
        is_facet=True,
        help="true or false. A query that does not say finds what is not archived.",
    ),
    Field("key", "Key", (Column("key_text", CaseKey()),), group=ABOUT, help="Its whole key, as SEC-12."),
    Field("id", "UUID", (Column("uuid", Uuid()),), group=ABOUT, help="Its UUID, as in the API."),
    Field(
        "title",
        "Title",
        (Column("title", TEXT),),
        group=ABOUT,
        is_prose=True,
        help="The whole title. A word without a field finds a part of it, or of the key.",
    ),
    Field(
        "description",
        "Description",
        (Column("description", TEXT),),
        group=ABOUT,
        help="The description; wildcards find a part, as in description:*token*.",
    ),
    Field(
        "tags",
        "Tags",
        (Column("text", TEXT),),
        aliases=("tag",),
        group=ABOUT,
        many=Many(_tags, link="case"),
        help="A whole tag. A tag team:payments is also found by its key, as team:payments.",
    ),
    Field(
        "signal",
        "Signal",
        (Column("signal__public_id", TEXT),),
        group=ABOUT,
        many=Many(_signals, link="case", is_sparse=True),
        help="A signal that it is about, by its public id.",
    ),
    Field("due", "Due", (Column("due_date", Day()),), aliases=("due_date",), group=TIME, help="Its last day."),
    Field("created", "Created", (Column("created_at", Date()),), group=TIME, help="When it was made."),
    Field("updated", "Updated", (Column("modified_at", Date()),), group=TIME, help="When it was last changed."),
    Field("closed", "Closed", (Column("closed_at", Date()),), group=TIME, help="When it was closed."),
    operation_field(Case, TIME),
    text="search_text",
    attributes="attributes",
    tags="tags",
)


def _ranked(field: str, values: list[str]) -> models.Case:
    """The place of a column's value among these."""
    ranks = (models.When(**{field: value}, then=Value(rank)) for rank, value in enumerate(values))
    return models.Case(*ranks, default=Value(len(values)), output_field=models.IntegerField())


CASES = Surface(
    name="cases",
    label="cases",
    fields=CASE_FIELDS,
    rows=case_rows,
    time="created_at",
    stack="status",
    sorts={
        "key": Order(Concat("project__key", Value("-"), LPad(Cast("number", CharField()), 10, Value("0"))), ""),
        "title": Order(F("title"), ""),
        "status": Order(_ranked("status", Status.values), ""),
        "priority": Order(_ranked("priority", Priority.values[::-1]), ""),
        "assignee": Order(Coalesce("assignee__name", Value(""), output_field=CharField()), ""),
        "type": Order(F("type__name"), ""),
        "due": Order(Coalesce(Cast("due_date", CharField()), Value(LAST), output_field=CharField()), ""),
        "updated": Order(F("modified_at"), "", is_moment=True),
    },
    implied="archived:false",
)

CASE_OF_SIGNAL = Field(
    "@case.key",
    "Case",
    (Column("case_key", CaseKey()),),
    aliases=("case",),
    group=TRIAGE,
    many=Many(_cases_of_signals, link="signal", is_sparse=True),
    help="The key of a case that it is in, as SEC-12; none is no case.",
)

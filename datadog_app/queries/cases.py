"""Cases as the API tells them: found by UUID or key, and read with what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet

from accounts_app.access import Actor
from accounts_app.models import User
from cases_app.fields import CASES
from cases_app.models import (
    Case,
    CaseLink,
    CaseSignal,
    CaseType,
    CaseWatcher,
    Comment,
    CustomAttribute,
    Project,
    ProjectFavourite,
    ProjectRule,
)
from core_app.errors import Invalid, NotFound
from datadog_app.queries.searching import searched
from datadog_app.reading import uuid
from incidents_app.models import Incident, IncidentCase
from signals_app.models import Signal

Row = TypeVar("Row", bound=Model)

KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{0,9})-(\d{1,9})", re.ASCII)
NUMBER = re.compile(r"\d{1,12}", re.ASCII)
MOST_INSIGHTS = 100  # that a case tells of
SORTS = {"created_at": CASES.order("time"), "priority": CASES.order("priority"), "status": CASES.order("status")}


@dataclass
class CaseTold:
    """A case, and what is told of it besides its own columns."""

    case: Case
    comments: int = 0
    signals: list[str] = field(default_factory=list)  # public ids, of those that the actor may see
    incidents: list[tuple[UUID, int]] = field(default_factory=list)  # and their numbers; the same


def case_with(actor: Actor, name: str) -> Case:
    """The case with this UUID or key. Raises NotFound."""
    return cases_named(actor, [name])[0]


def cases_named(actor: Actor, names: Iterable[str]) -> list[Case]:
    """The cases with these UUIDs or keys. Raises NotFound for one that is not there, or not the actor's to see."""
    keys, uuids = {}, {}
    for name in dict.fromkeys(names):
        if key := KEY.fullmatch(name):
            keys[name] = (key[1].upper(), int(key[2]))
        else:
            uuids[name] = uuid(name)
    projects, numbers = {key for key, _ in keys.values()}, {number for _, number in keys.values()}
    by_key = Q(project__key__in=projects, number__in=numbers)
    rows = Case.objects.visible_to(actor).filter(by_key | Q(uuid__in=filter(None, uuids.values())))
    found: dict[object, Case] = {}
    for case in rows.select_related("project"):
        found[case.project.key, case.number] = found[case.uuid] = case
    wanted = [*keys.values(), *uuids.values()]
    if not all(one in found for one in wanted):
        raise NotFound("case not found")
    return list(dict.fromkeys(found[one] for one in wanted))


def told(actor: Actor, cases: QuerySet[Case]) -> list[CaseTold]:
    """These cases with everything, in a handful of statements however many they are."""
    rows = cases.select_related("project", "type", "assignee", "created_by")
    rows = list(rows.prefetch_related("type__custom_attributes"))
    found = {case.pk: CaseTold(case) for case in rows}
    said = Comment.objects.filter(case__in=found, deleted_at=None).order_by().values_list("case")
    for pk, count in said.annotate(count=Count("pk")):
        found[pk].comments = count
    links = CaseSignal.objects.filter(case__in=found, signal__in=Signal.objects.visible_to(actor))
    for pk, public_id in links.order_by("pk").values_list("case", "signal__public_id"):
        found[pk].signals.append(public_id)
    incidents = IncidentCase.objects.visible_to(actor).filter(case__in=found).order_by("pk")
    for pk, name, number in incidents.values_list("case", "incident__uuid", "incident__public_id"):
        found[pk].incidents.append((name, number))
    return [found[case.pk] for case in rows]


def one_told(actor: Actor, pk: int) -> CaseTold:
    """One case as it is now."""
    return told(actor, Case.objects.visible_to(actor).filter(pk=pk))[0]


def matching(actor: Actor, query: str) -> QuerySet[Case]:
    """The cases that meet a query; archived ones only if it asks for them. Raises QueryError."""
    return searched(CASES, actor, query)


def ordered(cases: QuerySet[Case], sort: str, *, ascending: bool) -> QuerySet[Case]:
    """By one of SORTS, those that are equal by age."""
    expression = SORTS[sort]
    if ascending:
        return cases.order_by(expression.asc(), "pk")
    return cases.order_by(expression.desc(), "-pk")


def project_with(actor: Actor, name: UUID) -> Project:
    """The project. Raises NotFound."""
    found = Project.objects.visible_to(actor).filter(uuid=name).first()
    if found is None:
        raise NotFound("project not found")
    return found


def type_with(actor: Actor, name: UUID) -> CaseType:
    """The kind of case. Raises NotFound."""
    found = CaseType.objects.visible_to(actor).filter(uuid=name).first()
    if found is None:
        raise NotFound("case_type not found")
    return found


def person_with(actor: Actor, name: UUID) -> User:
    """The person. Raises NotFound."""
    found = User.objects.visible_to(actor).filter(uuid=name).first()
    if found is None:
        raise NotFound("user not found")
    return found


def comment_with(actor: Actor, case: Case, name: UUID) -> Comment:
    """What was said about the case and not taken back. Raises NotFound."""
    comments = Comment.objects.visible_to(actor).filter(case=case, uuid=name, deleted_at=None)
    found = comments.select_related("author", "case").first()
    if found is None:
        raise NotFound("timeline cell not found")
    return found


def attributes_of(actor: Actor) -> QuerySet[CustomAttribute]:
    return CustomAttribute.objects.visible_to(actor).select_related("type")


def attribute_with(actor: Actor, kind: CaseType, name: UUID) -> CustomAttribute:
    """The custom attribute of this kind of case. Raises NotFound."""
    return _only(attributes_of(actor).filter(type=kind, uuid=name), "custom attribute")


def attribute_of(actor: Actor, case: Case, key: str) -> CustomAttribute:
    """The custom attribute that this case can have, by its key. Raises NotFound."""
    return _only(attributes_of(actor).filter(type=case.type_id, key=key), "custom attribute")


def watchers_of(actor: Actor, case: Case) -> QuerySet[CaseWatcher]:
    return CaseWatcher.objects.visible_to(actor).filter(case=case).select_related("user")


def links_of(actor: Actor) -> QuerySet[CaseLink]:
    return CaseLink.objects.visible_to(actor).select_related("parent__project", "child__project")


def link_with(actor: Actor, name: UUID) -> CaseLink:
    """The link. Raises NotFound."""
    return _only(links_of(actor).filter(uuid=name), "link")


def favourites_of(actor: Actor) -> QuerySet[ProjectFavourite]:
    """The actor's own; nobody's for a key that belongs to nobody."""
    return ProjectFavourite.objects.visible_to(actor).filter(user=actor.user).select_related("project")


def rule_with(actor: Actor, project: Project, name: UUID) -> ProjectRule:
    """The notification rule of this project. Raises NotFound."""
    return _only(ProjectRule.objects.visible_to(actor).filter(project=project, uuid=name), "notification rule")


def _only(rows: QuerySet[Row], what: str) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound(f"{what} not found")
    return found


def comments_of(actor: Actor, case: Case) -> QuerySet[Comment]:
    return Comment.objects.visible_to(actor).filter(case=case).select_related("author")


def signals_named(actor: Actor, public_ids: Iterable[str]) -> list[int]:
    """The keys of these signals. Raises NotFound for one that is not there, or not the actor's to see."""
    wanted = list(dict.fromkeys(public_ids))
    found = dict(Signal.objects.visible_to(actor).filter(public_id__in=wanted).values_list("public_id", "pk"))
    if len(found) < len(wanted):
        raise NotFound("signal not found")
    return [found[name] for name in wanted]


def incidents_named(actor: Actor, names: Iterable[str]) -> list[Incident]:
    """The incidents with these UUIDs or numbers. Raises NotFound as for one that is out of sight."""
    wanted = [int(name) if NUMBER.fullmatch(name) else uuid(name) for name in dict.fromkeys(names)]
    numbers = [name for name in wanted if isinstance(name, int)]
    uuids = [name for name in wanted if isinstance(name, UUID)]
    found: dict[object, Incident] = {}
    for incident in Incident.objects.visible_to(actor).filter(Q(public_id__in=numbers) | Q(uuid__in=uuids)):
        found[incident.public_id] = found[incident.uuid] = incident
    if not all(name in found for name in wanted):
        raise NotFound("incident not found")
    return list(dict.fromkeys(found[name] for name in wanted))


# --- counted ----------------------------------------------------------------------------------

GROUPS = {
    "status": "status",
    "priority": "priority",
    "project": "project__key",
    "type": "type__name",
    "assignee": "assignee__email",
    "creator": "created_by__email",
}
NONE = "none"
MOST_GROUPS = 1000
MOST_NAMES = 5  # that are counted by at once


def counted(cases: QuerySet[Case], names: Sequence[str], limit: int) -> list[tuple[tuple[str, ...], int]]:
    """How many cases have which values of these, the most frequent first. Raises Invalid for what is no group."""
    if not 0 < len(names) <= MOST_NAMES:
        raise Invalid(f"Name one to {MOST_NAMES} groups.")
    for name in names:
        if name not in GROUPS:
            raise Invalid(f"“{name}” is no group: cases are counted by {', '.join(GROUPS)}.")
    columns = [GROUPS[name] for name in dict.fromkeys(names)]
    rows = cases.values_list(*columns).annotate(count=Count("pk")).order_by("-count", *columns)[:limit]
    return [(tuple(value or NONE for value in values), count) for *values, count in rows]

"""Who watches a case, which cases belong together, and whose favourite a project is.

None of these moves the version of a case: two people who do so at once undo nothing of each other's.
"""

from __future__ import annotations

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from accounts_app.rules import locked as locked_row
from cases_app.actions.cases import chosen
from cases_app.actions.changing import check_assignee, locked_case, name
from cases_app.models import Case, CaseLink, CaseWatcher, Project, ProjectFavourite
from cases_app.models.managers import READ, WRITE
from core_app.errors import Conflict, Invalid, NotAllowed
from core_app.ledger import record, record_each

MOST_WATCHERS = 200
MOST_LINKS = 200


@transaction.atomic
def watch(*, actor: Actor, case: Case, user: User) -> CaseWatcher:
    """Have somebody told of what happens to a case: oneself, or with the right to change cases anybody.

    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, READ if user == actor.user else WRITE)
    row = locked_case(actor, case)
    if found := CaseWatcher.objects.filter(case=row, user=user).first():
        return found
    check_assignee(user)
    if row.watcher_links.count() >= MOST_WATCHERS:
        raise Invalid(f"At most {MOST_WATCHERS} people can watch a case.")
    made = CaseWatcher.objects.create(case=row, user=user)
    record(actor, "cases.watched", row, user=name(user))
    return made


@transaction.atomic
def unwatch(*, actor: Actor, case: Case, user: User) -> None:
    """Tell somebody no more; nothing where they did not watch it. Raises NotAllowed or NotFound."""
    require(actor, READ if user == actor.user else WRITE)
    row = locked_case(actor, case)
    gone, _ = CaseWatcher.objects.filter(case=row, user=user).delete()
    if gone:
        record(actor, "cases.unwatched", row, user=name(user))


@transaction.atomic
def link_cases(*, actor: Actor, parent: Case, child: Case, relationship: str) -> CaseLink:
    """Say what a case is to another. Raises NotAllowed, NotFound, Invalid, or Conflict for what was said before."""
    require(actor, WRITE)
    kind = chosen(CaseLink.Relationship, relationship, "relationship")
    if parent.pk == child.pk:
        raise Invalid("A case is not linked to itself.", field="child_entity_id")
    for case in sorted((parent, child), key=lambda one: one.pk):
        locked_case(actor, case)
    both = [(parent, child)] if kind != CaseLink.Relationship.RELATES_TO else [(parent, child), (child, parent)]
    if any(CaseLink.objects.filter(parent=one, child=other, relationship=kind).exists() for one, other in both):
        raise Conflict("These cases are linked in this way already.")
    if CaseLink.objects.filter(parent=parent).count() >= MOST_LINKS:
        raise Invalid(f"A case may be linked to at most {MOST_LINKS} others.")
    made = CaseLink.objects.create(parent=parent, child=child, relationship=kind, added_by=actor.user)
    _tell(actor, "cases.linked", made)
    return made


@transaction.atomic
def unlink_cases(*, actor: Actor, link: CaseLink) -> None:
    """Say it no more. Raises NotAllowed or NotFound."""
    require(actor, WRITE)
    links = CaseLink.objects.visible_to(actor).select_related("parent__project", "child__project")
    row = locked_row(links, link.pk)
    _tell(actor, "cases.unlinked", row)
    row.delete()


@transaction.atomic
def set_favourite_project(*, actor: Actor, project: Project, on: bool) -> None:
    """Make a project one's favourite, or no longer. Raises NotAllowed or NotFound."""
    require(actor, READ)
    if actor.user is None:
        raise NotAllowed("A favourite belongs to a person.", permission=READ)
    row = locked_row(Project.objects.visible_to(actor), project.pk)
    there = ProjectFavourite.objects.filter(project=row, user=actor.user)
    if there.exists() == on:
        return
    if on:
        ProjectFavourite.objects.create(project=row, user=actor.user)
    else:
        there.delete()
    record(actor, "cases.project_favoured" if on else "cases.project_unfavoured", row, key=row.key)


def _tell(actor: Actor, verb: str, link: CaseLink) -> None:
    """An entry about each of the two: which other it is, and on which side this one stands."""
    sides = ((link.parent, link.child, "parent"), (link.child, link.parent, "child"))
    told = [
        (case, {"case": other.key, "title": other.title, "relationship": link.relationship, "side": side})
        for case, other, side in sides
    ]
    record_each(actor, verb, told)

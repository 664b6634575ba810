"""Facets that an administrator adds for everyone."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts_app.access import Actor, require
from core_app.errors import Invalid, NotFound
from core_app.ledger import record
from search_app import surfaces
from search_app.declared import MOST_DECLARED, why_not
from search_app.models import CustomFacet
from search_app.models.custom_facets import DECLARE


@transaction.atomic
def declare_facet(
    *, actor: Actor, surface: str, path: str, label: str, group: str = "", kind: str = CustomFacet.Kind.TEXT
) -> CustomFacet:
    """Make an attribute, by its `@path`, a facet of a surface. The index reads its values beside its answers.

    Raises NotAllowed, NotFound for no surface, and Invalid for what can be no facet or is one already.
    """
    require(actor, DECLARE)
    searched = surfaces.surface(surface)
    if reason := why_not(searched, path):
        raise Invalid(reason, field="path")
    there = CustomFacet.objects.filter(surface=surface)
    list(there.order_by("pk").select_for_update()[:1])  # the oldest is the queue, or two would both find the last place
    if there.count() >= MOST_DECLARED:
        raise Invalid(f"At most {MOST_DECLARED} facets can be added; take one away first.", field="path")
    facet = CustomFacet(surface=surface, path=path, label=label, group=group, kind=kind, made_by=actor.user)
    try:
        facet.full_clean()
    except ValidationError as problem:
        name, messages = next(iter(problem.message_dict.items()))
        raise Invalid(messages[0], field=name) from problem
    facet.save()
    record(actor, "search.facet_declared", facet, surface=surface, path=path, label=label, group=group, kind=kind)
    return facet


@transaction.atomic
def remove_facet(*, actor: Actor, pk: int) -> None:
    """Take a declared facet away. Queries for its attribute go on as before. Raises NotAllowed or NotFound."""
    require(actor, DECLARE)
    facet = CustomFacet.objects.visible_to(actor).filter(pk=pk).select_for_update().first()
    if facet is None:
        raise NotFound("There is no such facet any more.")
    record(actor, "search.facet_removed", facet, surface=facet.surface, path=facet.path)
    facet.delete()

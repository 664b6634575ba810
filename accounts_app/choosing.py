"""Whom a form offers, when something is to be given to people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts_app.access import Actor
from accounts_app.models import User


def choosable(actor: Actor, there: Iterable[User] = ()) -> QuerySet[User]:
    """Those whom the actor sees and who may log in, and whoever has it already.

    The latter are on the page anyhow, and a form that does not know them takes them out when it is saved.
    """
    others = User.objects.visible_to(actor).filter(is_active=True)
    return User.objects.filter(Q(pk__in=others.values("pk")) | Q(pk__in=[user.pk for user in there]))


def label_of(user: User) -> str:
    """The name as a choice: of somebody who can no longer log in, it says so."""
    return user.label if user.is_active else f"{user.label} (can no longer log in)"


class PersonField(forms.ModelChoiceField):
    """One person, by UUID. What the form that has it may offer, it says in `queryset`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(User.objects.none(), to_field_name="uuid", **options)

    def label_from_instance(self, obj: User) -> str:
        return label_of(obj)


class PeopleField(forms.ModelMultipleChoiceField):
    """Several people, by UUID."""

    def __init__(self, **options: Any) -> None:
        super().__init__(User.objects.none(), to_field_name="uuid", **options)

    def label_from_instance(self, obj: User) -> str:
        return label_of(obj)

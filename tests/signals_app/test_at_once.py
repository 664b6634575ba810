"""Two people at the same moment: of what there may be only so many, no more are made."""

from functools import partial

import pytest

from core_app.errors import Conflict, Invalid
from search_app.actions import declare_facet
from search_app.models import CustomFacet
from signals_app import actions
from signals_app.models import CriticalAsset, NotificationRule, SecurityFilter
from tests.incidents_app.test_at_once import at_once, meanwhile, two_writers

__all__ = ["two_writers"]  # a fixture that every test here uses

pytestmark = pytest.mark.django_db(transaction=True)

SETTINGS = [
    (SecurityFilter, actions.create_security_filter, {"query": "*"}, "name"),
    (CriticalAsset, actions.create_critical_asset, {"rule_query": "*", "severity": "low"}, "query"),
    (NotificationRule, actions.create_notification_rule, {"targets": ["@soc"]}, "name"),
]


@pytest.mark.parametrize(("model", "create", "fields", "named"), SETTINGS)
def test_of_two_who_make_the_last_setting_one_is_refused(acting, admin, monkeypatch, model, create, fields, named):
    most = model.objects.count() + 1  # a filter is built in
    monkeypatch.setattr("signals_app.actions.settings.MOST_ROWS", most)
    first, second = (partial(create, actor=acting(admin), **fields, **{named: text}) for text in ("env:a", "env:b"))
    assert isinstance(meanwhile(first, second), Conflict)
    assert model.objects.count() == most


def test_of_many_at_once_no_more_are_made(acting, admin, monkeypatch):
    monkeypatch.setattr("signals_app.actions.settings.MOST_ROWS", 3)
    deeds = [
        partial(actions.create_notification_rule, actor=acting(admin), name=f"{number}", targets=["@soc"])
        for number in range(8)
    ]
    refused = [answer for answer in at_once(*deeds) if isinstance(answer, Exception)]
    assert {type(one) for one in refused} == {Conflict}
    assert (len(refused), NotificationRule.objects.count()) == (5, 3)


def test_of_two_who_declare_the_last_facet_one_is_refused(acting, admin, monkeypatch):
    monkeypatch.setattr("search_app.actions.custom_facets.MOST_DECLARED", 2)
    declare = partial(declare_facet, actor=acting(admin), surface="signals", label="X")
    declare(path="@os.family")
    refused = meanwhile(partial(declare, path="@os.name"), partial(declare, path="@os.version"))
    assert isinstance(refused, Invalid) and "At most 2" in refused.message
    assert CustomFacet.objects.count() == 2

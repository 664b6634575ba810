"""The demo: a week of real attacks, loaded once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from signals_app.demo import load_demo
from signals_app.models import RawItem, Service, Severity, Signal


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    """When the demo was loaded, three hours ago: it takes long, so once. `loaded` keeps apart what tests do with it."""
    now = timezone.now() - timedelta(hours=3)
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_demo(now) == 6877
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def loaded(once):
    """The same, for one test, that may do with it what it likes."""
    with transaction.atomic():
        yield once
        transaction.set_rollback(True)


def test_the_demo_is_a_week_of_attacks_and_loads_once(loaded):
    now = loaded
    assert Signal.objects.count() >= 20
    assert Signal.objects.values("rule").distinct().count() >= 6
    assert set(Signal.objects.values_list("severity", flat=True)) >= {Severity.LOW, Severity.HIGH, Severity.CRITICAL}
    days = set(Signal.objects.values_list("first_seen__date", flat=True))
    assert len(days) >= 6
    assert not Signal.objects.filter(last_seen__gt=now).exists()
    assert not Signal.objects.filter(first_seen__lt=now - timedelta(days=7)).exists()
    assert not RawItem.objects.exclude(state="done").exists()
    assert (
        RawItem.objects.get(key="access:2b2d83a44ff56734be123087f9854a1c").body["recorded"]["msec"] == "1795330702.988"
    )
    assert not Service.objects.filter(repository="").exists()
    before = list(Signal.objects.order_by("pk").values_list("pk", "count"))
    assert load_demo() == 0
    assert list(Signal.objects.order_by("pk").values_list("pk", "count")) == before


def test_a_load_that_broke_off_is_taken_up_with_the_times_it_began_with(loaded):
    expected = dict(Signal.objects.values_list("title", "first_seen"))
    lost = RawItem.objects.order_by("-pk").values_list("pk", flat=True)[:50]
    RawItem.objects.filter(pk__in=list(lost)).delete()
    assert load_demo() == 50
    assert expected.items() <= dict(Signal.objects.values_list("title", "first_seen")).items()

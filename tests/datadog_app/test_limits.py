"""How often keys may ask, counted by a real Valkey."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts_app.limits import Rate, count
from core_app.models import Entry
from datadog_app import urls  # noqa: F401 - every door is known once the addresses are
from datadog_app.api.door import Door, rate_of
from datadog_app.checks import GROUPS

pytestmark = pytest.mark.django_db
V2 = "/api/v2/security_monitoring/signals"


@pytest.fixture
def valkey(valkey_url, settings):
    settings.REDIS_URL = valkey_url
    rate_of.cache_clear()
    yield valkey_url
    rate_of.cache_clear()


def test_every_group_of_endpoints_has_a_rate_of_its_own():
    found, doors = set(), [Door]
    for door in doors:
        doors += door.__subclasses__()
        found |= {door.group} if hasattr(door, "group") else set()
    assert found == set(GROUPS)
    assert len(doors) > 40


def test_counting_is_exact_when_many_count_at_once(valkey):
    rate = Rate("exact", limit=100, period=60)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: count(rate, "one"), range(160)))
    assert sorted(one.used for one in counts) == list(range(1, 161))
    assert sum(not one.is_over for one in counts) == 100


def test_each_is_counted_for_themselves(valkey):
    rate = Rate("apart", limit=1, period=60)
    assert not count(rate, "one").is_over
    assert not count(rate, "another").is_over
    assert count(rate, "one").is_over


def test_a_key_that_asks_too_often_is_told_when_to_come_back(valkey, settings, client, keys, keys_of, viewer):
    settings.TOCSIN_API_RATES = {"signals": "2/60"}
    rate_of.cache_clear()
    answers = [client.get(V2, headers=keys) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    last = answers[-1]
    assert last.json() == {"errors": ["Too many requests"]}
    assert (last["X-RateLimit-Limit"], last["X-RateLimit-Period"], last["X-RateLimit-Name"]) == ("2", "60", "signals")
    assert 0 < int(last["X-RateLimit-Reset"]) <= 60
    assert client.get(V2, headers=keys_of(viewer)).status_code == 200
    assert client.get("/api/v2/current_user", headers=keys).status_code == 200


def test_wrong_keys_are_counted_by_address_and_written_down_once(valkey, client, keys):
    wrong = {**keys, "DD-API-KEY": "guess"}
    statuses = [client.get(V2, headers=wrong).status_code for _ in range(62)]
    assert (statuses[0], statuses[59], statuses[60]) == (403, 403, 429)
    verbs = list(Entry.objects.filter(verb__startswith="accounts.keys").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["accounts.keys_refused", "accounts.keys_locked_out"]
    assert client.get(V2, headers=keys).status_code == 200  # right keys from the same address


def test_without_redis_nobody_is_turned_away(client, keys, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get(V2, headers=keys)
    assert (answer.status_code, "X-RateLimit-Limit" in answer) == (200, False)

"""Addresses by the networks they lie in."""

from datetime import timedelta

import pytest

from accounts_app.access import person
from search_app.index import Page, Window, explore
from signals_app.fields import SIGNALS
from signals_app.models import Entity, Signal, SignalEntity
from tests.signals_app.factories import SignalFactory, add_part

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("CIDR(@network.client.ip, 10.0.0.0/8)", 1),
        ("CIDR(@network.client.ip, 192.0.2.0/24, 2001:db8::/32)", 2),
        ("CIDR(@network.client.ip, 10.0.0.0/8, 192.0.2.0/24, 2001:db8::/32)", 3),
        ("CIDR(@network.client.ip, ::/0)", 1),
        ("@network.client.ip:10.0.0.0/8", 1),
        ("-CIDR(@network.client.ip, 0.0.0.0/0)", 1),
    ],
)
def test_addresses_are_found_by_one_or_several_networks_of_both_versions(analyst, text, total):
    for address in ("10.1.2.3", "192.0.2.9", "2001:db8::7"):
        add_part(SignalFactory(), Entity.Kind.IP, address, SignalEntity.Role.ATTACKER)
    first = Signal.objects.order_by("first_seen").first().first_seen
    window = Window(first - timedelta(days=1), first + timedelta(days=1))
    assert explore(SIGNALS, person(analyst), SIGNALS.parse(text), window, [], Page()).total == total

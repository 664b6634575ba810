"""The recording and its truth file: every attacker is found, nobody honest is called one.

The whole recording is read once; every test here only looks.
"""

import json
import re
from ipaddress import ip_address
from pathlib import Path

import pytest

from signals_app.models import Severity, SignalEntity

from .recording import ACCESS, AUDIT, edge, feed, lines

TRUTH = json.loads((Path(__file__).parents[1] / "data" / "truth.json").read_text())
# What the truth file's words mean in rules of ours.
KINDS = {
    "ffuf directory brute force": {"path-brute-force", "security-scanner"},
    "sqlmap": {"sql-injection"},
    "wapiti": {"cross-site-scripting", "path-traversal", "command-injection"},
    "ffuf path traversal": {"path-traversal"},
    "hydra credential stuffing": {"credential-stuffing", "login-after-attack"},
    "hydra password brute force": {"password-brute-force"},
    "nmap": {"security-scanner"},
    "replayed CRS": {"sql-injection", "cross-site-scripting", "command-injection", "path-traversal", "php-injection"},
}
ALL = {"wapiti", "sqlmap", "hydra credential stuffing", "nmap"}  # of these words every kind is expected


@pytest.fixture(scope="module", params=["access first", "audit first", "together"])
def parts(request, django_db_setup, django_db_blocker):
    """{address: {(rule, severity, isolated)}} of the whole recording, in each order in which two logs may come."""
    names = {"access first": [ACCESS, AUDIT], "audit first": [AUDIT, ACCESS], "together": [ACCESS, AUDIT]}
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        batches = [lines(name) for name in names[request.param]]
        if request.param == "together":
            batches = [
                [line for pair in zip(*batches, strict=False) for line in pair] + list(batches[0])[len(batches[1]) :]
            ]
        feed(edge(), *batches)
        found: dict[str, set] = {}
        for address, rule, severity, key in SignalEntity.objects.filter(role="attacker").values_list(
            "entity__value", "signal__rule__key", "signal__severity", "signal__correlation_key"
        ):
            found.setdefault(address, set()).add((rule, severity, key == "isolated"))
        yield found
        transaction.set_rollback(True)


def addresses(words: str) -> list[str]:
    """“198.51.100.1-24, 127.0.7.1-6” as single addresses."""
    found = []
    for word in re.split(r",\s*", words):
        first, _, last = word.partition("-")
        start = ip_address(first)
        tail = first.rpartition(":" if ":" in first else ".")[2]
        base = 16 if ":" in first else 10
        count = int(last, base) - int(tail, base) + 1 if last else 1
        found += [str(start + step) for step in range(count)]
    return found


ATTACKERS = [(address, words) for listed, words in TRUTH.items() if listed != "benign" for address in addresses(listed)]


def test_the_truth_file_lists_them_all():
    assert len(ATTACKERS) == 52


def test_every_attacker_is_in_a_signal_of_the_right_kind(parts):
    missed = {}
    for address, words in ATTACKERS:
        word, wanted = next((word, kinds) for word, kinds in KINDS.items() if words.startswith(word))
        rules = {rule for rule, _, isolated in parts.get(address, ()) if not isolated}
        if not (wanted <= rules if word in ALL else wanted & rules):
            missed[address] = (words, rules)
    assert missed == {}


def test_nobody_honest_is_an_attacker_of_a_signal_above_low(parts):
    for address in addresses(TRUTH["benign"][0]):
        assert all(severity <= Severity.LOW for _, severity, _ in parts.get(address, ()))


def test_honest_searches_that_look_like_sql_are_in_an_isolated_signal(parts):
    honest = {address for address in addresses(TRUTH["benign"][0]) if address in parts}
    assert honest  # they are seen, and told apart
    for address in honest:
        assert {isolated for rule, _, isolated in parts[address] if rule == "sql-injection"} == {True}


def test_reading_the_database_out_and_taken_accounts_are_critical(parts):
    assert ("sql-injection", Severity.CRITICAL, False) in parts["203.0.113.10"]
    assert ("login-after-attack", Severity.CRITICAL, False) in parts["198.51.100.41"]


def test_an_attacker_is_not_drawn_into_signals_of_other_kinds(parts):
    assert {rule for rule, _, _ in parts["203.0.113.60"]} == {"password-brute-force", "security-scanner"}
    assert {rule for rule, _, _ in parts["203.0.113.31"]} == {"path-traversal", "command-injection"}

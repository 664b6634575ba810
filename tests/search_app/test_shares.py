"""`shares` against counting by hand: every rule with its severities, states and moments, on both engines."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyroaring import BitMap

from accounts_app.access import NOBODY, person
from core_app.errors import Invalid
from search_app.index.bitmaps import by_code
from search_app.index.bitmaps.columns import Codes, Dictionary
from search_app.index.bitmaps.engine import BitmapEngine
from search_app.index.shares import shares
from search_app.index.sql import SqlEngine
from signals_app.fields import SIGNALS
from signals_app.models import Severity, Signal
from tests.search_app.test_explore import START, WEEK, by_hand, rows  # noqa: F401 (a fixture)
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory

pytestmark = pytest.mark.django_db

ENGINES = {"sql": SqlEngine, "bitmaps": BitmapEngine.of}
RULE, STATE = "@workflow.rule.id", "@workflow.triage.state"


@pytest.fixture(params=ENGINES)
def shared(request, analyst):
    def ask(text="", window=WEEK, *, actor=person(analyst), field=RULE, **options):  # noqa: B008 (the fixture's)
        return shares(
            SIGNALS,
            actor,
            SIGNALS.parse(text),
            window,
            field=field,
            parts=["severity", STATE],
            engine=ENGINES[request.param],
            **options,
        )

    return ask


def keys(found):
    return [share.value.value for share in found.shares]


def of_rules(*made: tuple[str, Severity, int]) -> None:
    """Signals by (rule, severity, minutes after START)."""
    for key, severity, minutes in made:
        SignalFactory(rule=RuleFactory(key=key), severity=severity, first_seen=START + timedelta(minutes=minutes))


@pytest.mark.parametrize("text", ["", "severity:(high OR low) -env:none", "nothing-like-it"])
@pytest.mark.parametrize("field", [RULE, "service"])
def test_every_value_is_what_is_counted_by_hand(rows, analyst, shared, text, field):  # noqa: F811
    by_value: dict[str, list[Signal]] = {}
    for row in by_hand(rows, analyst, SIGNALS.parse(text)):
        named = row.rule.key if field == RULE else row.service and row.service.name
        by_value.setdefault(named, []).append(row)
    found = shared(text, field=field, size=1000)
    assert {share.value.label if share.value.value != "none" else None for share in found.shares} == by_value.keys()
    assert found.total == len(by_value)
    for share in found.shares:
        signals = by_value[share.value.label if share.value.value != "none" else None]
        assert share.count == len(signals)
        assert share.counts["severity"] == Counter(Severity(signal.severity).slug for signal in signals)
        assert share.counts[STATE] == Counter(signal.state for signal in signals)
        assert (share.first, share.last) == (
            min(signal.first_seen for signal in signals),
            max(signal.first_seen for signal in signals),
        )


def test_the_highest_severity_comes_first_then_the_most_signals(shared):
    of_rules(
        ("few", Severity.HIGH, 0), ("low", Severity.LOW, 0), ("many", Severity.HIGH, 0), ("many", Severity.INFO, 0)
    )
    assert keys(shared(order="highest")) == ["many", "few", "low"]


def test_rules_are_sorted_by_count_and_by_their_newest_signal(shared):
    of_rules(("new", Severity.LOW, 9), ("busy", Severity.LOW, 1), ("busy", Severity.LOW, 5), ("old", Severity.LOW, 2))
    assert keys(shared(order="count")) == ["busy", "new", "old"]
    assert keys(shared(order="time")) == ["new", "busy", "old"]
    assert keys(shared(order="time", descending=False)) == ["old", "busy", "new"]


def test_pages_show_each_rule_once_forwards_and_back(shared):
    of_rules(*((f"rule-{number}", Severity.LOW, 0) for number in range(7)))
    first = shared(size=3)
    second = shared(size=3, after=first.next)
    third = shared(size=3, after=second.next)
    assert keys(first) + keys(second) + keys(third) == [f"rule-{number}" for number in range(7)]
    assert (third.before, third.next, first.previous, second.previous) == (6, None, None, "")
    assert keys(shared(size=3, after=third.previous)) == keys(second)


def test_a_page_goes_on_after_its_rule_wherever_that_stands_by_now(shared):
    of_rules(*((key, Severity.LOW, 0) for key in "aabbcd"))
    assert keys(shared(size=1, order="count", after="b")) == ["c"]
    of_rules(*(("b", Severity.LOW, 0) for _ in range(3)))
    assert keys(shared(size=1, order="count", after="b")) == ["a"]


def test_signals_of_no_service_are_counted_as_such(shared):
    SignalFactory(service=None, first_seen=START)
    SignalFactory(service=ServiceFactory(name="none"), first_seen=START)
    assert sorted(keys(shared(field="service"))) == ['"none"', "none"]


def test_who_may_not_see_signals_gets_nothing(rows, shared, outsider):  # noqa: F811
    for actor in (person(outsider), NOBODY):
        assert shared(actor=actor).shares == []


@pytest.mark.parametrize("options", [{"order": "colour"}, {"after": "never-seen"}])
def test_what_cannot_be_is_refused(rows, shared, options):  # noqa: F811
    with pytest.raises(Invalid):
        shared(**options)


ROWS = st.tuples(*[st.integers(0, 1)] * 3, st.integers(0, 99), st.booleans())


@given(made=st.one_of(st.lists(ROWS), st.lists(ROWS, min_size=40)), late=st.integers(0, 9))
@example(made=[(0, 0, 0, time, True) for time in range(10, 50)] + [(0, 0, 0, 5, True)], late=1)
def test_stretches_together_are_the_whole(made, late):
    """Rows of (code, other code, another, time, whether it is asked for), the last few of them in no order of time."""
    ordered = max(len(made) - late, 0)
    made = sorted(made[:ordered], key=lambda row: row[3]) + made[ordered:]
    codes = [Codes.build(Dictionary("ab"), np.array([row[part] for row in made], np.int64)) for part in range(3)]
    times = np.array([row[3] for row in made], np.int64)
    asked = [row for row in made if row[4]]
    with patch.object(by_code, "STRETCH", 1):
        found = by_code.split(codes[0], codes[1:], BitMap(n for n, row in enumerate(made) if row[4]), times, ordered)
    assert found.codes == sorted({row[0] for row in asked})
    for code in found.codes:
        of_code = [row for row in asked if row[0] == code]
        assert (found.first[code], found.last[code]) == (min(row[3] for row in of_code), max(row[3] for row in of_code))
        for part, table in enumerate(found.counts, start=1):
            assert table[code].tolist() == [sum(row[part] == other for row in of_code) for other in (0, 1)]

"""Taking in: each item once, what cannot be read named, nothing unbearable kept."""

import json
import re

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from signals_app import intake, processing
from signals_app.intake import LONGEST_LINE, Taken
from signals_app.models import Detection, RawItem, Signal, Source
from signals_app.sources import FORMATS
from signals_app.sources.reading import Unreadable

from .factories import SourceFactory
from .recording import access, audit, dumped, edge, feed, untimed

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return edge()


def test_an_item_is_stored_and_waits(source):
    assert intake.take(source, dumped(audit())) == Taken(taken=1)
    item = RawItem.objects.get()
    assert (item.state, item.key) == ("pending", f"audit:{1:032x}")
    source.refresh_from_db()
    assert source.last_item_at is not None


def test_the_same_item_counts_once_however_often_it_is_sent(source):
    assert intake.take(source, dumped(audit(), audit())) == Taken(taken=1, duplicates=1)
    assert intake.take(source, dumped(audit())) == Taken(duplicates=1)
    processing.process_pending()
    assert Signal.objects.get().count == 1
    feed(source, dumped(audit()))
    assert Signal.objects.get().count == 1


def test_an_item_without_a_name_is_known_by_its_content():
    source = Source.objects.create(name="own", format="tocsin")
    first = {"timestamp": 1795330800, "rule": "a", "n": 1}
    other = {"n": 1, "rule": "a", "timestamp": 1795330800}
    assert intake.take(source, dumped(first, other, first | {"rule": "b"})) == Taken(taken=2, duplicates=1)


def test_two_sources_may_use_the_same_names(source):
    other = Source.objects.create(name="other", format="modsecurity3")
    assert intake.take(source, dumped(audit())).taken == intake.take(other, dumped(audit())).taken == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "no JSON"),
        (b"[1]", "one JSON object"),
        (b"42", "one JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "too large a number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeper than 30"),
        (b"[" * 200_000, "deeper than 30|no JSON"),
        (b'{"a": "' + b"x" * LONGEST_LINE + b'"}', "longer than 1 MiB"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_line_that_cannot_be_kept_is_refused_with_its_number_and_why(source, line, why):
    taken = intake.take(source, [*dumped(audit()), b"", line])
    assert taken.taken == 1
    ((number, reason),) = taken.refused
    assert number == 3
    assert re.search(why, reason)


def test_thirty_levels_are_bearable(source):
    body = {"a": 1}
    for _ in range(28):
        body = {"a": body}
    assert intake.take(source, dumped(audit() | {"deep": body})).taken == 1


def test_nul_and_half_surrogates_are_stored_as_the_replacement_character(source):
    line = b'{"transaction": {"unique_id": "x", "a\\u0000": "b\\u0000\\ud800"}}'
    assert intake.take(source, [line]).taken == 1
    assert RawItem.objects.get().body["transaction"]["a\ufffd"] == "b\ufffd\ufffd"


def test_a_refused_line_of_a_file_is_kept_without_its_secrets(source):
    taken = intake.take(source, [b"password=hunter2 and no JSON"], keep_refused=True)
    assert (taken.taken, len(taken.refused)) == (0, 1)
    item = RawItem.objects.get()
    assert item.state == "unreadable" and "no JSON" in item.reason
    assert "hunter2" not in json.dumps(item.body)


def test_what_the_parser_cannot_read_is_kept_and_listed_with_its_reason(source):
    feed(source, dumped(untimed()))
    item = RawItem.objects.get()
    assert item.state == "unreadable" and "no time that can be read" in item.reason


def test_a_transaction_without_a_time_is_taken_because_its_access_line_may_bring_it(source):
    feed(source, dumped(untimed(), access()))
    assert not RawItem.objects.filter(state="unreadable").exists()
    assert Signal.objects.get().count == 1


@pytest.mark.parametrize(
    ("format", "body", "why"),
    [
        ("tocsin", {}, "“rule” is missing"),
        ("tocsin", {"rule": "a"}, "“timestamp” is missing"),
        ("tocsin", {"rule": "a", "timestamp": "yesterday"}, "is no time"),
        ("tocsin", {"rule": "a", "timestamp": 1795330800, "severity": "dreadful"}, "is no severity"),
        ("tocsin", {"rule": "a", "timestamp": 1795330800, "attackers": ["nobody"]}, "no IP address"),
        ("modsecurity3", {}, "neither an audit transaction"),
        ("modsecurity3", {"transaction": []}, "neither an audit transaction"),
        ("modsecurity3", {"transaction": {}}, "has no time"),
        ("modsecurity3", {"request_id": "a", "client_ip": "::1"}, "neither “msec” nor “time”"),
    ],
)
def test_what_no_parser_could_ever_read_is_refused_at_once(format, body, why):
    taking = SourceFactory(name="taking", format=format)
    taken = intake.take(taking, dumped(body))
    ((number, reason),) = taken.refused
    assert (taken.taken, number) == (0, 1) and why in reason
    assert not RawItem.objects.exists()


def test_such_a_line_of_a_file_is_kept_as_it_is(source):
    intake.take(source, dumped({"password": "hunter2", "n": 1}), keep_refused=True)
    item = RawItem.objects.get()
    assert (item.state, item.body) == ("unreadable", {"password": "[redacted]", "n": 1})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
_NAMES = ["id", "timestamp", "rule", "severity", "attackers", "victims", "tags", "attributes", "title", "message"]
_NAMES += ["transaction", "request_id", "client_ip", "msec", "time", "status", "uri"]


@pytest.mark.parametrize("name", FORMATS)
@given(body=st.dictionaries(st.sampled_from(_NAMES), _json, max_size=6))
def test_no_item_breaks_the_check_of_a_format(name, body):
    try:
        FORMATS[name].check(body)
    except Unreadable as problem:
        assert str(problem)


def test_an_unreadable_item_does_not_stop_the_others(source):
    feed(source, dumped(untimed(2), audit(), untimed(3)))
    assert Signal.objects.count() == 1
    assert RawItem.objects.filter(state="unreadable").count() == 2


def test_detections_that_waited_a_day_in_vain_are_forgotten_and_their_items_kept(source):
    feed(source, dumped(audit(rules=(), response={"http_code": 404})))
    assert Detection.objects.count() == 1
    assert intake.forget_the_waiting() == 0
    RawItem.objects.update(processed_at=timezone.now() - intake.WAIT_AT_MOST * 2)
    intake.forget_the_waiting()
    assert (Detection.objects.count(), RawItem.objects.count()) == (0, 1)


def test_taking_wakes_the_worker_and_a_duplicate_does_not(source, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as first:
        intake.take(source, dumped(audit()))
    with django_capture_on_commit_callbacks() as second:
        intake.take(source, dumped(audit()))
    assert (len(first), len(second)) == (1, 0)


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "count"),
        [
            (b'{"a": 1}', 1),
            (b'{"a": 1}\n{"a": 2}\n', 2),
            (b'{\n  "a": 1\n}', 1),
            (b'[{"a": 1}, {"a": 2}]', 2),
            (b" \n[]", 0),
            (b'\n\n{"a": 1}\n\n', 1),
        ],
    )
    def test_one_object_an_array_or_lines(self, body, count):
        assert len([line for line in intake.lines_of(body) if line.strip()]) == count


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_moment_at_the_end_of_time_stops_nobody_else(moment):
    sensor = SourceFactory(name="sensor", format=Source.Format.TOCSIN)
    good = {"timestamp": "2026-11-22T07:00:00Z", "rule": "good"}
    feed(sensor, dumped(good | {"id": "1"}, good | {"id": "2", "timestamp": moment}, good | {"id": "3"}))
    assert not RawItem.objects.filter(state="pending").exists()
    assert Signal.objects.get(rule__name="good", first_seen__year=2026).count == 2

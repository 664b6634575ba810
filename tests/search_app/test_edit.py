"""What clicks do to a query, as text before and after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.language import edit, parse, to_text
from tests.search_app.trees import NASTY, anything


def after(change, text, *arguments):
    return to_text(change(parse(text), *arguments))


@pytest.mark.parametrize(
    ("before", "value", "expected"),
    [
        ("", "high", "severity:high"),
        ("sql", "high", "sql severity:high"),
        ("severity:high sql", "low", "severity:(high OR low) sql"),
        ("severity:(high OR low) sql", "high", "severity:low sql"),
        ("severity:high sql", "high", "sql"),
        ("-severity:high", "high", ""),
        ("-severity:(high OR low)", "high", "-severity:low"),
        ("-severity:low", "high", "-severity:low severity:high"),
        ("severity:>low", "high", "severity:>low severity:high"),
        ("a OR b", "high", "(a OR b) severity:high"),
        ("severity:low OR b", "high", "(severity:low OR b) severity:high"),
        ('severity:"high"', "high", ""),
    ],
)
def test_toggle(before, value, expected):
    assert after(edit.toggle, before, "severity", value) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "severity:high"),
        ("severity:(high OR low) sql", "sql severity:high"),
        ("severity:>low -severity:critical sql", "sql severity:high"),
        ("severity:low OR sql", "(severity:low OR sql) severity:high"),
    ],
)
def test_only(before, expected):
    assert after(edit.only, before, "severity", "high") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "-severity:high"),
        ("severity:high", "-severity:high"),
        ("severity:(high OR low)", "severity:low -severity:high"),
        ("-severity:high sql", "sql -severity:high"),
        ("-severity:low", "-severity:low -severity:high"),
    ],
)
def test_exclude(before, expected):
    assert after(edit.exclude, before, "severity", "high") == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("severity:high sql", "sql"),
        ("severity:>low -severity:critical severity:[low TO high]", ""),
        ("(severity:low OR severity:high) sql", "sql"),
        ("(severity:low OR sql) severity:high", "severity:low OR sql"),
        ("-(severity:low service:x)", "-(severity:low service:x)"),
        ("CIDR(severity, 10.0.0.0/8)", ""),
        ("sql", "sql"),
        ("", ""),
    ],
)
def test_without(before, expected):
    assert after(edit.without, before, "severity") == expected


def test_values_of_are_the_ticked_ones_in_one_spelling():
    tree = parse('service:(web OR "two words") -service:"db" service:"web" service:no* service:"none" service:none')
    assert edit.values_of(tree, "service") == {"web", '"two words"', "no*", '"none"', "none"}
    assert edit.excluded_values_of(tree, "service") == {"db"}


@pytest.mark.parametrize("raw", ["two words", "a OR b", "(", '"', "x)", "-", "\\", ">5", "[1 TO 2]", "a:b c"])
def test_what_is_no_value_of_the_language_stands_for_itself(raw):
    assert edit.read_value(raw).literal == raw


@given(anything, st.sampled_from(NASTY))
def test_toggling_ticks_and_toggling_again_unticks(tree, raw):
    tree = edit.without(tree, "severity")
    ticked = edit.toggle(tree, "severity", edit.value_text(raw))
    assert edit.values_of(ticked, "severity") == {edit.value_text(raw)}
    assert edit.toggle(ticked, "severity", edit.value_text(raw)) == tree

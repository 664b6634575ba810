"""Whom a text calls."""

import pytest

from accounts_app.mentions import mentioned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@analyst", ["Ana Analyst"]),
        ("Thanks @analyst.", ["Ana Analyst"]),
        ("(@ANALYST)", ["Ana Analyst"]),
        ("@Ana Analyst, please look", ["Ana Analyst"]),
        ("@anaanalyst's idea", ["Ana Analyst"]),
        ("@analyst@example.test", ["Ana Analyst"]),
        ("@responder and @analyst and @responder", ["Rob Responder", "Ana Analyst"]),
        ("mail analyst@example.test", []),
        ("@nobody", []),
        ("@", []),
        ("@ analyst", []),
        ("user@analyst", []),
        ("@Ana\nAnalyst", []),
    ],
)
def test_a_text_calls_those_it_names(analyst, responder, text, called):
    assert [user.name for user in mentioned(text, [analyst, responder])] == called


def test_two_of_one_name_are_both_meant(analyst, responder):
    responder.name = analyst.name
    assert set(mentioned("@Ana Analyst", [analyst, responder])) == {analyst, responder}


def test_a_flood_of_calls_is_looked_at_only_so_far(analyst):
    assert mentioned("@x " * 10_000 + "@analyst", [analyst]) == []

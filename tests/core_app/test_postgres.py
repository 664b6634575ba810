"""PostgreSQL's times are read quickly, and as Django would read them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL alone"),
]


def read(sql: str, *params: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", params)
        return cursor.fetchone()[0]


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_as_it_went(moment):
    found = read("%s::timestamptz", moment)
    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("offset", [timedelta(hours=-9, minutes=-30), timedelta(hours=14)])
def test_it_is_in_utc_whatever_it_was_written_in(offset):
    moment = datetime(2026, 7, 8, 9, 10, 11, 120_000, tzinfo=UTC)
    local = (moment + offset).replace(tzinfo=None).isoformat()
    sign = "-" if offset < timedelta(0) else "+"
    minutes = abs(offset) // timedelta(minutes=1)
    found = read("%s::timestamptz", f"{local}{sign}{minutes // 60:02}:{minutes % 60:02}")
    assert (found, found.tzinfo) == (moment, UTC)


def test_nothing_is_nothing():
    assert read("NULL::timestamptz") is None


@pytest.mark.parametrize("text", ["infinity", "-infinity", "0044-03-15 12:00:00 BC", "12026-01-01"])
def test_what_python_has_no_time_for_is_an_error_of_the_database(text):
    with pytest.raises(DataError):
        read(f"'{text}'::timestamptz")

"""The list: the columns a person chooses, what they cost, where it goes in time, and what is new in it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search_app.explorer import Address, ExplorerForm
from search_app.explorer import news as telling
from search_app.explorer.moves import draw_moves, moments
from search_app.explorer.spans import LONGEST, PATTERN, doubled, read_span, span_label, span_of
from search_app.index import Window
from signals_app.actions import assign
from signals_app.explorer import EXPLORER
from signals_app.models import Severity, Signal
from signals_app.queries.rows import signal_rows

from .factories import RuleFactory, SignalFactory, SourceFactory
from .test_views import HOSTILE, Markup, titles

pytestmark = pytest.mark.django_db
LIST = "/signals/"
ALL = ",".join(column.name for column in EXPLORER.columns)


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def heads(response) -> list[str]:
    return re.findall(r'<th scope="col" class="cell-\w+"[^>]*>(?:<a[^>]*>)?([^<]+)', response.content.decode())


def cell(response, kind: str) -> str:
    """The words of the first cell of that kind."""
    found = re.search(rf'<td class="cell-{kind}\b[^"]*"[^>]*>(.*?)</td>', response.content.decode(), re.DOTALL)
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", found[1]).split()))


def link(response, words: str) -> str:
    """Where the link of that name leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*aria-label="{words}"', response.content.decode())
    return unescape(found[1]) if found else ""


def test_no_parameter_of_an_address_has_to_be_there():
    """The form makes fields of those alone that are named."""
    assert [name for name, field in ExplorerForm.base_fields.items() if field.required] == []


class TestColumns:
    def test_are_shown_in_the_order_of_the_address(self, reader):
        SignalFactory()
        assert heads(reader.get(LIST, {"cols": "time,host,title"})) == ["Creation Date", "Host", "Title"]

    def test_show_what_they_are_called_after(self, reader, analyst, acting):
        signal = SignalFactory(
            rule=RuleFactory(key="r", name="A rule", tactic="TA1", technique="T1"),
            source=SourceFactory(name="sensor"),
            host="web-1",
            count=42,
            tags=["team:shop", "b", "c", "d", "e"],
        )
        assign(actor=acting(analyst), seen={signal.pk: 0}, users=[analyst])
        page = reader.get(LIST, {"cols": ALL})
        found = {column.name: cell(page, column.name) for column in EXPLORER.columns if column.name != "last_seen"}
        assert found["rule"] == "A rule"
        assert (found["tactic"], found["technique"]) == ("TA1", "T1")
        assert (found["source"], found["host"], found["count"]) == ("sensor", "web-1", "42")
        assert found["assignees"] == analyst.name
        assert found["team"] == "none"
        assert found["tags"] == "b c d e +1"
        assert found["id"] == signal.public_id

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (404, "404"),
            (True, "true"),
            (["a", 2], "a, 2"),
            ({"b": 1}, '{"b": 1}'),
            (None, ""),
            ([*range(8)], "0, 1, 2, 3, 4 +3"),
        ],
    )
    def test_an_attribute_is_a_column_too(self, reader, value, words):
        SignalFactory(attributes={"http": {"x": value}})
        page = reader.get(LIST, {"cols": "title,@http.x"})
        assert heads(page) == ["Title", "@http.x"]
        assert cell(page, "attribute") == words

    def test_an_attribute_is_added_beside_the_others(self, reader):
        SignalFactory()
        page = reader.get(f"{LIST}?cols=title&cols=time&cols=%40http.x")
        assert heads(page) == ["Title", "Creation Date", "@http.x"]

    @pytest.mark.parametrize(
        "name", ["colour", "@", "@a..b", '@a"><script>', "@workflow.rule.name", "@" + "a." * 20 + "a"]
    )
    def test_what_is_no_column_is_refused_with_words(self, reader, name):
        page = reader.get(LIST, {"cols": name})
        assert page.status_code == 400
        assert "There is no column" in page.content.decode()

    def test_the_menu_moves_hides_and_shows(self, reader):
        SignalFactory()
        page = reader.get(LIST, {"cols": "title,host,time", "query": "env:prod"})
        assert heads(reader.get(link(page, "Move Host up"))) == ["Host", "Title", "Creation Date"]
        assert heads(reader.get(link(page, "Move Host down"))) == ["Title", "Creation Date", "Host"]
        assert link(page, "Move Title up") == link(page, "Move Creation Date down") == ""
        hide = re.search(r'data-column="host".*?href="([^"]*)"', page.content.decode(), re.DOTALL)
        assert heads(reader.get(unescape(hide[1]))) == ["Title", "Creation Date"]
        assert "query=env%3Aprod" in hide[1]

    def test_the_usual_columns_are_not_in_the_address(self, reader):
        SignalFactory()
        page = reader.get(LIST, {"cols": "title,severity,service,entities,state,time"})
        assert link(page, "Move Severity up") == LIST

    def test_a_page_deep_in_the_list_stays_where_it_is(self, reader):
        SignalFactory.create_batch(51)
        deep = unescape(re.search(r'href="([^"]*)" rel="next"', reader.get(LIST).content.decode())[1])
        page = reader.get(link(reader.get(deep), "Move Title up"))
        assert len(titles(page)) == 1

    @pytest.mark.parametrize("column", [column for column in EXPLORER.columns if column.sort], ids=lambda c: c.name)
    def test_every_head_that_can_sort_does(self, reader, column):
        SignalFactory.create_batch(3)
        down = reader.get(LIST, {"cols": "title", "column": column.sort})
        up = reader.get(LIST, {"cols": "title", "column": column.sort, "order": "asc"})
        assert titles(down) == titles(up)[::-1]
        assert len(titles(up)) == 3

    @pytest.mark.parametrize(
        ("columns", "tables"),
        [
            (["host", "count"], []),
            (["title", "source"], ["detectionrule", "source"]),
            (["entities"], ["entity", "signalentity"]),
            (["state"], ["assignment"]),
            (["tags"], ["signaltag"]),
        ],
    )
    def test_what_is_not_shown_is_not_read(self, acting, analyst, columns, tables):
        signal = SignalFactory(attackers=["203.0.113.1"], tags=["a"])
        assign(actor=acting(analyst), seen={signal.pk: 0}, users=[analyst])
        with CaptureQueriesContext(connection) as queries:
            signal_rows(acting(analyst), [signal.pk], columns)
        sql = " ".join(query["sql"] for query in queries)
        assert sorted({*re.findall(r'(?:FROM|JOIN) "signals_app_(\w+)"', sql)}) == sorted(["signal", *tables])
        assert '"search_text"' not in sql and '"attributes"' not in sql

    def test_rows_cost_as_many_queries_with_every_column(self, reader):
        SignalFactory.create_batch(2, attackers=["203.0.113.1"], tags=["a"])
        reader.get(LIST, {"cols": ALL})
        with CaptureQueriesContext(connection) as few:
            reader.get(LIST, {"cols": ALL})
        SignalFactory.create_batch(40, attackers=["203.0.113.1"], tags=["a"])
        reader.get(LIST, {"cols": ALL})
        with CaptureQueriesContext(connection) as more:
            reader.get(LIST, {"cols": ALL})
        assert len(more) == len(few)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_that_an_attacker_writes_becomes_markup(self, reader, text):
        def page(words: str) -> Markup:
            Signal.objects.all().delete()
            SignalFactory(
                title=words,
                host=words,
                tags=[words],
                attackers=[words],
                victims=[words],
                attributes={"a": [words, {words: words}]},
            )
            return Markup(reader.get(LIST, {"cols": f"{ALL},@a"}).content.decode())

        harmless, hostile = page("plain"), page(text)
        assert hostile.elements == harmless.elements
        assert not [name for name, _ in hostile.attributes if name.startswith("on")]


class TestSpans:
    @pytest.mark.parametrize(
        ("text", "name", "label"),
        [
            ("45m", "45m", "Past 45 minutes"),
            ("past 3 hours", "3h", "Past 3 hours"),
            ("Last 2 Weeks", "2w", "Past 2 weeks"),
            ("the past day", "1d", "Past day"),
            (" 10 d ", "10d", "Past 10 days"),
            ("01h", "1h", "Past hour"),
        ],
    )
    def test_people_write_them_in_words(self, text, name, label):
        assert read_span(text) == name
        assert span_label(name) == label
        assert re.fullmatch(PATTERN, text) and re.fullmatch(PATTERN, text.upper())

    @pytest.mark.parametrize(
        "text", ["", "0h", "3", "3 fortnights", "-3h", "3h3m", "521w 3d", "3654d", "9999999w", "٣h", "h" * 99]
    )
    def test_what_is_none_is_refused(self, text):
        with pytest.raises(ValueError):
            read_span(text)

    @pytest.mark.parametrize("text", ["", "3", "3 fortnights", "-3h", "3h3m", "1.5h", "banana", "h" * 99])
    def test_the_browser_refuses_it_too(self, text):
        assert not re.fullmatch(PATTERN, text)

    def test_twice_as_long_ends_at_ten_years(self):
        assert doubled("90d") == "180d"
        assert span_of(doubled("500w")) == LONGEST
        assert read_span(doubled("500w")) == doubled("500w")

    def test_the_address_is_in_short(self, reader):
        answer = reader.get(LIST, {"range": "past 3 hours", "query": "a"})
        assert (answer.status_code, answer["Location"]) == (302, "/signals/?query=a&range=3h")

    def test_one_that_is_none_is_explained(self, reader):
        page = reader.get(LIST, {"range": "3 fortnights"})
        assert page.status_code == 400
        assert "is no stretch of time" in page.content.decode()


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def moved(address: Address, window: Window):
    return draw_moves(address, LIST, window, NOW)


class TestMoves:
    def test_back_and_forth_by_the_width_of_the_window(self):
        window = Window(NOW - 6 * HOUR, NOW - 4 * HOUR)
        moves = moved(Address(start=window.start, end=window.end), window)
        assert moves.earlier == f"{LIST}{Address(start=NOW - 8 * HOUR, end=NOW - 6 * HOUR)}"
        assert moves.later == f"{LIST}{Address(start=NOW - 4 * HOUR, end=NOW - 2 * HOUR)}"

    def test_forward_ends_now(self):
        window = Window(NOW - 6 * HOUR, NOW - HOUR)
        assert moved(Address(start=window.start, end=window.end), window).later == (
            f"{LIST}{Address(start=NOW - 5 * HOUR, end=NOW)}"
        )
        assert moved(Address(), Window(NOW - HOUR, NOW + timedelta(seconds=1))).later == ""

    def test_out_to_twice_the_width_and_not_beyond_now(self):
        window = Window(NOW - 4 * HOUR, NOW - 2 * HOUR)
        assert moved(Address(start=window.start, end=window.end), window).wider == (
            f"{LIST}{Address(start=NOW - 5 * HOUR, end=NOW - HOUR)}"
        )
        window = Window(NOW - 2 * HOUR, NOW)
        assert moved(Address(start=window.start, end=window.end), window).wider == (
            f"{LIST}{Address(start=NOW - 3 * HOUR, end=NOW)}"
        )

    @pytest.mark.parametrize(("name", "next_one"), [("7d", "15d"), ("3h", "4h"), ("90d", "180d")])
    def test_a_window_that_moves_goes_out_to_the_next_and_goes_on_moving(self, name, next_one):
        window = Address(range=name).window(NOW)
        assert moved(Address(range=name), window).wider == f"{LIST}?range={next_one}"

    def test_the_ends_of_time_are_no_links(self):
        window = Window(datetime(1, 1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
        moves = moved(Address(start=window.start, end=window.end), window)
        assert (moves.earlier, moves.wider) == ("", "")

    @pytest.mark.parametrize("window", [("-62135596800000", "0"), ("0", "253402300799000")])
    def test_a_window_at_the_ends_of_time_is_refused_with_words(self, reader, window):
        page = reader.get(LIST, dict(zip(("start", "end"), window, strict=True)))
        assert page.status_code == 400
        assert "between 1970 and 2200" in page.content.decode()

    def test_paused_it_stands_still_and_knows_how_to_go_on(self, reader):
        SignalFactory(title="before")
        pause = link(reader.get(LIST, {"range": "4h", "query": "env:prod"}), "Pause")
        SignalFactory(title="after")
        page = reader.get(pause)
        assert titles(page) == ["before"]
        assert b"data-news" not in page.content
        resume = link(page, "Resume")
        assert resume == f"{LIST}?query=env%3Aprod&range=4h"
        assert set(titles(reader.get(resume))) == {"before", "after"}

    @pytest.mark.parametrize(
        ("start", "end", "words"),
        [
            (NOW - 30 * HOUR, NOW, "Nov 22, 06:00 to Nov 23, 12:00"),
            (NOW - HOUR, NOW, "Nov 23, 11:00 to 12:00"),
            (NOW - timedelta(seconds=90), NOW, "Nov 23, 11:58:30 to 12:00:00"),
            (NOW - timedelta(days=365), NOW, "Nov 23 2025, 12:00 to Nov 23 2026, 12:00"),
        ],
    )
    def test_the_words_on_the_button_are_the_window(self, start, end, words):
        assert moments(Window(start, end), NOW) == words


class TestNews:
    @pytest.fixture
    def ask(self, reader):
        def ask(**address):
            page = reader.get(LIST, address)
            return unescape(re.search(r'data-news="([^"]*)"', page.content.decode())[1])

        return ask

    def test_counts_what_has_come_in_and_matches(self, reader, ask):
        SignalFactory(severity=Severity.HIGH)
        url = ask(query="severity:high", range="1d")
        assert reader.get(url).content.strip() == b""
        SignalFactory.create_batch(2, severity=Severity.HIGH)
        SignalFactory(severity=Severity.LOW)
        SignalFactory(severity=Severity.HIGH, first_seen=timezone.now() - timedelta(days=3))
        answer = reader.get(url).content.decode()
        assert "2 new signals" in answer
        assert 'href="/signals/?query=severity%3Ahigh&amp;range=1d"' in answer

    def test_a_change_of_what_was_there_is_no_news(self, reader, ask):
        signal = SignalFactory()
        url = ask()
        signal.title = "renamed"
        signal.save()
        assert reader.get(url).content.strip() == b""

    def test_of_a_flood_it_says_at_least(self, reader, ask, monkeypatch):
        monkeypatch.setattr(telling, "MOST", 3)
        url = ask()
        SignalFactory.create_batch(5)
        assert "3+ new signals" in reader.get(url).content.decode()

    def test_costs_the_same_however_many_signals_there_are(self, reader, ask):
        SignalFactory.create_batch(3)
        url = ask()
        SignalFactory()
        with CaptureQueriesContext(connection) as few:
            reader.get(url)
        SignalFactory.create_batch(30)
        with CaptureQueriesContext(connection) as more:
            reader.get(url)
        assert len(more) == len(few)

    @pytest.mark.parametrize("address", [{"start": "1700000000000", "end": "1800000000000"}, {"paused": "true"}])
    def test_a_window_that_stands_still_asks_for_none(self, reader, address):
        assert b"data-news" not in reader.get(LIST, address).content

    @pytest.mark.parametrize("params", ["", "?seen=x", "?seen=-1", "?seen=" + "9" * 30, "?seen=1&query=severity:("])
    def test_what_cannot_be_meant_is_refused(self, reader, params):
        assert reader.get(f"/search/signals/news/{params}").status_code == 400

    def test_somebody_who_may_see_no_signals_hears_of_none(self, client, outsider):
        SignalFactory()
        client.force_login(outsider)
        answer = client.get("/search/signals/news/?seen=0")
        assert answer.status_code == 403 or answer.content.strip() == b""

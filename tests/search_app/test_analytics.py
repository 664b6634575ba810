"""Charts: what their links say, what their marks measure, what is written so that numbers are not misread."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from search_app.explorer import Address
from search_app.explorer.analytics import OTHERS, Drill, draw_groups, draw_series, settings, switches
from search_app.explorer.drawing import HEIGHT, Stack, draw, draw_lines, levels_of, sparkline
from search_app.index import Bucket, Explored, FacetValue, Window
from search_app.index.analyse import Analysed, GroupRow, Series
from search_app.language import Is, Not, edit, parse, to_text, value_text
from search_app.language.nodes import all_of, top_terms
from signals_app.explorer import EXPLORER
from signals_app.fields import SIGNAL_FIELDS
from tests.search_app.trees import anything

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Window(START, START + 3 * HOUR)
SERVICE, ENV, SEVERITY = SIGNAL_FIELDS["service"], SIGNAL_FIELDS["env"], SIGNAL_FIELDS["severity"]
SENDABLE = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])  # no database holds the others
TEXTS = st.one_of(st.just("none"), st.text(SENDABLE, max_size=12).map(value_text))


def query_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("query", [""])[0]


def stacks(*bars: dict[str, int]) -> list[Stack]:
    return [Stack(START + place * HOUR, START + (place + 1) * HOUR, counts) for place, counts in enumerate(bars)]


def analysed(*counts: tuple[str, tuple[int, ...]], others: int = 0, total: int = 0) -> Analysed:
    """Groups of services with what they have in each of three hours."""
    values = [(FacetValue(name, name, sum(bars)),) for name, bars in counts]
    return Analysed(
        rows=[GroupRow(value, value[0].count) for value in values],
        others=others,
        total=total or sum(value[0].count for value in values),
        series=[Series(value, bars) for value, (_, bars) in zip(values, counts, strict=True)],
        bucket_starts=[START, START + HOUR, START + 2 * HOUR],
        bucket_seconds=3600,
    )


def explored(*totals: int) -> Explored:
    timeline = [Bucket(START + place * HOUR, {"high": total}) for place, total in enumerate(totals)]
    return Explored(sum(totals), {}, timeline, 3600, [], "", "")


class TestClicks:
    @trying(deadline=None)  # the first of them loads the grammar and the addresses
    @given(tree=anything, value=TEXTS)
    def test_a_group_of_one_facet_is_what_the_facets_value_is(self, tree, value):
        tree = parse(to_text(tree))
        drill = Drill(EXPLORER, [SERVICE], tree, Address())
        assert query_of(drill.only([value])) == to_text(edit.only(tree, "service", value))
        assert query_of(drill.exclude([value])) == to_text(edit.exclude(tree, "service", value))

    @trying(deadline=None)
    @given(tree=anything, one=TEXTS, other=TEXTS)
    def test_a_group_of_two_facets_means_both_together(self, tree, one, other):
        tree = parse(to_text(tree))
        drill = Drill(EXPLORER, [SERVICE, ENV], tree, Address())
        assert query_of(drill.only([one, other])) == to_text(edit.only(edit.only(tree, "service", one), "env", other))
        pair = all_of(Is("service", (edit.read_value(one),)), Is("env", (edit.read_value(other),)))
        assert query_of(drill.exclude([one, other])) == to_text(all_of(*top_terms(tree), Not(pair)))

    def test_a_click_stays_in_the_chart_and_the_number_leads_to_the_list(self):
        address = Address(range="30d", viz="toplist", group=("service",), limit=25)
        drill = Drill(EXPLORER, [SERVICE], parse("env:prod"), address)
        assert drill.only(["auth"]) == f"/signals/{address.to(query='env:prod service:auth')}"
        assert drill.rows(["auth"]) == f"/signals/{address.to(query='env:prod service:auth', viz='stream')}"

    def test_top_list_and_table_begin_with_a_group_timeseries_with_everything(self):
        ways = {way.value: way.url for way in switches(EXPLORER, Address())["visualise"]}
        assert ways["stream"] == "/signals/"
        assert ways["timeseries"] == "/signals/?viz=timeseries"
        assert parse_qs(urlsplit(ways["toplist"]).query)["group"] == ["@workflow.rule.name"]

    def test_the_switch_keeps_a_group_that_was_chosen(self):
        address = Address(viz="toplist", group=("env",), limit=5, query="a b")
        assert {way.url for way in switches(EXPLORER, address)["visualise"]} == {
            f"/signals/{address.to(viz=viz)}" for viz in ("stream", "timeseries", "toplist", "table")
        }


class TestGroups:
    def test_shares_are_of_everything_and_bars_of_the_largest(self):
        found = analysed(("a", (6, 0, 0)), ("b", (0, 3, 0)), others=4, total=12)
        lines = draw_groups(EXPLORER, parse(""), Address(viz="toplist"), [SERVICE], found)
        assert [(line.label, line.number, line.share, line.width) for line in lines] == [
            ("a", "6", "50.0 %", "100.00%"),
            ("b", "3", "25.0 %", "50.00%"),
        ]

    def test_a_share_that_is_nearly_nothing_is_not_called_nothing(self):
        (line,) = draw_groups(EXPLORER, parse(""), Address(), [SERVICE], analysed(("a", (1, 0, 0)), total=100_000))
        assert line.share == "< 0.1 %"

    def test_severities_keep_their_colours_and_other_groups_get_their_places(self):
        found = analysed(("high", (1, 0, 0)))
        assert draw_groups(EXPLORER, parse(""), Address(), [SEVERITY], found)[0].key == "high"
        assert draw_groups(EXPLORER, parse(""), Address(), [SERVICE], found)[0].key == "series-0"

    def test_the_one_group_of_everything_has_nothing_to_narrow(self):
        found = analysed()
        found.rows.append(GroupRow((), 5))
        (line,) = draw_groups(EXPLORER, parse("env:prod"), Address(viz="toplist"), [], found)
        assert (line.label, line.only, line.exclude) == ("All signals", "", "")
        assert query_of(line.rows) == "env:prod"


class TestSeries:
    def series(self, found, adds_up, *totals):
        address = Address(viz="timeseries", group=("service",))
        lines = draw_groups(EXPLORER, parse(""), address, [SERVICE], found)
        return draw_series(EXPLORER, found, lines, WINDOW, explored(*totals), adds_up)

    def test_what_the_limit_leaves_out_of_a_bar_stands_on_top_of_it(self):
        chart = self.series(analysed(("a", (2, 0, 1)), others=3), True, 5, 0, 1)
        assert [layer.name for layer in chart.layers] == ["series-0", OTHERS]
        assert [tuple(row.counts) for row in chart.rows] == [(2, 3), (1, 0)]

    def test_severities_are_stacked_as_on_the_timeline(self):
        found = analysed(("low", (9, 0, 0)), ("critical", (1, 0, 0)), ("medium", (3, 0, 0)))
        lines = draw_groups(EXPLORER, parse(""), Address(viz="timeseries", group=("severity",)), [SEVERITY], found)
        chart = draw_series(EXPLORER, found, lines, WINDOW, explored(13, 0, 0), adds_up=True)
        assert [line.key for line in lines] == ["low", "critical", "medium"]  # the legend: the largest first
        assert [layer.name for layer in chart.layers] == ["low", "medium", "critical"]

    def test_groups_that_share_rows_are_lines_without_others(self):
        chart = self.series(analysed(("a", (2, 0, 1)), ("b", (1, 1, 1)), others=3), False, 5, 1, 1)
        assert chart.mark == "line"
        assert [layer.name for layer in chart.layers] == ["series-0", "series-1"]


class TestMarks:
    def test_bars_are_as_high_as_what_they_count_on_a_round_scale(self):
        chart = draw(stacks({"a": 30}, {"a": 15}), *ends(), [("a", "A")], levels=4)
        assert [level.label for level in chart.levels] == ["10", "20", "30"]
        assert re.findall(r"v([\d.]+)h", chart.layers[0].path) == [f"{HEIGHT:.1f}", f"{HEIGHT / 2:.1f}"]

    def test_lines_go_through_every_bar_also_where_nothing_is(self):
        chart = draw_lines(stacks({"a": 10}, {}, {"a": 5}), *ends(), [("a", "A")], levels=2)
        heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", chart.layers[0].path)]
        assert heights == [0, HEIGHT, HEIGHT / 2]
        assert len(chart.rows) == 2  # what is told in words leaves out the empty ones

    def test_one_among_thousands_is_still_to_be_seen(self):
        chart = draw(stacks({"a": 1}, {"a": 100_000}), *ends(), [("a", "A")])
        assert min(map(float, re.findall(r"v([\d.]+)h", chart.layers[0].path))) >= 1

    @pytest.mark.parametrize("highest", [0, 1, 2, 7, 99, 100, 101, 12_345, 10**9])
    def test_levels_are_few_round_and_reach_the_highest(self, highest):
        levels = levels_of(highest, 4)
        assert len(levels) <= 4
        assert not levels if highest == 0 else levels[-1] >= highest
        steps = {level - before for before, level in pairwise([0, *levels])}
        assert {str(step).strip("0") for step in steps} <= {"1", "2", "5"}

    def test_a_sparkline_of_nothing_is_nothing(self):
        assert sparkline([0, 0]) == sparkline([]) == ""
        assert sparkline([0, 3, 1]).count("M") == 2


def ends() -> tuple[datetime, datetime]:
    return WINDOW.start, WINDOW.end


@pytest.mark.django_db
class TestSettings:
    def test_every_control_shows_what_the_address_says(self):
        bar = settings(EXPLORER, Address(group=("env", "service"), unique="host", limit=25))
        chosen = [
            [choice.value for _, choices in options for choice in choices if choice.current]
            for options in (bar["measures"], *bar["groups"])
        ]
        assert chosen == [["host"], ["env"], ["service"]]
        assert [choice.label for choice in bar["limits"] if choice.current] == ["Top 25"]

    def test_the_form_keeps_the_rest_of_the_address(self):
        address = Address(query="a", viz="toplist", group=("env",), unique="host", limit=5, after="x", timeline=False)
        assert dict(settings(EXPLORER, address)["kept_params"]) == {"query": "a", "viz": "toplist", "timeline": "off"}

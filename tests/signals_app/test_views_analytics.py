"""The Signals Explorer's charts and its list of rules, as pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signals_app.models import Severity
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory
from tests.signals_app.test_views import EXPLORER, HOSTILE, REFRESH, Markup

pytestmark = pytest.mark.django_db

VIZ = ("timeseries", "toplist", "table")


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def shop(db):
    """Three signals of auth, one of web-store."""
    for service, number in (("auth", 3), ("web-store", 1)):
        SignalFactory.create_batch(number, service=ServiceFactory(name=service), attackers=["203.0.113.9"])


def cells(response, table="groups") -> list[list[str]]:
    """The rows of a table, as the words of their cells."""
    html = response.content.decode()
    body = re.search(rf'<table class="{table}.*?<tbody[^>]*>(.*?)</tbody>', html, re.DOTALL).group(1)
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    texts = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in row] for row in texts]


class TestVisualise:
    def test_the_four_ways_stand_beside_the_total(self, reader, shop):
        html = reader.get(EXPLORER, {"viz": "toplist"}).content.decode()
        ways = re.search(r'aria-label="Visualise as">(.*?)</nav>', html, re.DOTALL).group(1)
        assert re.findall(r">([^<]+)</a>", ways) == ["List", "Timeseries", "Top List", "Table"]
        assert re.findall(r'aria-current="true">([^<]+)', ways) == ["Top List"]

    @pytest.mark.parametrize("viz", VIZ)
    def test_groups_have_their_counts_and_shares(self, reader, shop, viz):
        response = reader.get(EXPLORER, {"viz": viz, "group": "service"})
        rows = [[cell for cell in row if cell] for row in cells(response)]
        assert rows == [["auth", "3", "75.0 %"], ["web-store", "1", "25.0 %"]]

    def test_two_facets_are_two_columns(self, reader, shop):
        response = reader.get(EXPLORER, {"viz": "table", "group": "service,severity"})
        assert cells(response)[0][:2] == ["auth", "High"]

    def test_what_the_limit_leaves_out_is_said(self, reader):
        for number in range(7):
            SignalFactory(service=ServiceFactory(name=f"s{number}"))
        rows = cells(reader.get(EXPLORER, {"viz": "toplist", "group": "service", "limit": 5}))
        assert len(rows) == 6
        assert [cell for cell in rows[-1] if cell] == ["2 more groups", "2", "28.6 %"]

    def test_signals_without_a_value_are_a_group(self, reader):
        SignalFactory(service=None)
        assert cells(reader.get(EXPLORER, {"viz": "toplist", "group": "service"}))[0][0] == "None"

    def test_a_signal_in_several_groups_is_explained(self, reader):
        SignalFactory(attackers=["203.0.113.1", "203.0.113.2"])
        html = reader.get(EXPLORER, {"viz": "toplist", "group": "@network.client.ip"}).content.decode()
        assert "with several values of Attacker counts once in each" in html

    def test_different_values_are_counted(self, reader, shop):
        response = reader.get(EXPLORER, {"viz": "toplist", "group": "service", "unique": "@network.client.ip"})
        assert [row[1] for row in cells(response)] == ["1", "1"]
        assert "Unique count of Attacker by Service" in response.content.decode()

    def test_a_chart_has_a_table_for_those_who_do_not_see_it(self, reader, shop):
        html = reader.get(EXPLORER, {"viz": "timeseries", "group": "service", "timeline": "off"}).content.decode()
        (head,) = re.findall(r'<thead><tr><th scope="col">From</th>(.*?)</tr>', html)
        assert re.findall(r">([^<]+)</th>", head) == ["auth", "web-store"]

    def test_the_timeline_can_be_hidden_in_every_way(self, reader, shop):
        for viz in ("stream", *VIZ):
            assert b"Signals over time" in reader.get(EXPLORER, {"viz": viz}).content
            assert b"Signals over time" not in reader.get(EXPLORER, {"viz": viz, "timeline": "off"}).content

    def test_links_of_groups_lead_to_what_they_count(self, reader, shop):
        page = reader.get(EXPLORER, {"viz": "toplist", "group": "service"})
        html = page.content.decode()
        only = unescape(re.search(r'href="([^"]*)" title="Only auth"', html).group(1))
        exclude = unescape(re.search(r'href="([^"]*)" title="Exclude auth"', html).group(1))
        listed = unescape(re.search(r'href="([^"]*)" title="List these signals"', html).group(1))
        assert [row[0] for row in cells(reader.get(only))] == ["auth"]
        assert [row[0] for row in cells(reader.get(exclude))] == ["web-store"]
        assert "<strong>3</strong> signals" in reader.get(listed).content.decode()

    def test_nothing_to_count_says_so_and_offers_ways_out(self, reader):
        html = reader.get(EXPLORER, {"viz": "toplist", "group": "service", "query": "service:no"}).content.decode()
        assert "Nothing to count" in html
        assert "Clear the query" in html
        assert "Chart settings" in html

    def test_the_settings_are_a_form_that_needs_no_script(self, reader, shop):
        sent = {"viz": "table", "unique": "", "group": ["service", "env"], "limit": "25", "query": "severity:high"}
        response = reader.get(EXPLORER, sent)
        assert response.status_code == 200
        assert cells(response)[0][:2] == ["auth", "prod"]

    def test_a_refresh_gets_only_the_results(self, reader, shop):
        response = reader.get(EXPLORER, {"viz": "toplist", "group": "service"}, headers=REFRESH)
        assert [row[0] for row in cells(response)] == ["auth", "web-store"]
        assert b"<html" not in response.content

    @pytest.mark.parametrize(
        "params",
        [
            {"group": "password"},
            {"group": "message"},
            {"group": "env,service,source"},
            {"unique": "password"},
            {"limit": "7"},
            {"viz": "pie"},
        ],
    )
    def test_settings_that_cannot_be_are_refused_with_words(self, reader, params):
        response = reader.get(EXPLORER, {"viz": "table", **params})
        assert response.status_code == 400
        assert b'role="alert"' in response.content

    def test_no_row_of_the_list_is_read_for_a_chart(self, reader, shop):
        params = {"viz": "toplist", "group": "service"}
        reader.get(EXPLORER, params)
        with CaptureQueriesContext(connection) as asked:
            reader.get(EXPLORER, params)
        assert not [query for query in asked if "search_text" in query["sql"] and "LIMIT" in query["sql"]]

    @pytest.mark.parametrize("viz", VIZ)
    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_that_an_attacker_writes_becomes_markup(self, reader, viz, text):
        def page(words):
            for number in range(2):
                SignalFactory(service=ServiceFactory(name=f"{words}{number}"), env=words[:60], title=words)
            response = reader.get(EXPLORER, {"viz": viz, "group": "service,title", "query": f"-service:{viz}"})
            return Markup(re.sub(r'<aside class="facets".*?</aside>', "", response.content.decode(), flags=re.DOTALL))

        harmless = page("plain").elements
        SignalFactory._meta.model.objects.all().delete()
        hostile = page(text)
        assert hostile.elements == harmless
        assert not [name for name, _ in hostile.attributes if name.startswith("on")]


class TestRules:
    def of_rules(self, *made):
        """Signals by (rule, severity, hours ago, state)."""
        now = timezone.now()
        for name, severity, hours, state in made:
            rule = RuleFactory(key=name, name=f"Rule {name}")
            SignalFactory(rule=rule, severity=severity, first_seen=now - timedelta(hours=hours), state=state)

    @pytest.fixture
    def rules(self, db):
        self.of_rules(
            ("noisy", Severity.LOW, 5, "open"),
            ("noisy", Severity.LOW, 4, "open"),
            ("noisy", Severity.MEDIUM, 1, "under_review"),
            ("grave", Severity.CRITICAL, 9, "open"),
        )

    def names(self, response):
        return [row[1] for row in cells(response, "groups rule-groups")]

    def test_a_rule_has_its_highest_severity_its_counts_and_its_moments(self, reader, rules):
        rows = cells(reader.get(EXPLORER, {"agg": "rule", "column": "severity"}), "groups rule-groups")
        severity, name, split, count, opened, _, newest = rows[1]
        assert (severity, name, split) == ("Medium", "Rule noisy TA0001 Initial Access", "1 Medium, 2 Low")
        assert (count, opened) == ("3", "2")
        assert newest.endswith("1h ago")

    def test_rules_are_sorted_by_severity_count_and_newest_signal(self, reader, rules):
        for column, first in (("severity", "grave"), ("count", "noisy"), ("time", "noisy")):
            down, up = (
                self.names(reader.get(EXPLORER, {"agg": "rule", "column": column, "order": order}))
                for order in ("desc", "asc")
            )
            assert down[0].startswith(f"Rule {first}")
            assert up == down[::-1]

    def test_an_order_that_rules_do_not_have_is_refused_with_words(self, reader, rules):
        response = reader.get(EXPLORER, {"agg": "rule", "column": "title"})
        assert response.status_code == 400
        assert "Rules can be sorted by severity, count, time" in response.content.decode()

    def test_the_switch_leads_there_and_back(self, reader, rules):
        def switch(page):
            found = re.search(r'aria-checked="(\w+)" href="([^"]*)"><svg[^>]*>.{0,80}</svg> Aggregate', page)
            return found.group(1), unescape(found.group(2))

        address = "/signals/?query=env%3Aprod"
        is_on, there = switch(reader.get(address).content.decode())
        page = reader.get(there)
        assert (is_on, len(self.names(page))) == ("false", 2)
        assert switch(page.content.decode()) == ("true", address)

    def test_a_rule_opens_its_signals_and_leads_back_to_all_rules(self, reader, rules):
        page = reader.get(EXPLORER, {"agg": "rule", "column": "severity", "query": "env:prod"})
        opened = unescape(re.findall(r'href="([^"]*)" title="List its signals"', page.content.decode())[1])
        listed = reader.get(opened)
        assert "<strong>3</strong> signals" in listed.content.decode()
        assert b"Rule noisy</span>" in listed.content
        back = unescape(re.search(r'href="([^"]*)">[^\n]*All detection rules', listed.content.decode()).group(1))
        assert len(self.names(reader.get(back))) == 2

    def test_every_rule_is_on_one_page(self, reader):
        self.of_rules(*((f"r{number:03}", Severity.LOW, 1, "open") for number in range(120)))
        seen, url = [], f"{EXPLORER}?agg=rule&column=count"
        while url:
            page = reader.get(url)
            seen += self.names(page)
            older = re.search(r'href="([^"]*)" rel="next"', page.content.decode())
            url = older and unescape(older.group(1))
        assert len(seen) == len(set(seen)) == 120
        assert "101–120 of 120 rules" in page.content.decode()

    def test_a_page_that_is_gone_is_refused_with_words(self, reader, rules):
        response = reader.get(EXPLORER, {"agg": "rule", "column": "count", "after": "no-such-rule"})
        assert response.status_code == 400
        assert b"can no longer be found" in response.content

    def test_many_rules_cost_as_many_queries_as_two(self, reader, rules, django_assert_num_queries):
        params = {"agg": "rule", "column": "severity"}
        reader.get(EXPLORER, params)
        with CaptureQueriesContext(connection) as few:
            reader.get(EXPLORER, params)
        cost = len(few)
        self.of_rules(*((f"r{number}", Severity.LOW, 1, "open") for number in range(40)))
        reader.get(EXPLORER, params)
        with django_assert_num_queries(cost):
            reader.get(EXPLORER, params)

    def test_nothing_found_says_so(self, reader):
        assert b"No signals match" in reader.get(EXPLORER, {"agg": "rule", "query": "service:no"}).content

    @pytest.mark.parametrize("text", HOSTILE)
    def test_the_name_of_a_rule_never_becomes_markup(self, reader, text):
        def page(words):
            SignalFactory._meta.model.objects.all().delete()
            SignalFactory(rule=RuleFactory(key=f"k{len(words)}", name=words, tactic=words[:80]))
            html = reader.get(EXPLORER, {"agg": "rule"}).content.decode()
            return Markup(re.sub(r'<aside class="facets".*?</aside>', "", html, flags=re.DOTALL))

        assert page(text).elements == page("plain").elements

"""The Signals Explorer: what its address says is what the page shows."""

import gc
import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from signals_app.actions import assign
from signals_app.models import Sample, Severity, Signal

from .factories import ServiceFactory, SignalFactory

pytestmark = pytest.mark.django_db

EXPLORER = "/signals/"
REFRESH = {"HX-Request": "true", "HX-Target": "signals-results"}


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def titles(response) -> list[str]:
    """The titles of the rows, in order."""
    return re.findall(r"data-open[^>]*>([^<]*)</a>", response.content.decode())


def links(response) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', response.content.decode())]


class TestPage:
    def test_has_the_six_columns_in_their_order(self, reader):
        SignalFactory()
        html = reader.get(EXPLORER).content.decode()
        heads = re.findall(r'<th scope="col" class="cell-\w+"[^>]*>(?:<a[^>]*>)?([^<]+)', html)
        assert heads == ["Severity", "Title", "Service/Env", "Entities", "Triage State", "Creation Date"]

    def test_is_sorted_by_creation_date_newest_first(self, reader):
        now = timezone.now()
        for title, hours in (("second", 2), ("third", 3), ("first", 1)):
            SignalFactory(title=title, first_seen=now - timedelta(hours=hours))
        assert titles(reader.get(EXPLORER)) == ["first", "second", "third"]

    def test_says_how_many_match(self, reader):
        SignalFactory.create_batch(3)
        assert "<strong>3</strong> signals" in reader.get(EXPLORER).content.decode()

    def test_names_one_attacker_and_the_number_of_the_others(self, reader):
        SignalFactory(attackers=["203.0.113.1", "203.0.113.2", "203.0.113.3"], victims=["alice"])
        html = reader.get(EXPLORER).content.decode()
        assert "/entities/ip/203.0.113.1/" in html
        assert "/entities/ip/203.0.113.2/" not in html
        assert '<span class="more">+2</span>' in html
        assert "/entities/user/alice/" in html

    def test_an_empty_window_says_so_and_offers_ways_out(self, reader):
        html = reader.get(EXPLORER, {"query": "service:nothing"}).content.decode()
        assert "No signals match" in html
        assert "Clear the query" in html

    def test_with_no_signal_at_all_a_newcomer_is_told_how_the_first_one_comes(self, reader):
        html = reader.get(EXPLORER).content.decode()
        assert "No signals yet" in html and "Sources are made under Intake." in html
        assert "Look at the past" not in html

    def test_without_a_query_only_the_window_is_to_blame(self, reader):
        SignalFactory(first_seen=timezone.now() - timedelta(days=40))
        html = reader.get(EXPLORER).content.decode()
        assert "No signals match" in html and "Nothing in this window of time." in html
        assert "the query" not in html.split("No signals match")[1].split("</p>")[0]

    def test_somebody_without_the_permission_is_told_its_name(self, client, outsider):
        client.force_login(outsider)
        response = client.get(EXPLORER)
        assert response.status_code == 403
        assert b"security_monitoring_signals_read" in response.content

    def test_an_anonymous_person_is_asked_to_log_in(self, client):
        assert client.get(EXPLORER).status_code == 302


class TestAddress:
    def test_the_query_narrows_the_rows(self, reader):
        SignalFactory(title="kept", severity=Severity.HIGH)
        SignalFactory(title="left out", severity=Severity.LOW)
        assert titles(reader.get(EXPLORER, {"query": "severity:high"})) == ["kept"]

    def test_a_fixed_window_is_in_epoch_milliseconds(self, reader):
        now = timezone.now()
        SignalFactory(title="inside", first_seen=now - timedelta(days=40))
        SignalFactory(title="outside", first_seen=now)
        start, end = (int((now - timedelta(days=days)).timestamp() * 1000) for days in (41, 39))
        assert titles(reader.get(EXPLORER, {"start": start, "end": end, "paused": "true"})) == ["inside"]

    def test_a_moving_window_has_a_name(self, reader):
        SignalFactory(title="old", first_seen=timezone.now() - timedelta(days=20))
        assert titles(reader.get(EXPLORER, {"range": "15d"})) == []
        assert titles(reader.get(EXPLORER, {"range": "30d"})) == ["old"]

    def test_the_time_picker_means_the_persons_own_zone(self, reader, viewer):
        viewer.time_zone = "America/St_Johns"
        viewer.save()
        noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
        SignalFactory(title="at noon", first_seen=noon)
        local = noon.astimezone(ZoneInfo(viewer.time_zone))
        window = {"since": f"{local:%Y-%m-%dT%H:%M}:00", "until": f"{local:%Y-%m-%dT%H:%M}:01"}
        response = reader.get(EXPLORER, window, follow=True)
        assert titles(response) == ["at noon"]
        assert f"start={int(noon.timestamp())}000" in response.redirect_chain[-1][0]

    def test_a_column_and_an_order_sort(self, reader):
        for title in ("b", "a", "c"):
            SignalFactory(title=title)
        assert titles(reader.get(EXPLORER, {"column": "title", "order": "asc"})) == ["a", "b", "c"]

    def test_older_and_newer_reach_every_row_once(self, reader):
        now = timezone.now()
        for number in range(120):
            SignalFactory(title=f"number {number}", first_seen=now - timedelta(minutes=number // 3))  # ties
        seen, url = [], EXPLORER
        while url:
            page = reader.get(url)
            seen += titles(page)
            older = re.search(r'href="([^"]*)" rel="next"', page.content.decode())
            url = older and unescape(older.group(1))
        assert sorted(seen) == sorted(f"number {number}" for number in range(120))

    @pytest.mark.parametrize(
        "params",
        [
            {"start": "x", "end": "y"},
            {"start": "9" * 30, "end": "9" * 31},
            {"start": "5", "end": "4"},
            {"start": "5"},
            {"range": "3 fortnights"},
            {"column": "password"},
            {"order": "sideways"},
            {"after": "made-up"},
            {"after": "x" * 5000},
            {"viz": "hologram"},
            {"since": "yesterday", "until": "today"},
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_words(self, reader, params):
        response = reader.get(EXPLORER, params)
        assert response.status_code == 400
        assert b'role="alert"' in response.content


class TestQueryError:
    def test_shows_the_place_and_keeps_the_text(self, reader):
        response = reader.get(EXPLORER, {"query": "severity:(high OR"})
        html = unescape(response.content.decode())
        assert response.status_code == 400
        assert 'value="severity:(high OR"' in html
        assert "<mark>OR</mark>" in html
        assert "Column 16" in html

    def test_a_value_that_the_field_cannot_have_is_an_error_in_place_too(self, reader):
        response = reader.get(EXPLORER, {"query": "count:>many"})
        assert response.status_code == 400
        assert b"<mark>" in response.content

    def test_a_name_that_is_nearly_a_field_is_asked_about(self, reader):
        SignalFactory()
        assert "Did you mean “service”?" in unescape(reader.get(EXPLORER, {"query": "servce:auth"}).content.decode())


class TestFacets:
    def test_a_click_adds_a_value_and_another_takes_it_away(self, reader):
        SignalFactory(service=ServiceFactory(name="auth"))
        ticked = next(link for link in links(reader.get(EXPLORER)) if link.endswith("query=service%3Aauth"))
        html = reader.get(ticked).content.decode()
        assert re.search(r'aria-checked="true" aria-label="auth" href="/signals/"', html)

    def test_a_facet_counts_what_else_could_be_chosen(self, reader):
        SignalFactory(severity=Severity.HIGH)
        SignalFactory(severity=Severity.LOW)
        html = reader.get(EXPLORER, {"query": "severity:high"}).content.decode()
        low = html[html.index('aria-label="Low"') :]
        assert re.search(r'facet-count">(\d+)<', low).group(1) == "1"

    def test_signal_state_is_a_facet(self, reader):
        html = reader.get(EXPLORER).content.decode()
        assert "Signal State" in html
        assert "query=%40workflow.triage.state%3Aunder_review" in html


class TestFragment:
    def test_a_refresh_gets_only_the_results(self, reader):
        SignalFactory(title="here")
        response = reader.get(EXPLORER, headers=REFRESH)
        assert titles(response) == ["here"]
        assert b"<html" not in response.content
        assert b'id="query"' not in response.content

    def test_a_history_restore_gets_the_whole_page(self, reader):
        response = reader.get(EXPLORER, headers={**REFRESH, "HX-History-Restore-Request": "true"})
        assert b"<html" in response.content

    def test_caches_are_told_that_the_two_differ(self, reader):
        assert "HX-Request" in reader.get(EXPLORER)["Vary"]


class TestCost:
    def test_fifty_rows_cost_as_many_queries_as_two(self, reader, analyst, acting, django_assert_num_queries):
        self.signals(2, acting(analyst), analyst)
        reader.get(EXPLORER)  # the index opens
        with CaptureQueriesContext(connection) as few:
            reader.get(EXPLORER)
        cost = len(few)
        self.signals(48, acting(analyst), analyst)
        reader.get(EXPLORER)  # and catches up
        with django_assert_num_queries(cost):
            reader.get(EXPLORER)
        assert cost <= 32  # on PostgreSQL a transaction, such as this test, reads its own changes anew each time

    def test_fifty_rows_leave_no_more_to_the_collector_than_two(self, reader, analyst, acting):
        """What is in a cycle waits for the collector: a dozen pages' rows, let go of in the middle of the next page."""

        def left():
            reader.get(EXPLORER)
            gc.collect()
            reader.get(EXPLORER)
            return gc.collect()

        self.signals(2, acting(analyst), analyst)
        few = left()
        self.signals(48, acting(analyst), analyst)
        assert left() < few + 48

    def signals(self, number, actor, user):
        for signal in SignalFactory.create_batch(number, attackers=["203.0.113.9", "203.0.113.8"], victims=["bob"]):
            assign(actor=actor, seen={signal.pk: 0}, users=[user])


HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{7*7}}",
    "'><img src=x onerror=alert(1)>",
    "a/../b?c#d",
]


class Markup(HTMLParser):
    """What a browser would make of it: names of the elements, and what their attributes say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_that_an_attacker_writes_becomes_markup(self, reader, text):
        harmless = Markup(self.pages(reader, "plain"))
        hostile = Markup(self.pages(reader, text))
        assert hostile.elements == harmless.elements
        assert not [name for name, _ in hostile.attributes if name.startswith("on")]
        assert not [value for _, value in hostile.attributes if value.lower().startswith("javascript:")]

    def pages(self, reader, text):
        Signal.objects.all().delete()
        signal = SignalFactory(
            title=text,
            message=text,
            env=text[:60],
            service=ServiceFactory(name=text),
            attackers=[text],
            victims=[text],
            tags=[f"note:{text}"],
            attributes={"http": {"useragent": text}},
        )
        Sample.objects.create(signal=signal, at=signal.first_seen, event={text: text})
        own = f"/signals/{signal.public_id}/"
        return "".join(reader.get(url).content.decode() for url in (EXPLORER, own, f"{own}entities/"))

    @pytest.mark.parametrize("text", HOSTILE)
    def test_every_link_made_of_it_leads_somewhere(self, reader, text):
        SignalFactory(title="here", service=ServiceFactory(name=text), attackers=[text], victims=[text])
        page = reader.get(EXPLORER)
        made = [link for link in links(page) if link.startswith(("/entities/", "/services/")) and link != "/services/"]
        assert len(made) == 3
        assert [reader.get(link).status_code for link in made] == [200, 200, 200]

    def test_an_attribute_whose_name_no_query_can_ask_for_is_shown_without_a_link(self, reader):
        signal = SignalFactory(attributes={'x"; drop': "strange"})
        html = reader.get(f"/signals/{signal.public_id}/").content.decode()
        assert "strange" in html
        assert not [link for link in links(reader.get(f"/signals/{signal.public_id}/")) if "strange" in link]

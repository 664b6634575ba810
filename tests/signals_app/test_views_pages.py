"""The signal's page and panel; services, entities and rules."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts_app.models import Team
from core_app.models import Entry
from signals_app import actions
from signals_app.models import Detection, Entity, RawItem, Sample, SignalEntity

from .factories import RuleFactory, ServiceFactory, SignalFactory, SourceFactory, add_part

pytestmark = pytest.mark.django_db

PANEL = {"HX-Request": "true", "HX-Target": "signal-panel", "HX-Boosted": "true"}
CARD = {"HX-Request": "true", "HX-Target": "hovercard"}


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def words(response) -> str:
    return unescape(response.content.decode())


class TestSignal:
    def test_has_its_sections_in_their_order(self, reader):
        html = words(reader.get(f"/signals/{SignalFactory().public_id}/"))
        assert re.findall(r"<h2[^>]*>([^<]+)</h2>", html)[:10] == [
            "What Happened",
            "Activity Summary",
            "Detection Rule",
            "Next Steps",
            "Respond",
            "Cases",
            "Incidents",
            "Sample Events",
            "Tags and attributes",
            "Activity",
        ]

    def test_one_without_words_of_its_own_is_told_from_its_data(self, reader):
        signal = SignalFactory(attackers=["203.0.113.1", "203.0.113.2"], victims=["alice"], count=7)
        html = words(reader.get(f"/signals/{signal.public_id}/"))
        assert "2 addresses set off “SQL injection attempts” 7 times on web-store (prod), with 1 user involved." in html

    def test_in_the_panel_it_is_only_the_signal(self, reader):
        response = reader.get(f"/signals/{SignalFactory(title='here').public_id}/", headers=PANEL)
        assert b"<html" not in response.content
        assert b"here" in response.content

    def test_keeps_the_explorer_that_it_was_opened_from(self, reader):
        response = reader.get(f"/signals/{SignalFactory().public_id}/", {"query": "severity:high", "range": "30d"})
        assert 'href="/signals/?query=severity%3Ahigh&range=30d"' in words(response)

    def test_markdown_of_a_rule_is_drawn_without_what_runs(self, reader):
        steps = "1. **Look**\n2. [here](javascript:alert(1)) <img src=x onerror=alert(1)>"
        signal = SignalFactory(rule=RuleFactory(key="x", next_steps=steps))
        html = reader.get(f"/signals/{signal.public_id}/").content.decode()
        assert "<strong>Look</strong>" in html
        assert 'href="javascript' not in html
        assert "<img" not in html.partition("Next Steps")[2]

    def test_samples_are_json_that_cannot_become_markup(self, reader):
        signal = SignalFactory()
        Sample.objects.create(signal=signal, at=signal.first_seen, event={"uri": "</pre><script>alert(1)</script>"})
        html = reader.get(f"/signals/{signal.public_id}/").content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html

    def test_a_tag_leads_to_the_signals_that_have_it(self, reader):
        signal = SignalFactory(tags=["zone:eu-1"])
        SignalFactory(title="other")
        assert 'href="/signals/?query=zone%3Aeu-1"' in words(reader.get(f"/signals/{signal.public_id}/"))

    def test_activity_is_told_in_words(self, reader, acting, analyst):
        signal = SignalFactory()
        actions.set_state(actor=acting(analyst), seen={signal.pk: 0}, to="archived", reason="other", comment="a test")
        html = words(reader.get(f"/signals/{signal.public_id}/activity/"))
        assert "<strong>Ana Analyst</strong> moved it from Open to Archived: Other" in html
        assert "a test" in html

    def test_a_thousand_attackers_cost_as_many_queries_as_one(self, reader, django_assert_max_num_queries):
        signal = SignalFactory(attackers=[f"2001:db8::{number:x}" for number in range(300)])
        with django_assert_max_num_queries(32):
            html = words(reader.get(f"/signals/{signal.public_id}/"))
        assert "Show all 300" in html

    def test_all_attackers_are_reached_page_by_page(self, reader):
        addresses = {f"198.51.{number // 250}.{number % 250 + 1}" for number in range(450)}  # three pages of 200
        signal = SignalFactory(attackers=sorted(addresses))
        path, found = f"/signals/{signal.public_id}/entities/", set()
        pages = [words(reader.get(f"{path}?attacker={number}")) for number in (1, 2, 3)]
        for html in pages:
            found |= set(re.findall(r"/entities/ip/([\d.]+)/", html))
        assert found == addresses
        assert ["Next" in html for html in pages] == [True, True, False]

    def test_the_activity_is_drawn_from_every_detection(self, reader):
        source = SourceFactory(name="edge", token_digest="x")
        signal = SignalFactory(source=source, count=3)
        for number, verdict in enumerate(["passed", "blocked", "blocked"]):
            item = RawItem.objects.create(source=source, key=f"k{number}", body={})
            Detection.objects.create(
                item=item, source=source, kind="sqli", signal=signal, at=signal.first_seen, facts={"verdict": verdict}
            )
        html = words(reader.get(f"/signals/{signal.public_id}/"))
        assert "<td>2</td>" in html
        assert "<td>1</td>" in html

    @pytest.mark.parametrize("public_id", ["AQAAAnothing", "%00", "..", "'"])
    def test_an_id_that_is_none_is_404(self, reader, public_id):
        assert reader.get(f"/signals/{public_id}/").status_code == 404

    def test_whoever_may_not_see_signals_gets_404(self, client, outsider):
        client.force_login(outsider)
        assert client.get(f"/signals/{SignalFactory().public_id}/").status_code == 404


class TestService:
    def test_the_card_links_page_repository_and_documentation(self, reader):
        ServiceFactory(
            name="pay",
            repository="https://git.example.test/pay",
            documentation="https://docs.example.test/pay",
            team=Team.objects.create(name="Money", handle="money"),
            on_call="#pay-oncall",
        )
        html = words(reader.get("/services/pay/card/", headers=CARD))
        for part in ("/services/pay/", "https://git.example.test/pay", "https://docs.example.test/pay", "Money"):
            assert part in html
        assert "#pay-oncall" in html
        assert "<html" not in html

    def test_an_address_that_is_not_of_the_web_is_no_link(self, reader):
        ServiceFactory(name="bad", repository="javascript:alert(1)", documentation="data:text/html,x")
        for url in ("/services/", "/services/bad/", "/services/bad/card/"):
            html = reader.get(url).content.decode()
            assert "javascript:" not in html
            assert "data:text" not in html

    def test_an_admin_edits_it_and_the_ledger_knows(self, client, admin):
        client.force_login(admin)
        service = ServiceFactory(name="pay")
        given = {"seen_version": 0, "repository": "git.example.test/pay", "on_call": "Ada"}
        assert client.post("/services/pay/edit/", given).status_code == 302
        service.refresh_from_db()
        assert (service.repository, service.on_call, service.version) == ("https://git.example.test/pay", "Ada", 1)
        entry = Entry.objects.get(verb="signals.service_edited")
        assert entry.data["on_call"] == ["", "Ada"]

    def test_a_stale_edit_keeps_the_text_and_tells_who_was_faster(self, client, admin, acting):
        client.force_login(admin)
        service = ServiceFactory(name="pay")
        actions.edit_services(actor=acting(admin), seen={service.pk: 0}, on_call="Rob")
        response = client.post("/services/pay/edit/", {"seen_version": 0, "on_call": "Ana"})
        html = words(response)
        assert response.status_code == 409
        assert 'value="Ana"' in html
        assert "Ada Admin</strong> changed “On-call contact”" in html
        assert 'name="seen_version" value="1"' in html

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp//x", "not an address"])
    def test_what_is_no_web_address_is_refused(self, client, admin, address):
        client.force_login(admin)
        ServiceFactory(name="pay")
        response = client.post("/services/pay/edit/", {"seen_version": 0, "repository": address})
        assert response.status_code == 422

    def test_analysts_may_not_edit_it(self, client, analyst):
        client.force_login(analyst)
        ServiceFactory(name="pay")
        assert client.get("/services/pay/edit/").status_code == 403
        assert client.post("/services/pay/edit/", {"on_call": "me"}).status_code == 403

    def test_unknown_fields_are_ignored(self, client, admin):
        client.force_login(admin)
        service = ServiceFactory(name="pay")
        client.post("/services/pay/edit/", {"seen_version": 0, "name": "stolen", "version": 9})
        service.refresh_from_db()
        assert service.name == "pay"


class TestEntity:
    def test_tells_what_is_known_and_what_it_did(self, reader):
        SignalFactory(title="one", attackers=["198.51.100.7", "203.0.113.7"], victims=["alice"])
        SignalFactory(title="two", attackers=["198.51.100.7"])
        html = words(reader.get("/entities/ip/198.51.100.7/"))
        assert "Threat Intelligence" in html
        assert "Security Activity" in html
        assert "Documentation range" in html
        assert "attacker in 2" in html
        assert "/entities/ip/203.0.113.7/" in html
        assert "/entities/user/alice/" in html

    def test_the_card_is_a_fragment(self, reader):
        SignalFactory(victims=["alice"])
        html = words(reader.get("/entities/user/alice/card/", headers=CARD))
        assert "victim in 1" in html
        assert "<html" not in html

    @pytest.mark.parametrize("path", ["ip/192.0.2.200", "host/x", "user/nobody"])
    def test_one_never_met_is_404(self, reader, path):
        assert reader.get(f"/entities/{path}/").status_code == 404

    def test_a_name_may_look_like_an_address_of_ours(self, reader):
        add_part(SignalFactory(), Entity.Kind.USER, "a/card", SignalEntity.Role.VICTIM)
        assert reader.get("/entities/user/a/card/card/").status_code == 200


class TestRule:
    def test_an_analyst_writes_next_steps(self, client, analyst):
        client.force_login(analyst)
        rule = RuleFactory()
        page = client.get(f"/rules/{rule.uuid}/edit/")
        assert 'value="60"' in words(page)
        given = {
            "name": rule.name,
            "severity": 3,
            "window": 90,
            "next_steps": "1. Look",
            "tags": "a, b,a",
            "seen_version": 0,
        }
        assert client.post(f"/rules/{rule.uuid}/edit/", given).status_code == 302
        rule.refresh_from_db()
        assert (rule.next_steps, rule.window, rule.tags, rule.version) == (
            "1. Look",
            timedelta(minutes=90),
            ["a", "b"],
            1,
        )

    def test_a_reader_may_not(self, client, viewer):
        client.force_login(viewer)
        rule = RuleFactory()
        assert client.post(f"/rules/{rule.uuid}/edit/", {"name": "mine"}).status_code == 403
        assert "Edit" not in words(client.get(f"/rules/{rule.uuid}/"))

    def test_the_list_counts_what_waits(self, reader):
        rule = RuleFactory()
        SignalFactory(rule=rule)
        SignalFactory(rule=rule, state="archived", archive_reason="other")
        html = words(reader.get("/rules/"))
        assert re.findall(r'<td class="num" data-label="[^"]+">(\d+)</td>', html) == ["1", "2"]


class TestTime:
    def test_is_shown_in_the_persons_zone(self, client, viewer):
        viewer.time_zone = "Asia/Tokyo"
        viewer.save()
        client.force_login(viewer)
        moment = timezone.now().replace(hour=20, minute=30, second=0) - timedelta(days=2)
        SignalFactory(first_seen=moment)
        html = words(client.get("/signals/"))
        assert "05:30:00 JST" in html
        assert "times in Asia/Tokyo" in html


class TestVersions:
    def test_a_rules_page_tells_its_versions_and_restores_one(self, client, analyst, viewer, acting):
        rule = RuleFactory(name="Before")
        actions.edit_rules(actor=acting(analyst), seen={rule.pk: 0}, name="After").one_or_raise()
        client.force_login(viewer)
        page = words(client.get(f"/rules/{rule.uuid}/"))
        assert "Versions" in page and "Ana Analyst" in page and "Restore" not in page
        path = f"/rules/{rule.uuid}/versions/0/"
        assert client.post(path).status_code == 403
        client.force_login(analyst)
        assert f'action="{path}"' in words(client.get(f"/rules/{rule.uuid}/"))
        assert client.post(path).status_code == 302
        rule.refresh_from_db()
        assert (rule.name, rule.version) == ("Before", 2)
        assert client.post(f"/rules/{rule.uuid}/versions/9/").status_code == 404

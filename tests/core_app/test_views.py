"""What machines ask: alive, ready, the figures; and the headers that every answer carries."""

import re

import pytest
from django.db import connection
from django.views.defaults import server_error
from prometheus_client.parser import text_string_to_metric_families

from accounts_app.access import system
from core_app import health, metrics
from core_app.ledger import record
from core_app.models import Entry


class TestHealth:
    def test_healthz_answers_anybody_and_asks_no_database(self, client, django_assert_num_queries, db):
        with django_assert_num_queries(0):
            answer = client.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"alive": True})

    def test_readyz_is_ready_when_every_part_is(self, client, db):
        answer = client.get("/readyz")
        assert answer.status_code == 200
        parts = {"database": "ok", "migrations": "ok", "broker": "ok", "index": "ok"}
        assert answer.json() == {"ready": True, "parts": parts}

    def test_readyz_is_not_ready_while_a_migration_is_missing(self, client, db):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'signals_app'")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert re.fullmatch(r"\d+ not applied", answer.json()["parts"]["migrations"])

    def test_readyz_is_not_ready_without_its_broker_and_does_not_say_why_to_strangers(self, client, db, settings):
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "unix:///nowhere/valkey.sock",
            }
        }
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["broker"]) == (503, "failed")
        assert b"nowhere" not in answer.content

    def test_readyz_works_with_a_real_valkey(self, client, db, settings, valkey_url):
        settings.CACHES = {
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": valkey_url}
        }
        assert client.get("/readyz").json()["parts"]["broker"] == "ok"

    def test_a_higher_floor_can_add_a_part(self, client, db, monkeypatch):
        monkeypatch.setattr(health, "_parts", dict(health._parts))
        health.part("index")(lambda: "being built")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["index"]) == (503, "being built")

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
    def test_they_are_for_reading_only_and_never_cached(self, client, db, path, settings):
        settings.TOCSIN_METRICS_TOKEN = "t" * 40
        assert client.post(path).status_code == 405
        assert "no-store" in client.get(path)["Cache-Control"]


class TestMetrics:
    TOKEN = "a-token-of-forty-characters-xxxxxxxxxxxxx"

    def test_without_a_token_in_the_settings_there_is_no_such_page(self, client, db):
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer ", TOKEN, f"Basic {TOKEN}"])
    def test_the_wrong_token_gets_nothing(self, client, db, settings, given):
        settings.TOCSIN_METRICS_TOKEN = self.TOKEN
        answer = client.get("/metrics", headers={"Authorization": given})
        assert (answer.status_code, answer.content) == (401, b"")

    def test_the_figures_are_counted_in_the_database(self, client, analyst, settings, handler):
        settings.TOCSIN_METRICS_TOKEN = self.TOKEN
        before = self.figures(client)
        handler(lambda entry: None)
        record(system("clerk"), "core.asked", analyst)
        after = self.figures(client)
        assert after["tocsin_deliveries_owed"] == before["tocsin_deliveries_owed"] + 1
        assert after["tocsin_ledger_unsealed"] == before["tocsin_ledger_unsealed"] + 1
        assert "tocsin_raw_items_pending" in after

    def test_requests_are_counted_too(self, client, db, settings):
        settings.TOCSIN_METRICS_TOKEN = self.TOKEN
        client.get("/healthz")
        assert self.figures(client)["django_http_requests_before_middlewares_total"] >= 1

    def figures(self, client) -> dict[str, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {self.TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {sample.name: sample.value for family in families for sample in family.samples}

    def test_a_higher_floor_can_add_a_figure(self, db, monkeypatch):
        monkeypatch.setattr(metrics, "_gauges", dict(metrics._gauges))
        metrics.gauge("answers", "The answer.")(lambda: 42)
        assert b"tocsin_answers 42.0" in metrics.exposition()


class TestNul:
    """PostgreSQL has no NUL character in any text: an address with one must not get as far as the database."""

    def test_in_a_path_it_names_nothing(self, client, analyst):
        client.force_login(analyst)
        assert client.get("/signals/a%00b/").status_code == 404

    @pytest.mark.parametrize("query", ["query=a%00b", "after=%00", "%00=1"])
    def test_in_a_query_it_means_nothing(self, client, analyst, query):
        client.force_login(analyst)
        assert client.get(f"/signals/?{query}").status_code == 400

    def test_the_letters_that_spell_it_are_no_harm(self, client, analyst):
        client.force_login(analyst)
        assert client.get("/signals/?query=%2500").status_code == 200


class TestHeaders:
    def test_no_inline_script_or_style_and_no_foreign_host_may_run_in_a_page(self, client, db):
        policy = client.get("/accounts/login/")["Content-Security-Policy"]
        directives = {name: values for name, *values in (part.split() for part in policy.split(";"))}
        assert directives["default-src"] == ["'none'"]
        assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == ["'self'"]
        assert directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]
        assert "unsafe" not in policy
        assert "http" not in policy

    def test_a_page_may_not_be_framed_guessed_at_or_told_of(self, client, db):
        answer = client.get("/accounts/login/")
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_every_answer_names_its_request(self, client, db):
        first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))
        assert re.fullmatch(r"[0-9a-f-]{36}", first)
        assert first != second

    def test_the_id_that_a_proxy_gave_is_kept(self, client, db):
        assert client.get("/healthz", headers={"X-Request-ID": "edge-1.42"})["X-Request-ID"] == "edge-1.42"

    @pytest.mark.parametrize("forged", ["x" * 65, "a b", "a\x1b[31m", "<script>", "é"])
    def test_one_that_could_forge_a_log_line_is_replaced(self, client, db, forged):
        answer = client.get("/healthz", headers={"X-Request-ID": forged})
        assert re.fullmatch(r"[0-9a-f-]{36}", answer["X-Request-ID"])

    def test_the_entry_of_a_change_names_the_request_that_made_it(self, client, analyst):
        client.force_login(analyst)
        answer = client.post("/account/", {"name": "Ana B", "time_zone": "UTC", "theme": "dark"})
        assert Entry.objects.latest("pk").request_id == answer["X-Request-ID"]

    def test_a_host_that_is_not_ours_is_turned_away_before_any_middleware_of_ours_has_seen_it(
        self, client, db, settings
    ):
        settings.ALLOWED_HOSTS = ["tocsin.example"]
        for path in ("/signals/", "/api/me"):
            assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_a_failure_of_ours_is_told_in_words(rf):
    answer = server_error(rf.get("/signals/"))
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()


def test_the_icon_is_where_browsers_look_for_it(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/img/tocsin.svg")
    assert "max-age" in answer["Cache-Control"]

"""Detections to signals: who belongs together, on what evidence, how bad, and in what words."""

from datetime import UTC, datetime, timedelta

import pytest

from core_app.models import Entry
from signals_app import actions
from signals_app.correlation import words
from signals_app.correlation.evidence import Evidence
from signals_app.models import (
    Detection,
    DetectionRule,
    Entity,
    RawItem,
    Sample,
    Service,
    Severity,
    Signal,
    SignalEntity,
    Source,
)
from signals_app.models.signals import ArchiveReason

from .recording import access, audit, dumped, edge, feed, login, message

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 7, tzinfo=UTC)
PAYLOAD = "Matched Data: x found within ARGS:q: {}"


@pytest.fixture
def source():
    return edge(hosts={"shop.example.test": "web-store"})


def at(minutes: float) -> dict:
    """The response of a transaction that many minutes after 07:00."""
    return {"headers": {"Date": f"{START + timedelta(minutes=minutes):%a, %d %b %Y %H:%M:%S} GMT"}}


def names(signal: Signal, role: str) -> set[str]:
    return set(signal.parts.filter(role=role).values_list("entity__value", flat=True))


class TestEvidence:
    def test_the_same_odd_search_five_times_is_one_weak_match(self, source):
        odd = [audit(number=n, rules=("920220", "942100"), client_ip="192.0.2.10") for n in range(5)]
        feed(source, dumped(*odd))
        signal = Signal.objects.get()
        assert (signal.severity, signal.correlation_key, signal.count) == (Severity.LOW, "isolated", 5)
        assert signal.title == "SQL injection: isolated matches on web-store"

    @pytest.mark.parametrize(
        "items",
        [
            [audit(rules=("942100", "942190"))],
            [audit(rules=("942100", "913100"))],
            [audit(rules=("942100",), request={"headers": {"Host": "shop.example.test", "User-Agent": "sqlmap/1.7"}})],
            [audit(messages=[message("942100"), message("949110", "Exceeded (Total Score: 15)")])],
            [audit(number=n, rules=(rule,)) for n, rule in enumerate(("942100", "942190", "942360"))],
            [audit(number=n, messages=[message("942100", data=PAYLOAD.format(n))]) for n in range(5)],
        ],
        ids=["rules agree", "scanner", "tool by name", "score", "three rules", "five payloads"],
    )
    def test_what_no_honest_client_does_makes_an_attacker(self, source, items):
        feed(source, dumped(*items))
        signal = Signal.objects.get(rule__key="sql-injection")
        assert signal.correlation_key == ""
        assert names(signal, "attacker") == {"203.0.113.99"}
        assert signal.parts.get(role="attacker").evidence["why"]

    def test_a_weak_address_stays_out_of_the_attackers_company(self, source):
        attack = [audit(number=n, client_ip="203.0.113.7") for n in range(5)]
        honest = audit(number=9, rules=("942100",), client_ip="192.0.2.10")
        feed(source, dumped(*attack, honest))
        attacked, isolated = Signal.objects.order_by("-severity")
        assert names(attacked, "attacker") == {"203.0.113.7"}
        assert names(isolated, "attacker") == {"192.0.2.10"}
        assert isolated.severity == Severity.LOW

    def test_evidence_is_remembered_from_batch_to_batch(self, source):
        feed(source, *(dumped(audit(number=n, rules=(rule,))) for n, rule in enumerate(("942100", "941100", "932160"))))
        assert Signal.objects.get(rule__key="command-injection").correlation_key == ""

    def test_evidence_is_forgotten_after_an_hour(self, source):
        feed(
            source,
            *(
                dumped(audit(number=n, rules=(rule,), response=at(n * 70)))
                for n, rule in enumerate(("942100", "941100", "932160"))
            ),
        )
        assert set(Signal.objects.values_list("correlation_key", flat=True)) == {"isolated"}

    def test_it_stays_small(self):
        evidence = Evidence()
        for n in range(1000):
            evidence.add({"attack_rules": [str(n)], "digest": str(n), "extracts": True})
        assert max(len(evidence.rules), len(evidence.payloads), len(evidence.extractions)) <= 20


class TestSeverity:
    def answered(self, status, count=1, **changes):
        return [audit(number=n, response={"http_code": status, **at(n / 60)}, **changes) for n in range(count)]

    @pytest.mark.parametrize(
        ("status", "count", "severity"),
        [(404, 9, Severity.MEDIUM), (200, 2, Severity.MEDIUM), (200, 3, Severity.HIGH), (500, 3, Severity.HIGH)],
    )
    def test_is_about_how_it_was_answered(self, source, status, count, severity):
        feed(source, dumped(*self.answered(status, count, rules=("932100", "932160"))))
        assert Signal.objects.get(rule__key="command-injection").severity == severity

    def test_is_low_while_all_is_blocked_and_rises_when_one_gets_through(self, source):
        blocked = self.answered(403, 5, rules=("932100", "932160", "949110"), producer={"secrules_engine": "Enabled"})
        feed(source, dumped(*blocked))
        signal = Signal.objects.get()
        assert signal.severity == Severity.LOW
        feed(source, dumped(*(audit(number=n, rules=("932100", "932160")) for n in range(50, 53))))
        signal.refresh_from_db()
        assert signal.severity == Severity.HIGH

    def test_never_falls(self, source):
        feed(source, dumped(*self.answered(200, 3)))
        feed(source, dumped(audit(number=99, response={"http_code": 404})))
        assert Signal.objects.get().severity == Severity.HIGH

    def test_is_critical_when_an_answer_to_an_attack_leaks(self, source):
        feed(source, dumped(audit(rules=("942100", "942190", "951240"))))
        assert Signal.objects.get(rule__key="data-leak").severity == Severity.CRITICAL

    def test_a_lone_odd_answer_is_no_critical_leak(self, source):
        feed(source, dumped(audit(rules=("951240",))))
        assert Signal.objects.get().severity == Severity.LOW

    def test_is_critical_when_the_database_is_being_read(self, source):
        reads = [
            audit(number=n, messages=[message("942100"), message("942190", data=PAYLOAD.format(f"UNION SELECT {n}"))])
            for n in range(5)
        ]
        for n, body in enumerate(reads):
            body["transaction"]["messages"][0]["details"]["data"] = PAYLOAD.format(f"UNION SELECT {n}")
        feed(source, dumped(*reads[:4]))
        assert Signal.objects.get().severity == Severity.HIGH
        feed(source, dumped(reads[4]))
        assert Signal.objects.get().severity == Severity.CRITICAL


class TestWindow:
    def test_closes_after_an_hour_of_quiet(self, source):
        feed(source, dumped(audit(number=1)), dumped(audit(number=2, response=at(59))))
        assert Signal.objects.count() == 1
        feed(source, dumped(audit(number=3, response=at(59 + 61))))
        assert sorted(Signal.objects.values_list("count", flat=True)) == [1, 2]

    def test_takes_in_what_comes_late(self, source):
        feed(source, dumped(audit(number=1, response=at(30))), dumped(audit(number=2)))
        signal = Signal.objects.get()
        assert (signal.count, signal.first_seen, signal.last_seen) == (2, START, START + timedelta(minutes=30))

    def test_services_families_and_environments_do_not_mix(self, source):
        other_service = audit(number=2, request={"headers": {"Host": "api.example.test"}})
        other_family = audit(number=3, rules=("941100", "941110"))
        feed(source, dumped(audit(number=1), other_service, other_family))
        assert Signal.objects.count() == 3

    def test_what_comes_after_archiving_is_a_new_story(self, source, acting, analyst):
        feed(source, dumped(audit(number=1)))
        signal = Signal.objects.get()
        actions.set_state(
            actor=acting(analyst), seen={signal.pk: None}, to="archived", reason=ArchiveReason.FALSE_POSITIVE
        )
        Signal.objects.update(state_changed_at=START + timedelta(minutes=5))
        feed(source, dumped(audit(number=2, response=at(1)), audit(number=3, response=at(10))))
        assert list(Signal.objects.order_by("pk").values_list("state", "count")) == [("archived", 2), ("open", 1)]


class TestGrowth:
    def test_never_touches_the_version(self, source):
        feed(source, dumped(audit(number=1)), dumped(audit(number=2, client_ip="203.0.113.8")))
        assert Signal.objects.get().version == 0

    def test_is_ledgered_once_per_batch_and_only_for_news(self, source):
        feed(source, dumped(audit(number=1)), dumped(audit(number=2)))
        assert Entry.objects.filter(verb="signals.created").count() == 1
        assert not Entry.objects.filter(verb="signals.correlated").exists()  # a count is no news
        feed(source, dumped(*(audit(number=n, client_ip="203.0.113.8") for n in range(3, 9))))
        entry = Entry.objects.get(verb="signals.correlated")
        assert entry.data["severity"] == ["medium", "high"]
        assert entry.data["attackers"] == {"joined": ["203.0.113.8"], "count": 1}
        assert entry.data["title"] == [
            "SQL injection on web-store from 203.0.113.99",
            "SQL injection on web-store from 2 addresses",
        ]

    def test_keeps_the_ten_newest_samples(self, source):
        feed(source, *(dumped(*(audit(number=n, response=at(n)) for n in range(k, k + 6))) for k in (0, 6, 12)))
        signal = Signal.objects.get()
        assert signal.count == 18
        times = sorted(Sample.objects.filter(signal=signal).values_list("at", flat=True))
        assert times == [START + timedelta(minutes=n) for n in range(8, 18)]

    def test_sums_up_what_was_asked_and_answered(self, source):
        feed(source, dumped(audit(number=1)), dumped(audit(number=2, response={"http_code": 500})))
        attributes = Signal.objects.get().attributes
        assert attributes["http"]["url_details"]["path"] == ["/search"]
        assert attributes["http"]["status_code"] == [200, 500]
        assert attributes["appsec"]["rule_id"] == ["942100", "942190"]
        assert attributes["activity"]["statuses"] == [["200", 1], ["500", 1]]

    def test_stays_small_whatever_is_sent(self, source):
        many = [audit(number=n, request={"uri": f"/{n}", "headers": {"User-Agent": f"a{n}"}}) for n in range(120)]
        feed(source, dumped(*many))
        activity = Signal.objects.get().attributes["activity"]
        assert {len(values) for name, values in activity.items() if name in ("paths", "user_agents")} == {50}

    def test_a_new_signal_goes_to_the_team_of_its_service(self, source, responder):
        team = responder.teams.get()
        Service.objects.create(name="web-store", team=team)
        feed(source, dumped(audit()))
        assert Signal.objects.get().team == team

    def test_a_rule_that_is_switched_off_makes_no_signal_but_its_detections_are_kept(self, source):
        feed(source, dumped(audit(number=1)))
        DetectionRule.objects.update(is_enabled=False)
        Signal.objects.all().delete()
        feed(source, dumped(audit(number=2)))
        assert (Signal.objects.count(), Detection.objects.count()) == (0, 2)

    def test_what_happened_is_told_in_words(self, source):
        feed(source, dumped(audit(number=1), audit(number=2, response={"http_code": 500})))
        assert Signal.objects.get().message.startswith(
            "203.0.113.99 sent 2 requests with SQL in their parameters to web-store (prod), "
            "on 22 November 2026 at 07:00 UTC. All went to /search. Answers: 1 × 200, 1 × 500; none was blocked."
        )

    def test_free_text_meets_title_and_message_casefolded(self, source):
        feed(source, dumped(audit()))
        assert "sql injection on web-store" in Signal.objects.get().search_text

    def test_words_of_attackers_cannot_fill_in_templates(self):
        filled = words.title("On $service", service="$attackers ${x} {0}", attackers=["1.2.3.4"], users=[], count=1)
        assert filled == "On $attackers ${x} {0}"


class TestEntities:
    def test_a_country_is_known_for_registered_addresses_only(self, source):
        feed(source, dumped(audit(number=1, client_ip="8.8.8.8"), audit(number=2)))
        countries = dict(Entity.objects.values_list("value", "country"))
        assert countries == {"8.8.8.8": "US", "203.0.113.99": ""}

    def test_they_remember_when_they_were_seen(self, source):
        feed(source, dumped(audit(number=1, response=at(5))), dumped(audit(number=2)))
        entity = Entity.objects.get()
        assert (entity.first_seen, entity.last_seen) == (START, START + timedelta(minutes=5))


class TestLogins:
    def stuffing(self, addresses=3, users=3):
        return [
            login(100 * a + u, f"198.51.100.{a}", f"user{u}", response=at((100 * a + u) / 600))
            for a in range(addresses)
            for u in range(users)
        ]

    def test_few_failures_over_many_users_from_several_addresses_are_stuffing(self, source):
        feed(source, dumped(*self.stuffing()))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.severity, signal.count) == ("credential-stuffing", Severity.HIGH, 9)
        assert names(signal, "attacker") == {f"198.51.100.{n}" for n in range(3)}
        assert names(signal, "victim") == {"user0", "user1", "user2"}

    def test_it_is_found_however_the_events_are_batched(self, source):
        feed(source, *(dumped(body) for body in self.stuffing()))
        assert Signal.objects.get().count == 9

    def test_one_address_with_few_users_is_not(self, source):
        feed(source, dumped(*self.stuffing(addresses=2)))
        assert not Signal.objects.exists()

    def test_one_address_with_many_users_is(self, source):
        feed(source, dumped(*self.stuffing(addresses=1, users=10)))
        assert Signal.objects.get().rule.key == "credential-stuffing"

    def test_somebody_who_mistypes_meanwhile_is_no_attacker(self, source):
        feed(source, dumped(*self.stuffing(), login(9999, "192.0.2.10", "user0")))
        assert "192.0.2.10" not in names(Signal.objects.get(), "attacker")

    def test_many_failures_at_one_user_are_guessing(self, source):
        feed(source, *(dumped(login(n, "203.0.113.60", "alice")) for n in range(12)))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.count) == ("password-brute-force", 12)
        assert signal.title == "Password guessing against alice on web-store"

    def test_nine_failures_are_not(self, source):
        feed(source, dumped(*(login(n, "203.0.113.60", "alice") for n in range(9))))
        assert not Signal.objects.exists()

    def test_a_guesser_of_one_user_is_not_at_once_the_guesser_of_another(self, source):
        feed(source, dumped(*(login(n, "203.0.113.60", "alice") for n in range(12)), login(99, "203.0.113.60", "bob")))
        assert names(Signal.objects.get(), "victim") == {"alice"}

    @pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
    def test_a_login_by_such_an_address_is_critical_before_or_after(self, source, first):
        taken = login(9999, "198.51.100.1", "carol", ok=True)
        batches = [dumped(taken), dumped(*self.stuffing())]
        feed(source, *(batches if first else reversed(batches)))
        signal = Signal.objects.get(rule__key="login-after-attack")
        assert signal.severity == Severity.CRITICAL
        assert (names(signal, "attacker"), names(signal, "victim")) == ({"198.51.100.1"}, {"carol"})

    def test_somebody_elses_login_is_not(self, source):
        feed(source, dumped(*self.stuffing(), login(9999, "192.0.2.10", "user0", ok=True)))
        assert not Signal.objects.filter(rule__key="login-after-attack").exists()

    def test_an_hour_apart_they_do_not_add_up(self, source):
        bodies = [login(n, "203.0.113.60", "alice", response=at(n * 5)) for n in range(12)]
        feed(source, *(dumped(body) for body in bodies))
        assert not Signal.objects.exists()


class TestPaths:
    def missing(self, count, log=access, **changes):
        return [log(number=n, uri=f"/hidden{n}", status=404, user="", **changes) for n in range(count)]

    def test_twenty_different_missing_paths_are_a_word_list(self, source):
        feed(source, dumped(*self.missing(19)))
        assert not Signal.objects.exists()
        feed(source, dumped(access(number=50, uri="/one-more", status=404)))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.count, signal.severity) == ("path-brute-force", 20, Severity.LOW)

    def test_a_broken_link_followed_often_is_none(self, source):
        often = (access(number=n, uri="/favicon.ico", status=404, msec=f"{1795330800 + n * 3}") for n in range(60))
        feed(source, dumped(*often))
        assert not Signal.objects.exists()

    def test_both_logs_of_one_request_count_once(self, source):
        lines = self.missing(25)
        told = [
            audit(number=n, rules=(), response={"http_code": 404}, request={"uri": f"/hidden{n}"}) for n in range(25)
        ]
        feed(source, dumped(*lines), dumped(*told))
        assert Signal.objects.get().count == 25


class TestLoad:
    def test_the_same_request_over_and_over_is_a_flood(self, source):
        feed(source, dumped(*(access(number=n, uri="/", user="") for n in range(100))))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.count, signal.severity) == ("request-flood", 100, Severity.LOW)

    @pytest.mark.parametrize(
        "one",
        [
            lambda n: access(number=n, uri=f"/{n}"),
            lambda n: access(number=n, uri="/", client_ip=f"192.0.2.{n}"),
            lambda n: access(number=n, uri="/", msec=f"{1795330800 + n * 5}"),
            lambda n: access(number=n, uri="/", method="POST"),
        ],
        ids=["different requests", "different clients", "slowly", "posts"],
    )
    def test_other_load_is_not(self, source, one):
        feed(source, dumped(*map(one, range(100))))
        assert not Signal.objects.exists()

    def test_fifty_parameters_at_once_are_a_search_for_hidden_ones(self, source):
        feed(source, dumped(access(uri="/?" + "&".join(f"p{n}=1" for n in range(50)))))
        assert Signal.objects.get().rule.key == "parameter-brute-force"

    def test_a_form_with_many_fields_is_not(self, source):
        feed(source, dumped(access(uri="/?" + "&".join(f"p{n % 20}=1" for n in range(60)))))
        assert not Signal.objects.exists()


class TestTwoLogs:
    def test_a_late_access_line_adds_the_victim(self, source):
        feed(source, dumped(audit()))
        assert names(Signal.objects.get(), "victim") == set()
        feed(source, dumped(access()))
        signal = Signal.objects.get()
        assert (names(signal, "victim"), signal.count) == ({"alice"}, 1)
        assert "Users: alice." in signal.message
        assert Entry.objects.filter(verb="signals.correlated").get().data["victims"]["joined"] == ["alice"]

    @pytest.mark.parametrize("together", [True, False])
    def test_an_early_one_as_well(self, source, together):
        batches = [dumped(access(), audit())] if together else [dumped(access()), dumped(audit())]
        feed(source, *batches)
        assert names(Signal.objects.get(), "victim") == {"alice"}

    def test_a_late_line_counts_its_victim_once(self, source):
        feed(source, dumped(audit()), dumped(access()), dumped(access()))
        assert SignalEntity.objects.get(role="victim").count == 1

    def test_failed_logins_add_up_when_their_users_come_late(self, source):
        told = [message("10012", "API login failure", "users.login.failure usr.login=")]
        pairs = [(a, u) for a in range(5) for u in range(5)]
        failures = [
            audit(number=n, client_ip=f"198.51.100.{a}", messages=told, response={"http_code": 401})
            for n, (a, _) in enumerate(pairs)
        ]
        late = [access(number=n, client_ip=f"198.51.100.{a}", user=f"user{u}") for n, (a, u) in enumerate(pairs)]
        feed(source, dumped(*failures))
        assert not Signal.objects.exists()
        feed(source, dumped(*late))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.count, len(names(signal, "attacker"))) == ("credential-stuffing", 25, 5)

    def test_the_service_of_a_host_is_learned_and_what_was_filed_under_the_host_moves(self):
        source = edge()
        feed(source, dumped(audit(number=1)))
        assert Signal.objects.get().service.name == "shop.example.test"
        feed(source, dumped(access(number=2)))
        signal = Signal.objects.get()
        assert (signal.service.name, signal.title) == ("web-store", "SQL injection on web-store from 203.0.113.99")
        feed(source, dumped(audit(number=3)))
        assert (Signal.objects.get().count, Service.objects.count()) == (2, 1)

    def test_a_block_at_the_edge_is_told_as_information(self, source):
        feed(source, dumped(access(status=403, edge_block="blk-0001")))
        signal = Signal.objects.get()
        assert (signal.rule.key, signal.severity) == ("edge-blocked", Severity.INFO)


class TestSensors:
    @pytest.fixture
    def source(self):
        return Source.objects.create(name="edr", format="tocsin")

    def event(self, n=1, **changes):
        return {
            "id": str(n),
            "timestamp": "2026-11-22T07:00:00Z",
            "rule": {"name": "Odd login", "severity": "medium", "meaning": "Somebody somewhere"},
            "title": "Odd login of alice",
            "service": "vpn",
            "attackers": ["198.51.100.9"],
            "victims": ["alice"],
            "tags": ["site:berlin"],
            "attributes": {"device": "laptop"},
        } | changes

    def test_their_verdict_stands_and_the_rule_is_written_down(self, source):
        feed(source, dumped(self.event()))
        signal = Signal.objects.get()
        assert (signal.title, signal.severity, signal.attributes) == (
            "Odd login of alice",
            Severity.MEDIUM,
            {"device": "laptop"},
        )
        assert signal.rule.meaning == "Somebody somewhere"
        assert set(signal.tags.values_list("text", flat=True)) == {"site:berlin"}
        assert Entry.objects.filter(verb="signals.rule_created").count() == 1

    def test_several_in_a_day_are_one_signal_whose_severity_only_rises(self, source):
        feed(source, dumped(self.event(1)), dumped(self.event(2, severity="high")), dumped(self.event(3)))
        signal = Signal.objects.get()
        assert (signal.count, signal.severity) == (3, Severity.HIGH)

    def test_their_correlation_key_keeps_stories_apart(self, source):
        feed(source, dumped(self.event(1, correlation_key="a"), self.event(2, correlation_key="b")))
        assert Signal.objects.count() == 2

    def test_attributes_with_our_names_do_no_harm(self, source):
        hostile = {"activity": {"paths": "x"}, "http": 3}
        feed(source, dumped(self.event(1, attributes=hostile)), dumped(self.event(2, attributes=hostile)))
        assert Signal.objects.get().count == 2

    def test_attributes_stay_small_however_many_events_bring_some(self, source):
        events = [self.event(n, attributes={f"blob{n}": "x" * 20_000}) for n in range(1, 6)]
        feed(source, dumped(*events))
        assert list(Signal.objects.get().attributes) == ["blob1", "blob2", "blob3"]

    def test_a_rule_key_of_ours_is_not_theirs_to_use(self, source):
        feed(source, dumped(self.event(rule={"key": "sql-injection", "name": "Mine"})))
        assert RawItem.objects.get().state == "done"
        assert Signal.objects.get().rule.key == "tocsin-sql-injection"

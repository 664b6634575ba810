"""The formats: every trap of the sensors, one by one."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals_app import intake
from signals_app.sources import FORMATS, crs
from signals_app.sources.reading import SourceSettings, Unreadable
from signals_app.sources.tools import tool_of

from .recording import ACCESS, AUDIT, access, audit, lines, login, message

MODSECURITY, TOCSIN = FORMATS["modsecurity3"], FORMATS["tocsin"]
SHOP = SourceSettings(env="prod", hosts={"shop.example.test": "web-store"})


def read(body, settings=SHOP, partner=None):
    return MODSECURITY.read(body, settings, partner).findings


def kinds(body, **kwargs):
    return [finding.kind for finding in read(body, **kwargs)]


class TestModSecurityTraps:
    def test_bytes_that_are_not_utf8_are_read(self):
        spoiled = [line for line in lines(AUDIT) if not _is_utf8(line)]
        assert len(spoiled) == 51
        for line in spoiled:
            MODSECURITY.read(intake.read_line(line), SHOP)

    def test_every_line_of_the_recording_is_read(self):
        for name in (AUDIT, ACCESS):
            for line in lines(name):
                MODSECURITY.read(intake.read_line(line), SHOP)

    def test_the_time_is_the_answers_date_and_not_the_local_clock(self):
        body = audit(time_stamp="Sun Nov 22 03:30:00 2026")  # America/St_Johns
        assert read(body)[0].at == datetime(2026, 11, 22, 7, tzinfo=UTC)

    def test_without_a_date_the_clock_is_that_of_the_sources_zone(self):
        body = audit(time_stamp="Sun Nov 22 03:30:00 2026", response={"headers": {}})
        settings = SourceSettings(time_zone=ZoneInfo("America/St_Johns"))
        assert read(body, settings)[0].at == datetime(2026, 11, 22, 7, tzinfo=UTC)

    def test_a_date_that_the_application_made_up_is_not_believed(self):
        body = audit(response={"headers": {"Date": "Sat, 01 Jan 2000 00:00:00 GMT"}})
        assert read(body)[0].at == datetime(2026, 11, 22, 7, tzinfo=UTC)

    def test_the_joined_access_line_tells_the_millisecond(self):
        assert read(audit(), partner=access())[0].at.microsecond == 250_000

    def test_a_transaction_without_any_time_is_unreadable(self):
        with pytest.raises(Unreadable, match="no time"):
            read(audit(time_stamp="soon", response={"headers": {}}))

    def test_rules_without_tags_are_filled_in_from_the_catalogue(self):
        assert crs.tags_of("942100") and "attack-sqli" in crs.tags_of("942100")
        assert kinds(audit(rules=("942100",))) == ["sql-injection"]

    def test_an_own_rule_joins_the_family_of_its_tag(self):
        body = audit(messages=[message("10500", tags=["attack-xss"])])
        assert kinds(body) == ["cross-site-scripting"]

    def test_score_rules_are_no_findings(self):
        body = audit(
            messages=[message("949110", "Inbound Anomaly Score Exceeded (Total Score: 15)"), message("980130")]
        )
        assert kinds(body) == []

    def test_the_score_is_read_from_the_score_rule(self):
        body = audit(
            messages=[message("942100"), message("949110", "Inbound Anomaly Score Exceeded (Total Score: 15)")]
        )
        assert read(body)[0].facts["score"] == 15

    def test_severity_zero_means_unset_and_is_no_emergency(self):
        body = audit(messages=[message("200003", severity="0")])
        (finding,) = read(body)
        assert (finding.kind, finding.severity) == ("protocol-violation", None)

    def test_a_rule_that_matches_twice_counts_once(self):
        body = audit(rules=("930110", "930110"))
        assert read(body)[0].facts["attack_rules"] == ["930110"]

    def test_a_transaction_without_messages_is_read_and_shows_nothing(self):
        assert kinds(audit(rules=(), response={"http_code": 500})) == []

    @pytest.mark.parametrize("header", ["Host", "host", "HOST"])
    def test_header_names_keep_their_clients_case(self, header):
        body = audit(request={"headers": {header: "Shop.Example.Test:8080"}})
        assert read(body)[0].service == "web-store"

    def test_a_request_without_a_host_still_counts(self):
        body = audit(request={"headers": {}})
        assert read(body)[0].service == ""

    def test_a_host_that_is_none_names_no_service(self):
        body = audit(request={"headers": {"Host": "'; drop table--"}})
        assert read(body)[0].service == ""

    def test_a_repeated_header_is_read(self):
        line = json.dumps(audit()).replace('"Host"', '"Host": "shop.example.test", "Host"')
        assert read(intake.read_line(line.encode()))[0].service == "web-store"

    def test_blocked_is_engine_on_and_403_and_the_score_rule(self):
        engine_on = {"secrules_engine": "Enabled"}
        blocked = audit(rules=("942100", "949110"), response={"http_code": 403}, producer=engine_on)
        assert read(blocked)[0].facts["verdict"] == "blocked"

    @pytest.mark.parametrize(
        ("status", "engine", "rules"),
        [
            (200, "Enabled", ("942100", "949110")),
            (403, "DetectionOnly", ("942100", "949110")),
            (403, "Enabled", ("942100",)),
        ],
    )
    def test_less_than_that_is_not_blocked(self, status, engine, rules):
        body = audit(rules=rules, response={"http_code": status}, producer={"secrules_engine": engine})
        assert read(body)[0].facts["verdict"] == "passed"

    def test_the_default_transaction_id_is_a_name_too(self):
        assert MODSECURITY.name(audit(unique_id="179533245921.739798")) == "audit:179533245921.739798"

    def test_an_ipv6_client_is_spelled_canonically(self):
        assert read(audit(client_ip="2001:0db8:0000::0077"))[0].attackers == ("2001:db8::77",)

    def test_an_ipv4_mapped_client_is_its_ipv4_address(self):
        assert read(audit(client_ip="::ffff:203.0.113.5"))[0].attackers == ("203.0.113.5",)

    def test_the_user_comes_from_the_joined_access_line(self):
        assert read(audit(), partner=access(user="bob"))[0].victims == ("bob",)

    def test_what_an_attacker_types_as_a_name_is_no_user(self):
        assert read(audit(), partner=access(user="alice' OR 1=1--"))[0].victims == ()


class TestFamilies:
    @pytest.mark.parametrize(
        ("rules", "kind"),
        [
            (("942100", "933160", "933210"), "sql-injection"),  # libinjection parses, the others search
            (("930100", "930110", "930120", "932160"), "path-traversal"),
            (("931100",), "remote-file-inclusion"),
            (("932160",), "command-injection"),
            (("933100",), "php-injection"),
            (("934100",), "nodejs-injection"),
            (("944100",), "java-injection"),
            (("943120",), "session-fixation"),
            (("942100", "951240"), "data-leak"),
            (("955100",), "web-shell"),
            (("912120",), "denial-of-service"),
            (("921110", "920180"), "protocol-attack"),
            (("920180", "911100"), "protocol-violation"),
        ],
    )
    def test_a_request_counts_for_the_family_that_most_of_its_rules_speak_for(self, rules, kind):
        assert kinds(audit(rules=rules)) == [kind]

    def test_a_scanner_that_names_itself_is_a_finding_of_its_own(self):
        told = message("913100", data="Matched Data: sqlmap found within REQUEST_HEADERS:User-Agent: sqlmap/1.7")
        findings = read(audit(messages=[message("942100"), told]))
        assert [finding.kind for finding in findings] == ["sql-injection", "security-scanner"]
        assert findings[1].facts["tool"] == "sqlmap"

    def test_a_failed_login_names_its_user(self):
        (finding,) = read(login(1, "203.0.113.60", "alice"))
        assert (finding.kind, finding.victims) == ("login-failure", ("alice",))

    def test_an_api_login_that_names_nobody_takes_the_user_of_the_body(self):
        told = message("10012", "API login failure", "users.login.failure usr.login=")
        body = audit(messages=[told], request={"body": '{"username": "bob", "password": "[redacted]"}'})
        assert read(body)[0].victims == ("bob",)

    def test_a_failed_login_that_carries_an_attack_guesses_no_password(self):
        told = message("10010", "Login failure", "users.login.failure usr.login=alice")
        assert kinds(audit(messages=[message("942100"), told])) == ["sql-injection"]

    def test_a_404_is_a_missing_path(self):
        assert kinds(audit(rules=(), response={"http_code": 404})) == ["missing-path"]


class TestAccessLines:
    def test_an_ordinary_request_shows_nothing(self):
        assert kinds(access()) == []

    def test_a_tool_that_the_firewall_does_not_know_is_named(self):
        assert read(access(ua="ApacheBench/2.3"))[0].facts["tool"] == "ApacheBench"

    def test_a_request_that_the_edge_block_stopped_is_only_that(self):
        line = access(status=403, edge_block="blk-0001", ua="sqlmap/1.7")
        (finding,) = read(line)
        assert (finding.kind, finding.facts["verdict"], finding.facts["block"]) == (
            "edge-blocked",
            "blocked",
            "blk-0001",
        )

    def test_line_and_transaction_are_partners(self):
        assert MODSECURITY.partner(access()) == MODSECURITY.name(audit())
        assert MODSECURITY.partner(audit()) == MODSECURITY.name(access())

    def test_without_a_request_id_a_line_has_no_name(self):
        assert MODSECURITY.name(access(request_id="")) == ""

    @pytest.mark.parametrize(
        "agent", ["curl/8.5", "Go-http-client/1.1", "python-requests/2.32", "Mozilla/5.0 Hydrangea"]
    )
    def test_general_clients_are_no_tools(self, agent):
        assert tool_of(agent) == ""


class TestTocsin:
    EVENT = {
        "id": "42",
        "timestamp": "2026-11-22T07:00:00Z",
        "rule": {
            "key": "edr-mimikatz",
            "name": "Credential dumping",
            "severity": "high",
            "tactic": "TA0006 Credential Access",
        },
        "title": "Mimikatz on host-7",
        "message": "lsass was read",
        "service": "payroll",
        "env": "prod",
        "host": "host-7.example.test",
        "attackers": ["198.51.100.9"],
        "victims": ["alice"],
        "tags": ["team:it"],
        "attributes": {"process": {"name": "mimikatz.exe"}},
    }

    def one(self, **changes):
        (finding,) = TOCSIN.read(self.EVENT | changes, SHOP).findings
        return finding

    def test_an_event_is_read_whole(self):
        finding = self.one()
        assert (finding.rule.key, finding.severity, finding.service, finding.env) == (
            "edr-mimikatz",
            3,
            "payroll",
            "prod",
        )
        assert (finding.attackers, finding.victims, finding.tags) == (("198.51.100.9",), ("alice",), ("team:it",))
        assert TOCSIN.name(self.EVENT) == "id:42"

    def test_its_own_severity_goes_before_the_rules(self):
        assert self.one(severity="critical").severity == 4

    def test_a_rule_that_says_nothing_of_its_severity_has_the_items(self):
        assert self.one(rule={"name": "Odd login"}, severity="critical").rule.severity == 4

    def test_a_rule_may_be_a_bare_name(self):
        assert self.one(rule="Odd login").rule.key == "odd-login"

    def test_a_time_in_milliseconds_is_read(self):
        assert self.one(timestamp=1795330800000).at == datetime(2026, 11, 22, 7, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"rule": None}, "rule"),
            ({"timestamp": "2026-11-22T07:00:00"}, "no time zone"),
            ({"timestamp": None}, "timestamp"),
            ({"timestamp": "yesterday"}, "is no time"),
            ({"timestamp": 1e300}, "is no time"),
            ({"timestamp": "0001-01-01T00:00:00+14:00"}, "calendar|cannot be meant"),
            ({"severity": "urgent"}, "is no severity"),
            ({"attackers": ["nobody"]}, "no IP address"),
            ({"attackers": "203.0.113.1"}, "not a list"),
            ({"attributes": {"blob": "x" * 40_000}}, "at most 32,768"),
            ({"tags": ["x" * 5] * 1 + [str(n) for n in range(60)]}, "more than 50"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_a_sentence(self, changes, why):
        with pytest.raises(Unreadable, match=why):
            self.one(**changes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "transaction",
    "request",
    "response",
    "headers",
    "messages",
    "details",
    "client_ip",
    "request_id",
    "msec",
    "uri",
]
NAMES += [
    "time",
    "timestamp",
    "rule",
    "severity",
    "attackers",
    "tags",
    "http_code",
    "time_stamp",
    "status",
    "ua",
    "data",
]
EVENTS = st.dictionaries(
    st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5), max_size=8
)


@pytest.mark.parametrize("name", FORMATS)
@given(body=EVENTS)
def test_any_object_is_read_or_refused_and_nothing_else(name, body):
    reader = FORMATS[name]
    assert len(reader.name(body)) <= 128
    try:
        for finding in reader.read(body, SHOP).findings:
            assert finding.at.tzinfo is not None
    except Unreadable as problem:
        assert str(problem)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True

"""Signals as files: all that match, nothing that a spreadsheet would run, written down, never held at once."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core_app.models import Entry
from search_app.explorer import export as exporting
from search_app.explorer.export import CHUNK, harmless
from signals_app.explorer import EXPLORER
from signals_app.exporting import CELLS
from signals_app.models import Severity, Signal

from .factories import RuleFactory, ServiceFactory, SignalFactory, SourceFactory

pytestmark = pytest.mark.django_db

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
]


@pytest.fixture
def reader(client, viewer):
    client.force_login(viewer)
    return client


def export(client, format="csv", **address) -> str:
    answer = client.post(f"/signals/export/{query(address)}", {"format": format})
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def query(address) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in address.items()) if address else ""


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline="")))


def many(number: int) -> None:
    rule, source, service = RuleFactory(), SourceFactory(), ServiceFactory()
    now = timezone.now()
    Signal.objects.bulk_create(
        Signal(
            rule=rule,
            source=source,
            service=service,
            correlation_key="k",
            title=f"number {n}",
            severity=Severity.HIGH,
            first_seen=now - timedelta(seconds=n // 3),
            last_seen=now,
        )
        for n in range(number)
    )


class TestCsv:
    def test_has_the_columns_that_are_shown_in_their_order(self, reader):
        SignalFactory(title="here", host="web-1", attributes={"http": {"status": 404}})
        rows = cells(export(reader, cols="host,title,@http.status"))
        assert rows == [["Host", "Title", "http.status"], ["web-1", "here", "404"]]

    def test_says_service_and_env_attackers_and_users_apart(self, reader):
        SignalFactory(env="prod", attackers=["203.0.113.1", "203.0.113.2"], victims=["alice"])
        heads, row = cells(export(reader, cols="service,entities"))
        assert heads == ["Service", "Env", "Attackers", "Users"]
        assert row == ["web-store", "prod", "203.0.113.1; 203.0.113.2", "alice"]

    def test_is_in_the_order_of_the_list(self, reader):
        for title in ("b", "c", "a"):
            SignalFactory(title=title)
        assert cells(export(reader, cols="title", column="title", order="asc"))[1:] == [["a"], ["b"], ["c"]]

    def test_has_only_what_matches(self, reader):
        SignalFactory(title="kept", severity=Severity.HIGH)
        SignalFactory(title="left out", severity=Severity.LOW)
        SignalFactory(title="too old", severity=Severity.HIGH, first_seen=timezone.now() - timedelta(days=20))
        assert cells(export(reader, cols="title", query="severity:high"))[1:] == [["kept"]]

    @pytest.mark.parametrize("text", FORMULAS)
    def test_no_cell_begins_as_a_formula(self, reader, text):
        SignalFactory(
            title=text, host=text, env=text, tags=[text], attackers=[text], victims=[text], attributes={"a": text}
        )
        names = ",".join(column.name for column in EXPLORER.columns)
        heads, row = cells(export(reader, cols=f"{names},@a"))
        assert [cell for cell in (*heads, *row) if harmless(cell) != cell] == []
        assert sum(cell == f"'{text}" for cell in row) >= 6

    @pytest.mark.parametrize("text", ["SQL injection", "a=b", "1-2", "", "a\tb", "'quoted'", "2026-11-23T05:37:00Z"])
    def test_what_is_no_formula_stays_as_it_is(self, text):
        assert harmless(text) == text

    def test_a_cell_stays_one_cell_whatever_is_in_it(self, reader):
        text = 'a"; =1+1, "b"\n=2+2;=3'
        SignalFactory(title=text)
        answer = export(reader, cols="title,host")
        assert cells(answer)[1] == [text, ""]
        assert answer.splitlines()[1].startswith('"a""; =1+1')

    def test_every_column_of_the_list_has_cells(self):
        assert {column.name for column in EXPLORER.columns} == CELLS.keys()


class TestNdjson:
    def test_has_all_that_is_known_one_signal_a_line(self, reader, analyst):
        signal = SignalFactory(
            title="a\nb \u2028 c",
            message="What happened",
            attackers=["203.0.113.1"],
            victims=["alice"],
            tags=["team:shop"],
            attributes={"http": {"status": 404}},
        )
        signal.assignments.create(user=analyst)
        lines = export(reader, "ndjson").split("\n")
        assert lines[1:] == [""]
        facts = json.loads(lines[0])
        assert facts["id"] == signal.public_id
        assert facts["title"] == signal.title
        assert facts["message"] == "What happened"
        assert facts["attackers"] == [{"ip": "203.0.113.1", "country": None}]
        assert facts["users"] == ["alice"]
        assert facts["assignees"] == [analyst.email]
        assert facts["tags"] == ["team:shop"]
        assert facts["attributes"] == {"http": {"status": 404}}

    def test_of_thousands_of_attackers_it_names_the_most_active_and_says_how_many_there_are(self, reader):
        SignalFactory(attackers=[f"203.0.{n // 250}.{n % 250}" for n in range(120)])
        facts = json.loads(export(reader, "ndjson"))
        assert len(facts["attackers"]) == 100
        assert facts["attackers_total"] == 120


class TestSize:
    def test_ten_thousand_rows_are_there_once_each(self, reader):
        many(10_000)
        rows = cells(export(reader, cols="title"))[1:]
        assert len(rows) == 10_000
        assert len({title for (title,) in rows}) == 10_000

    def test_rows_are_read_while_the_file_is_sent(self, reader):
        many(3 * CHUNK)
        answer = reader.post("/signals/export/?cols=title", {"format": "csv"})
        lines = iter(answer.streaming_content)
        with CaptureQueriesContext(connection) as queries:
            head, first = next(lines), next(lines)
        assert len(queries) == 1
        assert head.count(b"\n") == 1
        assert first.count(b"\n") == CHUNK
        Signal.objects.all().delete()  # what has not been read is not in the hand either
        assert b"".join(lines) == b""

    def test_what_is_cut_says_so_in_its_name_and_beforehand(self, reader, monkeypatch):
        monkeypatch.setattr(exporting, "MOST_ROWS", 2)
        many(3)
        answer = reader.post("/signals/export/?cols=title", {"format": "csv"})
        assert "-first-2.csv" in answer["Content-Disposition"]
        assert len(cells(b"".join(answer.streaming_content).decode())) == 3

    def test_rows_cost_a_fixed_number_of_queries_a_chunk(self, reader):
        names = ",".join(column.name for column in EXPLORER.columns)
        SignalFactory.create_batch(2, attackers=["203.0.113.1"], tags=["a", "b"])
        export(reader, cols=names)  # the index catches up
        with CaptureQueriesContext(connection) as few:
            export(reader, cols=names)
        SignalFactory.create_batch(30, attackers=["203.0.113.1"], tags=["a", "b"])
        export(reader, cols=names)
        with CaptureQueriesContext(connection) as more:
            export(reader, cols=names)
        assert len(more) == len(few)


class TestDoor:
    def test_it_is_written_down_who_took_what_and_how_many(self, reader, viewer):
        SignalFactory.create_batch(3, severity=Severity.HIGH)
        export(reader, "ndjson", query="severity:high", range="30d")
        entry = Entry.objects.get(verb="signals.exported")
        assert entry.actor_id == str(viewer.pk)
        assert entry.data["query"] == "severity:high"
        assert entry.data["rows"] == 3
        assert entry.data["format"] == "ndjson"

    def test_somebody_without_the_permission_gets_nothing(self, client, outsider):
        SignalFactory()
        client.force_login(outsider)
        answer = client.post("/signals/export/", {"format": "csv"})
        assert answer.status_code == 403
        assert not Entry.objects.filter(verb="signals.exported").exists()

    @pytest.mark.parametrize(("address", "format"), [("?query=severity:(", "csv"), ("", "xlsx"), ("?cols=x", "csv")])
    def test_what_cannot_be_meant_is_refused_with_words(self, reader, address, format):
        answer = reader.post(f"/signals/export/{address}", {"format": format})
        assert answer.status_code == 400
        assert not Entry.objects.filter(verb="signals.exported").exists()

    def test_a_link_alone_takes_nothing(self, reader):
        assert reader.get("/signals/export/").status_code == 405

    def test_the_menu_asks_for_what_the_list_shows(self, reader):
        SignalFactory()
        html = reader.get("/signals/?query=severity%3Ahigh&cols=title").content.decode()
        assert 'action="/signals/export/?query=severity%3Ahigh&amp;cols=title"' in html


def test_the_selection_alone_can_be_taken_away(reader):
    ticked, other = SignalFactory(title="Ticked"), SignalFactory(title="Other")
    answer = reader.post(
        "/signals/export/", {"selection": "on", "format": "csv", "rows": f"{ticked.pk}:0", "cols": "title"}
    )
    assert cells(b"".join(answer.streaming_content).decode()) == [["Title"], ["Ticked"]]
    answer = reader.post(
        "/signals/export/", {"selection": "on", "format": "ndjson", "matching": "on", "query": "other"}
    )
    assert [json.loads(line)["title"] for line in b"".join(answer.streaming_content).decode().splitlines()] == [
        other.title
    ]


def test_nothing_selected_is_told(reader):
    SignalFactory()
    answer = reader.post("/signals/export/", {"selection": "on", "format": "csv"})
    assert answer.status_code == 400
    assert "Nothing is selected" in answer.content.decode()


def test_the_bulk_menu_offers_to_take_the_selection_away(reader):
    SignalFactory()
    html = reader.get("/signals/").content.decode()
    assert "Export as CSV" in html
    assert "Export as NDJSON" in html

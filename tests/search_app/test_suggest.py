"""What is suggested where, and to whom."""

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts_app.access import person
from search_app.language import parse
from search_app.suggest import MAX_SUGGESTIONS, place_of, suggest
from signals_app.fields import SIGNALS
from signals_app.models import Assignment
from tests.search_app.trees import NASTY
from tests.signals_app.factories import ServiceFactory, SignalFactory

pytestmark = pytest.mark.django_db

URL = "/search/signals/suggest/"


def texts(user, text, cursor=None):
    """What is suggested where `|` stands."""
    cursor = text.index("|")
    return [option.text for option in suggest(SIGNALS, person(user), text.replace("|", ""), cursor)]


def taken(user, text, choice):
    """The query after taking the option that reads `choice`."""
    cursor = text.index("|")
    text = text.replace("|", "")
    option = next(option for option in suggest(SIGNALS, person(user), text, cursor) if option.text == choice)
    return text[: option.start] + option.insert + text[option.end :]


@pytest.mark.parametrize(
    ("text", "field", "typed", "span"),
    [
        ("|", "", "", (0, 0)),
        ("sev|", "", "sev", (0, 3)),
        ("se|ver", "", "se", (0, 5)),
        ("-sev|", "", "sev", (1, 4)),
        ("a sev|", "", "sev", (2, 5)),
        ("severity:|", "severity", "", (9, 9)),
        ("severity:hi|", "severity", "hi", (9, 11)),
        ("-severity:hi|", "severity", "hi", (10, 12)),
        ("severity:>=me|", "severity", ">=me", (9, 13)),
        ("severity: |", "severity", "", (10, 10)),
        ("severity:high |", "", "", (14, 14)),
        ("severity:(hi|", "severity", "hi", (10, 12)),
        ("severity:(high OR |", "severity", "", (18, 18)),
        ("severity:(high OR low) |", "", "", (23, 23)),
        ("(severity:hi|", "severity", "hi", (10, 12)),
        ('service:"web st|', "service", "web st", (8, 15)),
        ("@workflow.triage.state:o|", "@workflow.triage.state", "o", (23, 24)),
    ],
)
def test_knows_what_is_typed(text, field, typed, span):
    place = place_of(text.replace("|", ""), text.index("|"))
    assert (place.field, place.typed, (place.start, place.end)) == (field, typed, span)


def test_an_empty_query_suggests_the_facets_first(analyst):
    found = texts(analyst, "|")
    assert found[:2] == ["severity:", "@workflow.triage.state:"]
    assert len(found) == MAX_SUGGESTIONS


def test_fields_are_found_by_name_alias_part_and_label(analyst):
    assert texts(analyst, "sta|")[0] == "severity:"
    assert "@workflow.triage.state:" in texts(analyst, "sta|")
    assert "first_seen:" in texts(analyst, "creation|")


def test_values_are_suggested_with_their_counts(analyst):
    SignalFactory.create_batch(2, service=ServiceFactory(name="web store"))
    SignalFactory(service=ServiceFactory(name="api"))
    found = suggest(SIGNALS, person(analyst), "service:", 8)
    assert [(option.text, option.hint) for option in found[:2]] == [('"web store"', "2"), ("api", "1")]


def test_values_are_found_by_any_part(analyst):
    SignalFactory(service=ServiceFactory(name="web store"))
    SignalFactory(service=ServiceFactory(name="api"))
    assert texts(analyst, "service:STORE|") == ['"web store"']


def test_taking_options_makes_a_query(analyst):
    SignalFactory(service=ServiceFactory(name="web store"))
    text = taken(analyst, "-sev|", "severity:")
    assert text == "-severity:"
    assert taken(analyst, f"{text}|", "high") == "-severity:high "
    assert taken(analyst, "severity:>=me|", "medium") == "severity:>=medium "
    assert taken(analyst, 'service:"web st|', '"web store"') == 'service:"web store" '
    assert taken(analyst, "severity:high |", "OR") == "severity:high OR "
    assert taken(analyst, "first_seen:|", ">now-1d") == "first_seen:>now-1d "


def test_people_can_be_me_or_nobody(analyst):
    Assignment.objects.create(signal=SignalFactory(), user=analyst)
    found = texts(analyst, "@workflow.triage.assignee:|")
    assert found[0] == "analyst@example.test"
    assert {"me", "none", "*"} <= set(found)


def test_who_may_not_see_signals_is_told_no_values(outsider):
    SignalFactory(service=ServiceFactory(name="secret-service"), tags=["secret"], attackers=["203.0.113.9"])
    for text in ["service:|", "tags:|", "@network.client.ip:|", "title:|", "@workflow.rule.name:|"]:
        assert set(texts(outsider, text)) <= {"none", "*"}


def test_every_suggested_value_is_read_back_as_itself(analyst):
    for number, name in enumerate(name for name in NASTY if name.strip()):
        SignalFactory(service=ServiceFactory(name=name), title=f"{number}")
    for option in suggest(SIGNALS, person(analyst), "service:", 8):
        assert parse(f"service:{option.insert}")


def test_the_options_are_a_listbox_with_hostile_values_as_text(client, analyst):
    SignalFactory(service=ServiceFactory(name='"><img src=x onerror=alert(1)>'))
    client.force_login(analyst)
    response = client.get(URL, {"text": "service:", "cursor": "8"})
    assert response.status_code == 200
    assert 'role="listbox"' in response.text
    assert "<img" not in response.text
    assert 'data-start="8" data-end="8"' in response.text


def test_places_are_counted_as_browsers_count(client, analyst):
    client.force_login(analyst)
    response = client.get(URL, {"text": "💥 sev", "cursor": "6"})
    assert 'data-insert="severity:" data-start="3" data-end="6"' in response.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=40), st.lists(st.sampled_from([*NASTY, "service:", "@a.b:", "\x00"]), max_size=6).map("".join)
    ),
    cursor=st.one_of(st.integers(-5, 99).map(str), st.sampled_from(["", "x", "９", "9" * 50])),
)
def test_garbage_is_answered(client, analyst, text, cursor):
    if "_auth_user_id" not in client.session:
        client.force_login(analyst)
    data = {"text": text.encode("utf-8", "replace").decode(), "cursor": cursor}
    # No address holds a NUL: what has one is turned away at the door.
    assert client.get(URL, data).status_code == (400 if "\x00" in data["text"] else 200)


def test_the_help_page_names_every_field(client, viewer):
    client.force_login(viewer)
    response = client.get(reverse("search:help", args=["signals"]))
    for field in SIGNALS.table:
        assert f"<code>{field.name}</code>" in response.text
        assert field.help, field.name


@pytest.mark.parametrize("page", ["suggest", "help"])
def test_there_is_nothing_for_an_unknown_surface(client, viewer, page):
    client.force_login(viewer)
    assert client.get(reverse(f"search:{page}", args=["passwords"])).status_code == 404


@pytest.mark.parametrize("page", ["suggest", "help"])
def test_who_is_not_logged_in_is_sent_to_the_login(client, page):
    assert client.get(reverse(f"search:{page}", args=["signals"])).status_code == 302

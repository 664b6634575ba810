"""One query, two readers: the database and the dict give the same answer, whatever the query and the row."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts_app.access import Actor, person, system
from accounts_app.models import Team
from search_app.index import Window
from search_app.index.bitmaps.evaluate import Evaluation
from search_app.index.bitmaps.keeper import keeper
from search_app.index.scope import Scope
from search_app.language import Cidr, QueryValueError, Text, Value, Wild, parse, to_text
from search_app.lookups import fits
from search_app.to_match import matches
from search_app.to_q import compile_q
from signals_app.fields import SIGNAL_FIELDS, SIGNALS, facts
from signals_app.models import Assignment, Entity, Severity, Signal, SignalEntity, TriageState
from tests.search_app.trees import blocks, conditions, patterns, texts, trees
from tests.signals_app.factories import RuleFactory, ServiceFactory, SignalFactory, SourceFactory, add_part

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

NAMES = [
    "web-store",
    "Web-Store",
    "a%b_c",
    "a*b?c",
    "[x]",
    "back\\slash",
    'quo"te',
    "none",
    "é",
    "É",
    "ß",
    "x y",
    "5",
    "",
]
ADDRESSES = [
    "203.0.113.7",
    "10.0.0.1",
    "10.255.255.255",
    "11.0.0.0",
    "2001:db8::1",
    "::1",
    "::ffff:10.0.0.1",
    "not-an-ip",
]
JSON_VALUES = [
    "a",
    "A",
    "5",
    5,
    5.0,
    -5,
    0.5,
    2**60,
    True,
    False,
    "true",
    None,
    "",
    "a%b",
    "a_b",
    "a*b",
    "é",
    [],
    {},
    [1, "a", None],
    [[5]],
    {"c": 5},
    [{"c": "a"}, {"c": [5, "x"]}, "a"],
    [[{"c": "a"}]],
    {"c": {"d": ["deep", 7]}},
]


class Rows(dict):
    """Facts by primary key, too many to be printed with every failure."""

    def __repr__(self):
        return f"{len(self)} rows"


@pytest.fixture
def rows(analyst, responder):
    """Signals in which every kind of value, and its absence, occurs."""
    team = Team.objects.create(name="App Sec", handle="appsec")
    nobody = Entity.Kind.USER
    for number in range(32):
        name = NAMES[number % len(NAMES)]
        moment = NOON + timedelta(hours=number, microseconds=number)
        signal = SignalFactory(
            title=(title := f"Title {name} {number % 3} 100% STRASSE_ß\n\\"),
            search_text=title.casefold(),
            message=name,
            severity=Severity.values[number % 5],
            state=TriageState.ARCHIVED if number % 4 == 0 else TriageState.OPEN,
            archive_reason="false_positive" if number % 4 == 0 else "",
            service=ServiceFactory(name=name) if name else None,
            env=NAMES[number % 5],
            host=NAMES[-1 - number % 7],
            rule=RuleFactory(
                key=f"rule-{number % 3}", name=f"Rule {number % 3}", tactic=NAMES[number % 3], technique=""
            ),
            source=SourceFactory(name=f"source-{number % 2}"),
            team=team if number % 3 else None,
            count=number % 4,
            first_seen=moment,
            last_seen=moment + timedelta(days=1),
            attributes={} if number % 9 == 8 else {"a": JSON_VALUES[number % len(JSON_VALUES)], "b": {"a": number}},
            tags=[name, f"team:{name}", "bare"][: number % 4] if name else [],
        )
        for address in ADDRESSES[number % 4 :: 4][: number % 3]:
            add_part(signal, Entity.Kind.IP, address, SignalEntity.Role.ATTACKER)
        if number % 5 == 1:
            add_part(signal, nobody, name or "ana", SignalEntity.Role.VICTIM)
            add_part(signal, nobody, "bob", SignalEntity.Role.VICTIM)
        if number % 5 == 2:
            add_part(signal, Entity.Kind.IP, "10.0.0.1", SignalEntity.Role.VICTIM)
        people = [[], [analyst], [responder], [analyst, responder]][number % 4]
        Assignment.objects.bulk_create(
            Assignment(signal=signal, user=user, position=i) for i, user in enumerate(people)
        )
    Entity.objects.filter(value__in=ADDRESSES[:3]).update(country="FR")
    loaded = Signal.objects.select_related("rule", "source", "service", "team").prefetch_related(
        "tags", "parts__entity", "assignments__user"
    )
    return Rows({signal.pk: facts(signal) for signal in loaded})


def names_of(*kinds):
    return [
        name for field in SIGNAL_FIELDS if type(field.kind).__name__ in kinds for name in (field.name, *field.aliases)
    ]


vocabulary = st.one_of(st.sampled_from(NAMES[:-1]), texts)
keywords = st.sampled_from(["none", "me", "*", "ana@example.com"]).map(lambda word: parse(f"x:{word}").values[0])
found_values = st.one_of(patterns(vocabulary), keywords)
numbers = st.sampled_from(["0", "1", "2", "2.5", "-1", "3e0", "5", "1e99", "x"]).map(lambda text: Value((text,)))
slugs = st.sampled_from(
    [*(s.slug for s in Severity), "HIGH", *TriageState.values, "Under Review", "false_positive", "h*", "*"]
)
choices = st.one_of(slugs.map(lambda text: parse(f"x:{text.replace(' ', chr(92) + ' ')}").values[0]), keywords)
moments = st.sampled_from(
    [
        *("2026-11-20", "2026-11-21T03:00", "2026-11-21T03:00:00Z", "2026-11-21T03:00:00.000015+00:00"),
        *("now", "now-1d", "now-40y", "now+9999w", str(int(NOON.timestamp() * 1000)), "tomorrow"),
    ]
).map(lambda text: Value((text,)))
addresses = st.one_of(
    st.sampled_from([*ADDRESSES, "2001:DB8:0::1", "10.0.0.0/8", "10.*", "2001*"]).map(
        lambda t: parse(f"x:{t}").values[0]
    ),
    keywords,
)
json_values = st.one_of(
    st.sampled_from(["a", "A", "5", "5.0", "-5", "0.5", "true", "false", "null", "a*", "é", str(2**60)]).map(
        lambda t: parse(f"x:{t}").values[0]
    ),
    found_values,
)

leaves = st.one_of(
    st.builds(Text, st.one_of(patterns(vocabulary), st.sampled_from(["title", "strasse", "100%", "ß_"]).map(Value.of))),
    conditions(names_of("Kind", "Email"), found_values, numbers),
    conditions(names_of("Choice"), choices, choices),
    conditions(names_of("Number"), st.one_of(numbers, keywords), numbers),
    conditions(names_of("Date"), moments, moments),
    conditions(["@network.client.ip"], addresses, numbers),
    st.builds(
        lambda name, found: Cidr(name, tuple(found)),
        st.sampled_from(["@network.client.ip", "service"]),
        st.lists(blocks, min_size=1, max_size=2),
    ),
    conditions(["team", "tags", "unknown", "été"], found_values, numbers),
    conditions(["@a", "@a.c", "@a.c.d", "@b", "@b.a", "@b.a.c", "@user__password", "@__class__"], json_values, numbers),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(leaves))
def test_database_and_dict_agree(rows, analyst, tree):
    actor = person(analyst)
    try:
        q = compile_q(tree, SIGNAL_FIELDS, actor)
    except QueryValueError:
        with pytest.raises(QueryValueError):
            matches(tree, SIGNAL_FIELDS, next(iter(rows.values())), actor)
        return
    in_database = set(Signal.objects.filter(q).values_list("pk", flat=True))
    in_memory = {pk for pk, row in rows.items() if matches(tree, SIGNAL_FIELDS, row, actor)}
    assert in_database == in_memory, to_text(tree)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(leaves))
def test_index_and_database_agree(rows, analyst, tree):
    actor = person(analyst)
    window = Window(NOON.replace(year=2020), NOON.replace(year=2040))
    scope = Scope.of(SIGNALS, actor, tree, window)
    evaluation = Evaluation.of(scope, keeper(SIGNALS).current())
    try:
        q = compile_q(tree, SIGNAL_FIELDS, actor)
    except QueryValueError:
        with pytest.raises(QueryValueError):
            evaluation.rows(scope.tree)
        return
    found = {int(evaluation.snapshot.pks[row]) for row in evaluation.rows(scope.tree)}
    assert found == set(Signal.objects.filter(q).values_list("pk", flat=True)), to_text(tree)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees(leaves))
def test_a_query_and_its_negation_part_the_rows(rows, analyst, tree):
    try:
        q = compile_q(tree, SIGNAL_FIELDS, person(analyst))
    except QueryValueError:
        return
    met = set(Signal.objects.filter(q).values_list("pk", flat=True))
    unmet = set(Signal.objects.filter(~q).values_list("pk", flat=True))
    assert met | unmet == set(rows)
    assert not met & unmet


COUNTS = [
    ("", 32),
    ("severity:>=medium", 18),
    ("status:(HIGH OR critical)", 12),
    ("severity:[low TO medium]", 13),
    ("severity:h*", 6),
    ("@workflow.triage.state:archived", 8),
    ('@workflow.triage.state:"Archived"', 8),
    ("@workflow.triage.archiveReason:none", 24),
    ("service:none", 2),
    ('service:"none"', 2),
    ("-service:*", 2),
    ("service:Web-Store", 3),
    ("service:WEB-STORE", 0),
    (r"service:a\*b\?c", 3),
    ("service:a%b_c", 3),
    ("service:a?b?c", 6),
    ("SERVICE:é", 2),
    ("TITLE 100%", 32),
    ('"strasse_ss"', 32),
    ("STRASSE_ẞ", 32),
    ("team:appsec", 21),
    ('team:"App Sec" count:[1 TO 2]', 11),
    ("count:>2.5", 8),
    ("count:2.5", 0),
    ("first_seen:2026-11-20", 12),
    ("first_seen:>2026-11-20", 20),
    ("first_seen:<=2026-11-20", 12),
    ("first_seen:[2026-11-20 TO 2026-11-21]", 32),
    ("first_seen:>now-1h", 0),
    ("@workflow.triage.assignee:me", 16),
    ("@workflow.triage.assignee:none", 8),
    ("-@workflow.triage.assignee:me", 16),
    ("@workflow.triage.assignee:RESPONDER@example.test", 16),
    ('@workflow.triage.assignee:"Rob Responder"', 16),
    ("@b.a:7", 1),
    ("@b.a:>=30", 2),
    ("@a.c:a", 1),
    ("@a:null", 0),
    ("@user__password:*", 0),
    ("user__password:*", 0),
    ("unknown:*", 0),
    ("tags:bare", 7),
    ("team:* -team:none", 21),
    ("web-store:none", 32),
]


def test_counts_what_a_person_would_count(rows, analyst):
    found = [
        (text, Signal.objects.filter(compile_q(parse(text), SIGNAL_FIELDS, person(analyst))).count())
        for text, _ in COUNTS
    ]
    assert found == COUNTS


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("union", True),
        ('"UNION SELECT"', True),
        ("un?on*lect", True),
        ("token-77", False),
        ("message:*token-77*", True),
        ("message:*TOKEN*", False),
    ],
)
def test_a_free_word_meets_the_title_and_messages_are_asked_by_name(analyst, text, seen):
    signal = SignalFactory(title="Union select", message="Seen with token-77", first_seen=NOON)
    tree = parse(text)
    assert Signal.objects.filter(compile_q(tree, SIGNAL_FIELDS, person(analyst))).exists() == seen
    assert matches(tree, SIGNAL_FIELDS, facts(signal), person(analyst)) == seen
    window = Window(NOON, NOON + timedelta(hours=1))
    evaluation = Evaluation.of(Scope.of(SIGNALS, person(analyst), tree, window), keeper(SIGNALS).current())
    assert bool(evaluation.rows(tree)) == seen


def test_free_words_are_answered_without_the_database(rows, analyst, django_assert_num_queries):
    window = Window(NOON, NOON + timedelta(days=1))
    tree = parse('web-store "title" -t?tle*x')
    evaluation = Evaluation.of(Scope.of(SIGNALS, person(analyst), tree, window), keeper(SIGNALS).current())
    with django_assert_num_queries(0):
        evaluation.rows(tree)


@given(pattern=patterns(), text=texts)
def test_a_pattern_is_met_by_the_text_it_would_make(pattern, text):
    """Every way to split the text over the pattern, tried one after another: slow, and plainly right."""

    def tried(signs, left):
        if not signs:
            return not left
        if signs[0] is Wild.MANY:
            return any(tried(signs[1:], left[place:]) for place in range(len(left) + 1))
        return bool(left) and signs[0] in {Wild.ONE, left[0]} and tried(signs[1:], left[1:])

    signs = [sign for part in pattern.parts for sign in (part if isinstance(part, str) else (part,))]
    made = "".join(text if sign is Wild.MANY else "x" if sign is Wild.ONE else sign for sign in signs)
    assert fits(pattern, made)
    for candidate in (text, made[1:], made[:-1], made + "x"):
        assert fits(pattern, candidate) == tried(signs, candidate), candidate


def test_a_pattern_that_repeats_itself_does_not_take_forever():
    pattern = parse("x:" + "*a" * 40 + "?b").values[0]
    start = time.process_time()
    assert not fits(pattern, "a" * 20_000)
    assert time.process_time() - start < 30  # a moment; every way tried, longer than anybody awaits


def test_me_is_nobody_for_a_part_of_the_product(rows):
    tree = parse("@workflow.triage.assignee:me")
    assert not Signal.objects.filter(compile_q(tree, SIGNAL_FIELDS, system("intake"))).exists()


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("severity:hgih", 9, "none of info, low, medium, high, critical"),
        ("a OR severity:>hgih", 15, "none of info"),
        ("count:many", 6, "is no number"),
        ("count:>1e99", 7, "is no number"),
        ("count:nan", 6, "is no number"),
        ("first_seen:yesterday", 11, "is no time"),
        ("first_seen:>now-999999y", 12, "is no time"),
        ("first_seen:2026-02-30", 11, "is no time"),
        ("first_seen:[2026-01-01 TO x]", 26, "is no time"),
        ("service:>5", 9, "cannot be compared"),
        ("service:[a TO b]", 0, "has no ranges"),
        ("env:>=x", 6, "cannot be compared"),
        ("mytag:>5", 7, "is a tag"),
        ("@workflow.triage.state:>open", 24, "cannot be compared"),
        ("@a.b:>x", 6, "compared as numbers"),
        ("CIDR(service, 10.0.0.0/8)", 14, "works on fields that hold addresses"),
        ("@a..b:x", 0, "is no path"),
        ("@a.b.c.d.e.f.g.h.i.j.k:x", 0, "is no path"),
        ("@é:x", 0, "is no path"),
        ("a @größe:3", 2, "“@größe” is no path; .* of ASCII letters, digits, _, - and /"),
        ("-@a.größe:>3", 1, "of ASCII letters"),
        ("@größe.a:[1 TO *]", 0, "of ASCII letters"),
        ("CIDR(@größe, 10.0.0.0/8)", 5, "of ASCII letters"),
    ],
)
def test_refuses_what_a_field_cannot_have_and_says_where(analyst, text, start, words):
    for reader in (
        lambda tree: compile_q(tree, SIGNAL_FIELDS, person(analyst)),
        lambda tree: matches(tree, SIGNAL_FIELDS, {}, person(analyst)),
    ):
        with pytest.raises(QueryValueError, match=words) as caught:
            reader(parse(text))
        assert caught.value.start == start


def test_a_date_is_a_day_of_the_asker(analyst):
    analyst.time_zone = "Pacific/Auckland"  # 13 hours ahead in November
    SignalFactory(first_seen=datetime(2026, 11, 19, 11, 30, tzinfo=UTC))
    SignalFactory(first_seen=datetime(2026, 11, 20, 10, 30, tzinfo=UTC))
    SignalFactory(first_seen=datetime(2026, 11, 20, 11, 30, tzinfo=UTC))
    q = compile_q(parse("first_seen:2026-11-20"), SIGNAL_FIELDS, person(analyst))
    assert Signal.objects.filter(q).count() == 2


def test_a_field_of_a_higher_floor_shows_each_actor_only_what_they_may_see(analyst, responder):
    from search_app.fields import Column, Field, FieldTable, Many
    from search_app.kinds import Keyword

    def mine(actor: Actor):
        return Assignment.objects.filter(user=actor.user)

    table = FieldTable(
        Field("tags", "Tags", (Column("text", Keyword()),)),
        Field("@note", "Note", (Column("user__name", Keyword()),), many=Many(mine)),
        text="search_text",
        attributes="attributes",
        tags="tags",
    )
    signal = SignalFactory()
    Assignment.objects.create(signal=signal, user=analyst)
    for text, seen in [
        ('@note:"Ana Analyst"', [True, False]),
        ("@note:*", [True, False]),
        ("@note:none", [False, True]),
    ]:
        found = [
            Signal.objects.filter(compile_q(parse(text), table, person(user))).exists() for user in (analyst, responder)
        ]
        assert found == seen, text


@pytest.mark.parametrize(
    ("document", "is_met"),
    [
        ('{"http": {"n": 7}}', True),
        ('{"http": {"n": 7, "m": 1}}', True),
        ('{"http": {"n": 7.0}}', True),
        ('{"http": {"n": "7"}}', True),
        ('{"http": {"n": [1, 7]}}', True),
        ('{"http": [{"n": 1}, {"n": 7}]}', True),
        ('{"http":{"n":7}}', True),  # as the database's own functions write it
        ('{"http":{"n":[7]}}', True),
        ('{"http": {"n": 70}}', False),
        ('{"http": {"n": -7}}', False),
        ('{"http": {"n": "77"}}', False),
        ('{"http": {"n": 1}, "n": 7}', False),
    ],
)
def test_a_number_is_found_however_it_is_written(document, is_met):
    signal = SignalFactory()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE signals_app_signal SET attributes = %s WHERE id = %s", [document, signal.pk])
    found = Signal.objects.filter(compile_q(SIGNALS.parse("@http.n:7"), SIGNALS.table, system("test")))
    assert found.exists() is is_met


@pytest.mark.parametrize("asked", ["0", "-0", "0.0"])
@pytest.mark.parametrize("value", [0, 0.0, -0.0])
def test_zero_has_two_signs(asked, value):
    SignalFactory(attributes={"n": value})
    assert Signal.objects.filter(compile_q(SIGNALS.parse(f"@n:{asked}"), SIGNALS.table, system("test"))).exists()


NESTED = [
    {"a": [{"b": [["x"]]}]},
    {"a": [{"b": [[7]]}]},
    {"a": [{"-1": [[7]]}, "tail"]},
    {"a": [{"-1": [[7]]}, 7]},
    {"a": [{"0": [[7]]}]},
    {"a": [7]},
    {"a": {"-1": 7, "0": 7, "b": 7}},
]


@pytest.mark.parametrize(
    "text", ["@a.b:x", "@a.b:>5", "@a.b:[0 TO 7]", "@a.-1:>5", "@a.-1:7", "@a.0:7", "@a.0:>5", "@a:7"]
)
def test_a_list_within_a_list_is_no_element_and_a_key_is_no_place_in_one(analyst, text):
    actor, tree = person(analyst), SIGNALS.parse(text)
    signals = {SignalFactory(attributes=document).pk: document for document in NESTED}
    q = compile_q(tree, SIGNALS.table, actor)
    met = {pk for pk, document in signals.items() if matches(tree, SIGNALS.table, {"attributes": document}, actor)}
    assert set(Signal.objects.filter(q).values_list("pk", flat=True)) == met
    assert set(Signal.objects.filter(~q).values_list("pk", flat=True)) == signals.keys() - met

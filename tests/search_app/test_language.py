"""The language by itself: what it reads, how it prints, how it refuses."""

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from search_app.language import (
    EVERYTHING,
    And,
    Cidr,
    Compare,
    Is,
    Not,
    Or,
    QuerySyntaxError,
    Range,
    Text,
    Value,
    Wild,
    parse,
    to_text,
    value_text,
)
from search_app.language.parser import MAX_DEPTH, MAX_LENGTH, MAX_TERMS
from tests.search_app.trees import NASTY, anything, texts


def bare(text):
    return Value((text,))


def word(text):
    return Text(bare(text))


def one(field, text):
    return Is(field, (bare(text),))


READ = {
    "": EVERYTHING,
    "  \n ": EVERYTHING,
    "sql": word("sql"),
    "sql injection": And((word("sql"), word("injection"))),
    '"sql injection"': Text(Value.of("sql injection")),
    '""': Text(Value.of("")),
    r'"say \"hi\" \\ \*"': Text(Value.of('say "hi" \\ *')),
    "'single'": word("'single'"),
    "service:web-store": one("service", "web-store"),
    "service: web-store": one("service", "web-store"),
    'service:"web store"': Is("service", (Value.of("web store"),)),
    "@http.status_code:404": one("@http.status_code", "404"),
    "@a.b-c_d/e:x": one("@a.b-c_d/e", "x"),
    "kube/pod:x": one("kube/pod", "x"),
    "x:a:b": one("x", "a:b"),
    "x:http://y/z": one("x", "http://y/z"),
    "x:::1": one("x", "::1"),
    r"x:\:1": one("x", ":1"),
    '"a" >5': And((Text(Value.of("a")), word(">5"))),
    'x:"a" >5': And((Is("x", (Value.of("a"),)), word(">5"))),
    "x:[1 TO 2] >5": And((Range("x", bare("1"), bare("2")), word(">5"))),
    "x:(1) >5": And((one("x", "1"), word(">5"))),
    "x:(a b:c)": And((one("x", "a"), one("x", "b:c"))),
    "x:(*:a b)": And((Is("x", (Value((Wild.MANY, ":a")),)), one("x", "b"))),
    "x:(1 >5)": And((one("x", "1"), Compare("x", ">", bare("5")))),
    "std::vector": word("std::vector"),
    "http://y/z": word("http://y/z"),
    "2001:db8::1": word("2001:db8::1"),
    "fe80::1": word("fe80::1"),
    "10.0.0.1:8080": word("10.0.0.1:8080"),
    "<script>": word("<script>"),
    "severity:(high OR critical)": Is("severity", (bare("high"), bare("critical"))),
    "severity:(high)": one("severity", "high"),
    "severity:((high OR low))": Is("severity", (bare("high"), bare("low"))),
    "tags:(a b)": And((one("tags", "a"), one("tags", "b"))),
    "tags:(a AND NOT b)": And((one("tags", "a"), Not(one("tags", "b")))),
    "count:(>5 OR 2)": Or((Compare("count", ">", bare("5")), one("count", "2"))),
    "severity:(high OR critical) @workflow.triage.state:open": And(
        (Is("severity", (bare("high"), bare("critical"))), one("@workflow.triage.state", "open"))
    ),
    "count:>5": Compare("count", ">", bare("5")),
    "count:>= 5": Compare("count", ">=", bare("5")),
    "count:<-5": Compare("count", "<", bare("-5")),
    "count:-5": one("count", "-5"),
    "first_seen:>2026-11-23T10:00:00Z": Compare("first_seen", ">", bare("2026-11-23T10:00:00Z")),
    "count:[1 TO 5]": Range("count", bare("1"), bare("5")),
    "count:[* TO 5]": Range("count", None, bare("5")),
    "count:[1 TO *]": Range("count", bare("1"), None),
    'x:["a b" TO TO]': Range("x", Value.of("a b"), bare("TO")),
    "CIDR(@network.client.ip, 10.0.0.0/8,2001:db8::/32)": Cidr(
        "@network.client.ip", (bare("10.0.0.0/8"), bare("2001:db8::/32"))
    ),
    "NOT(CIDR (@x, 10.1.2.3/8))": Not(Cidr("@x", (bare("10.1.2.3/8"),))),
    "CIDR": word("CIDR"),
    "web-*": Text(Value(("web-", Wild.MANY))),
    "x:a?c*": Is("x", (Value(("a", Wild.ONE, "c", Wild.MANY)),)),
    "x:*": Is("x", (Value((Wild.MANY,)),)),
    "-x:*": Not(Is("x", (Value((Wild.MANY,)),))),
    r"x:a\*b": one("x", "a*b"),
    r"two\ words": word("two words"),
    r"\-x": word("-x"),
    r"a\:b": word("a:b"),
    "-a": Not(word("a")),
    "NOT a": Not(word("a")),
    "NOT NOT a": Not(Not(word("a"))),
    "-(a b)": Not(And((word("a"), word("b")))),
    "--a": word("--a"),
    "a -- b": And((word("a"), word("--"), word("b"))),
    "-": word("-"),
    "a - b": And((word("a"), word("-"), word("b"))),
    "a OR b": Or((word("a"), word("b"))),
    "a OR b c": Or((word("a"), And((word("b"), word("c"))))),
    "a AND b OR c": Or((And((word("a"), word("b"))), word("c"))),
    "a (b OR c)": And((word("a"), Or((word("b"), word("c"))))),
    "NOT a OR b": Or((Not(word("a")), word("b"))),
    "a or b": And((word("a"), word("or"), word("b"))),
    "ANDROID ORB NOTE": And((word("ANDROID"), word("ORB"), word("NOTE"))),
    r"\AND": word("AND"),
    "country:TO": one("country", "TO"),
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    assert parse(text) == READ[text]


REFUSED = {
    # text: (start, end, what the message says)
    "a AND": (2, 5, "“AND” needs a term after it"),
    "a OR": (2, 4, "“OR” needs a term after it"),
    "OR a": (0, 2, "“OR” needs a term before it"),
    "a AND OR b": (2, 5, "“AND” needs a term after it; none stands before “OR”"),
    "a OR AND b": (2, 4, "“OR” needs a term after it; none stands before “AND”"),
    "(OR a)": (1, 3, "“OR” needs a term before it"),
    "(a OR)": (3, 5, "“OR” needs a term after it; none stands before “)”"),
    "NOT": (0, 3, "“NOT” needs a term after it"),
    "a NOT": (2, 5, "“NOT” needs a term after it"),
    "a -)": (2, 3, "“-” needs a term after it; none stands before “)”"),
    "(a": (0, 1, "never closed"),
    "a (b (c)": (2, 3, "never closed"),
    "x:(a OR b": (2, 3, "never closed"),
    "a)": (1, 2, "never opened"),
    "()": (0, 2, "empty"),
    "x:()": (2, 4, "empty"),
    "x:(OR b)": (3, 5, "“OR” needs a term before it"),
    "service:": (0, 8, "“service:” needs a value after it; none stands at the end"),
    "service: AND b": (0, 8, "“service:” needs a value after it; none stands before “AND”"),
    "service:)": (0, 8, "“service:” needs a value after it"),
    "(a]": (2, 3, "a range belongs after a field"),
    "(service:)": (1, 9, "“service:” needs a value after it"),
    'x:"a': (2, 4, "never closed"),
    '"a': (0, 2, "never closed"),
    "a\\": (1, 2, "nothing after it to escape"),
    "[1 TO 2]": (0, 1, "a range belongs after a field"),
    "a]": (1, 2, "a range belongs after a field"),
    "a [1 TO 2]": (2, 3, "a range belongs after a field"),
    "x:[1 2]": (2, 6, "a range looks like"),
    "x:[1 TO": (2, 7, "a range looks like"),
    "x:[1 TO 2": (2, 9, "a range looks like"),
    "x:[": (2, 3, "a range looks like"),
    "x:[1 TO 2)": (2, 10, "a range looks like"),
    "x:[a* TO b]": (3, 5, "not a pattern"),
    "x:>": (2, 3, "“>” needs a value after it"),
    "x:>a*": (3, 5, "wildcards cannot follow it"),
    "x:>(a OR b)": (2, 3, "brackets cannot follow it"),
    "a && b": (2, 4, "write AND instead of &&"),
    "a || b": (2, 4, "write OR instead of ||"),
    "*:term": (0, 6, "cannot be a wildcard"),
    "CIDR(@x)": (0, 8, "looks like CIDR("),
    "CIDR()": (0, 6, "looks like CIDR("),
    "CIDR(@x, 10.0.0.0/8": (0, 19, "looks like CIDR("),
    "CIDR(@x, ten)": (9, 12, "“ten” is no address block"),
    "CIDR(@x, 10.0.0.0/33)": (9, 20, "“10.0.0.0/33” is no address block"),
    "a\x00b": (1, 2, "cannot be searched for"),
    "a\ud800": (1, 2, "cannot be searched for"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_and_says_what_and_where(text):
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    start, end, words = REFUSED[text]
    assert (caught.value.start, caught.value.end) == (start, end)
    assert words in caught.value.message
    assert caught.value.message.startswith(f"Column {start + 1}: ")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        "x" * MAX_LENGTH,
        " ".join(["x"] * MAX_TERMS),
        "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
        "NOT " * MAX_DEPTH + "x",
        "x:" + "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
    ],
    ids=["length", "terms", "brackets", "nots", "group"],
)
def test_reads_up_to_each_limit(text):
    assert parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * (MAX_LENGTH + 1), "2,000 characters"),
        (" ".join(["x"] * (MAX_TERMS + 1)), "100 values"),
        ("x:(" + " OR ".join(["x"] * (MAX_TERMS + 1)) + ")", "100 values"),
        ("CIDR(x" + ",10.0.0.0/8" * (MAX_TERMS + 1) + ")", "100 values"),
        ("(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1), "12 deep"),
        ("(" * 1999, "12 deep"),
        ("NOT " * (MAX_DEPTH + 1) + "x", "12 deep"),
        ("-(" * (MAX_DEPTH // 2) + "-(x" + ")" * (MAX_DEPTH // 2 + 1), "12 deep"),
    ],
    ids=["length", "terms", "group", "blocks", "brackets", "open brackets", "nots", "both"],
)
def test_refuses_beyond_each_limit(text, words):
    with pytest.raises(QuerySyntaxError, match=words):
        parse(text)


@given(anything)
def test_what_is_printed_is_read_back(tree):
    text = to_text(tree)
    try:
        read = parse(text)
    except QuerySyntaxError as problem:
        assume("may have at most" not in problem.message and "deep" not in problem.message)
        raise
    assert read == tree


@given(texts)
def test_any_string_has_a_text_that_means_it(raw):
    assume(len(raw) < 500)
    tree = parse(f"x:{value_text(raw)}")
    assert isinstance(tree, Is)
    assert tree.values[0].literal == raw
    assert tree.values[0].keyword not in {"none", "me"}


@pytest.mark.parametrize("raw", ["web-store", "10.0.0.1", "2001:db8::1", "TA0001", "/login", "ana@example.com"])
def test_plain_values_are_written_without_quotes(raw):
    assert value_text(raw) == raw


soup = st.lists(
    st.one_of(
        st.sampled_from(
            ["AND", "OR", "NOT", "TO", "CIDR(", "(", ")", "[", "]", ":", "x:", "@a.b:", ">", "*", '"', "-", "\\", ","]
        ),
        st.sampled_from(NASTY),
        st.sampled_from([" ", "", "\t"]),
        st.text(string.printable, max_size=3),
    ),
    max_size=30,
).map("".join)


@given(st.one_of(st.text(max_size=60), soup))
@example("\ud800")
@example("x:\x00")
@example("CIDR(a,::/0)" * 200)
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        tree = parse(text)
    except QuerySyntaxError as problem:
        assert 0 <= problem.start < problem.end
        assert problem.start <= len(text)
    else:
        assert len(to_text(tree)) < 10 * MAX_LENGTH


def test_a_term_knows_where_it_stood():
    text = "a severity:(high OR low) -count:[1 TO 5]"
    tree = parse(text)
    shown = [text[node.span.start : node.span.end] for node in (*tree.items[:2], tree.items[2].item)]
    assert shown == ["a", "severity:(high OR low", "count:[1 TO 5"]


def test_a_field_name_that_could_not_be_read_back_cannot_be_made():
    with pytest.raises(ValueError, match="not the name of a field"):
        Is("a b:c OR x", (bare("y"),))

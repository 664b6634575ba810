"""Query trees for property tests: every shape the language has, with values that bite."""

from hypothesis import strategies as st

from search_app.language import And, Cidr, Compare, Is, Not, Or, Range, Text, Value, Wild

NASTY = [
    "a",
    "A",
    "web-store",
    "%",
    "_",
    "*",
    "?",
    "[a]",
    "\\",
    '"',
    "'",
    "(",
    ")",
    ":",
    "-",
    "--",
    ">",
    "<=",
    "=5",
    "AND",
    "OR",
    "NOT",
    "TO",
    "me",
    "none",
    " ",
    "a b",
    "\n",
    "&&",
    "||",
    "*:",
    "http://x",
    "//x",
    ":1",
    "::1",
    "CIDR(a, 10.0.0.0/8)",
    "ß",
    "İ",
    "é",
    "\u00a0",
    "💥",
    "5",
    "-5",
    "0.5",
    "true",
    "10.0.0.1",
    "2001:db8::1",
    "now-1d",
    "'; DROP TABLE signals_app_signal; --",
    "<script>alert(1)</script>",
]
sendable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
texts = st.one_of(st.sampled_from(NASTY), sendable)


def patterns(texts=texts):
    """Values: quoted ones are literal, others may have wildcards between their literal parts."""
    wild = st.sampled_from(list(Wild))
    mixed = st.lists(st.one_of(texts.filter(bool), wild), min_size=1, max_size=4).map(_joined)
    return st.one_of(texts.map(Value.of), mixed.map(Value), texts.filter(bool).map(lambda text: Value((text,))))


def literals(texts=texts):
    return st.one_of(texts.map(Value.of), texts.filter(bool).map(lambda text: Value((text,))))


def _joined(parts):
    """No two literal parts beside each other: the parser would read them as one."""
    joined = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


blocks = st.sampled_from(["10.0.0.0/8", "10.0.0.0/31", "203.0.113.7/32", "2001:db8::/32", "::/0", "0.0.0.0/0"]).map(
    lambda text: Value((text,))
)


def conditions(names, values, bounds, operators=(">", ">=", "<", "<=")):
    """Leaves on these fields: equality, comparison and ranges with the given values and bounds."""
    names = st.sampled_from(names)
    ends = st.one_of(st.none(), bounds)
    return st.one_of(
        st.builds(lambda name, found: Is(name, tuple(found)), names, st.lists(values, min_size=1, max_size=3)),
        st.builds(Compare, names, st.sampled_from(operators), bounds),
        st.builds(Range, names, ends, ends),
    )


def trees(leaves, max_leaves=8):
    """And, Or and Not over the leaves, as deep as they come, within the limits of the language."""

    def grown(children):
        several = st.lists(children, min_size=2, max_size=3).map(tuple)
        return st.one_of(st.builds(Not, children), st.builds(And, several), st.builds(Or, several))

    return st.recursive(leaves, grown, max_leaves=max_leaves)


anything = trees(
    st.one_of(
        st.builds(Text, patterns()),
        conditions(["a", "severity", "@a.b-c/d", "@network.client.ip", "été"], patterns(), literals()),
        st.builds(
            lambda name, found: Cidr(name, tuple(found)), st.just("@x"), st.lists(blocks, min_size=1, max_size=3)
        ),
    )
)

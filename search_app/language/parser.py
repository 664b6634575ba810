"""Text to tree. Whatever the text, the answer is a tree or a QuerySyntaxError that says what is wrong and where."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from search_app.language.errors import QuerySyntaxError
from search_app.language.nodes import EVERYTHING, And, Cidr, Compare, Is, Node, Not, Or, Range, Span, Text, Value, Wild

MAX_LENGTH = 2000  # characters
MAX_TERMS = 100  # values looked for
MAX_DEPTH = 12  # brackets and NOTs inside each other

_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")  # what no database takes as text
_SPECIAL = re.compile(r"\\([\s\S])|([*?])")
_PLACEHOLDER = "_"  # the field of a test whose key is not read yet
_OPENING = {"LPAR", "LSQB", "_CIDR"}
_CLOSING = {"RPAR", "RSQB"}
_BINARY = {"_AND", "_OR"}
_UNARY = {"_NOT", "_MINUS"}


def parse(text: str) -> Node:
    """Read a query. The empty text is the query that everything meets.

    Raises QuerySyntaxError, also for more than MAX_LENGTH characters, MAX_TERMS values or MAX_DEPTH levels.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(f"a query may have at most {MAX_LENGTH:,} characters.", MAX_LENGTH, len(text))
    if found := _UNSENDABLE.search(text):
        raise QuerySyntaxError("this character cannot be searched for.", *found.span())
    reading = _GRAMMAR.parse_interactive(text)
    guard = _Guard(text)
    try:
        for token in reading.iter_parse():
            guard.admit(token)
        tree = reading.feed_eof()
    except UnexpectedToken as problem:
        raise guard.explain_token(problem.token) from None
    except UnexpectedCharacters as problem:
        raise guard.explain_character(problem.pos_in_stream or 0) from None
    return tree


class _Bracket(NamedTuple):
    """A bracket that is not closed yet: how many levels it adds, and whether it stands in the value of a field."""

    token: Token
    levels: int
    in_value: bool


class _Guard:
    """Watches the tokens go by: keeps the limits before the parser nests, and knows how to explain a surprise."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.previous: Token | None = None  # the last one that the parser took
        self.offered: Token | None = None  # the one that it gets now
        self.open: list[_Bracket] = []
        self.nots = 0  # in a row
        self.terms = 0

    def admit(self, token: Token) -> None:
        """Take note of a token that the parser is about to get, which means that it took the one before."""
        self._note_taken()
        self.offered = token
        span = _place(token)
        self.terms += token.type in {"WORD", "PHRASE", "BLOCK"}
        deeper = token.type in _OPENING | _UNARY
        if deeper and sum(bracket.levels for bracket in self.open) + self.nots >= MAX_DEPTH:
            raise QuerySyntaxError(f"brackets and NOTs may be at most {MAX_DEPTH} deep.", *span)
        if self.terms > MAX_TERMS:
            raise QuerySyntaxError(f"a query may look for at most {MAX_TERMS} values.", *span)
        if surprise := self._surprise(token):
            raise surprise

    def _note_taken(self) -> None:
        before, token = self.previous, self.offered
        self.previous = token
        if token is None:
            return
        if token.type in _OPENING:
            in_value = self.in_value or (before is not None and before.type == "KEY")
            self.open.append(_Bracket(token, self.nots + 1, in_value))
        elif token.type in _CLOSING:
            self.open.pop()
        self.nots = self.nots + 1 if token.type in _UNARY else 0

    @property
    def in_value(self) -> bool:
        return bool(self.open) and self.open[-1].in_value

    def _surprise(self, token: Token) -> QuerySyntaxError | None:
        """What a person most likely did not mean, though the grammar might read it."""
        if token.type != "WORD" or (self.open and self.open[-1].token.type == "LSQB"):
            return None
        span = _place(token)
        if token in {"AND", "OR", "NOT"}:
            if self.previous is not None and self.previous.type in {"KEY", "OPERATOR"} | _BINARY | _UNARY:
                return self._missing_after(self.previous, f"before “{token}”")
            return QuerySyntaxError(f"“{token}” needs a term before it.", *span)
        if self.previous is not None and self.previous.type in {"KEY", "OPERATOR"}:
            return None
        if word := {"&&": "AND", "||": "OR"}.get(token):
            return QuerySyntaxError(f"write {word} instead of {token}.", *span)
        if token.startswith("*:") and not self.in_value:
            message = "a field name cannot be a wildcard; to search all text, write the word alone."
            return QuerySyntaxError(message, *span)
        return None

    def _missing_after(self, token: Token, place: str) -> QuerySyntaxError:
        wanted = "a value" if token.type in {"KEY", "OPERATOR"} else "a term"
        return QuerySyntaxError(f"“{token}” needs {wanted} after it; none stands {place}.", *_place(token))

    def explain_token(self, token: Token) -> QuerySyntaxError:
        """Why this token cannot stand where it stands."""
        if token is not self.offered:  # the lexer refused it, before it was offered
            self._note_taken()
        previous = self.previous
        before = previous.type if previous else ""
        at_end = token.type == "$END"
        if previous is not None and before in _BINARY | _UNARY | {"KEY", "OPERATOR"}:
            if before == "OPERATOR" and token.type == "LPAR":
                message = f"“{previous}” compares with one value; brackets cannot follow it."
                return QuerySyntaxError(message, *_place(previous))
            return self._missing_after(previous, "at the end" if at_end else f"before “{token}”")
        if self.open:
            bracket = self.open[-1].token
            if bracket.type in {"LSQB", "_CIDR"}:
                return self._unfinished(bracket, self._end(token))
            if at_end:
                return QuerySyntaxError("this bracket is never closed.", *_place(bracket))
            if token.type == "RPAR" and before == "LPAR":
                return QuerySyntaxError("these brackets are empty.", _place(bracket)[0], self._end(token))
        if token.type == "RPAR" and not self.open:
            return QuerySyntaxError("this bracket was never opened.", *_place(token))
        if token.type in _BINARY:
            return QuerySyntaxError(f"“{token}” needs a term before it.", *_place(token))
        if token.type in {"LSQB", "RSQB"}:
            return self._square(_place(token)[0])
        return QuerySyntaxError(f"“{token}” is not expected here.", _place(token)[0], self._end(token))

    def explain_character(self, position: int) -> QuerySyntaxError:
        """Why no token can begin at this place."""
        self._note_taken()
        character = self.text[position]
        if character == '"':
            return QuerySyntaxError("this quotation mark is never closed.", position, len(self.text))
        if character == "\\":
            return QuerySyntaxError("the backslash has nothing after it to escape.", position, position + 1)
        if self.open and self.open[-1].token.type in {"LSQB", "_CIDR"}:
            return self._unfinished(self.open[-1].token, position + 1)
        if character in "[]":
            return self._square(position)
        return QuerySyntaxError(f"“{character}” is not expected here.", position, position + 1)

    def _unfinished(self, bracket: Token, end: int) -> QuerySyntaxError:
        if bracket.type == "LSQB":
            return QuerySyntaxError("a range looks like [1 TO 5] or [now-1d TO *].", _place(bracket)[0], end)
        message = "an address filter looks like CIDR(@network.client.ip, 10.0.0.0/8)."
        return QuerySyntaxError(message, _place(bracket)[0], end)

    def _square(self, position: int) -> QuerySyntaxError:
        message = "a range belongs after a field, as in count:[1 TO 5]; to find the bracket itself, write \\[ or \\]."
        return QuerySyntaxError(message, position, position + 1)

    def _end(self, token: Token) -> int:
        return len(self.text) if token.end_pos is None else token.end_pos


class _Build(Transformer[Token, Node]):
    """Makes the tree while the parser reads, so that nothing recurses."""

    def start(self, items: list[Node]) -> Node:
        return items[0] if items else EVERYTHING

    def value(self, items: list[Token]) -> Value:
        (token,) = items
        span = Span(*_place(token))
        if token.type == "PHRASE":
            literal = re.sub(r"\\([\s\S])", r"\1", token[1:-1])
            return Value((literal,) if literal else (), quoted=True, span=span)
        return Value(_parts(token), span=span)

    word = chosen = end = value

    def text(self, items: list[Value]) -> Text:
        return Text(items[0], span=items[0].span)

    def equals(self, items: list[Value]) -> Is:
        return Is(_PLACEHOLDER, (items[0],), span=items[0].span)

    def compare(self, items: list[Any]) -> Compare:
        operator, value = items
        if value.has_wildcard:
            message = f"“{operator}” compares with one value; wildcards cannot follow it."
            raise QuerySyntaxError(message, value.span.start, value.span.end)
        return Compare(_PLACEHOLDER, str(operator), value, span=Span(_place(operator)[0], value.span.end))

    def range(self, items: list[Value]) -> Range:
        low, high = (None if value.is_anything else value for value in items)
        for value in (low, high):
            if value and value.has_wildcard:
                message = "an end of a range is a value or *, not a pattern."
                raise QuerySyntaxError(message, value.span.start, value.span.end)
        return Range(_PLACEHOLDER, low, high, span=Span(items[0].span.start, items[1].span.end))

    def on_field(self, items: list[Any]) -> Node:
        key, test = items
        return _given_field(test, str(key)[:-1], _place(key)[0])

    def cidr(self, items: list[Token]) -> Cidr:
        field, *blocks = items
        for block in blocks:
            try:
                ipaddress.ip_network(str(block), strict=False)
            except ValueError:
                message = f"“{block}” is no address block; one looks like 10.0.0.0/8 or 2001:db8::/32."
                raise QuerySyntaxError(message, *_place(block)) from None
        values = tuple(Value((str(block),), span=Span(*_place(block))) for block in blocks)
        return Cidr(str(field), values, span=Span(_place(field)[0], values[-1].span.end))

    def negation(self, items: list[Node]) -> Not:
        return Not(items[0], span=items[0].span)

    def every_of(self, items: list[Node]) -> And:
        return And(tuple(items), span=Span(items[0].span.start, items[-1].span.end))

    def any_of(self, items: list[Node]) -> Or:
        return Or(tuple(items), span=Span(items[0].span.start, items[-1].span.end))


def _place(token: Token) -> tuple[int, int]:
    """Where a token stands. Lark types the places as optional: only a token that nobody lexed has none."""
    return token.start_pos or 0, token.end_pos or 0


def _parts(word: str) -> tuple[str | Wild, ...]:
    """A word without quotes, taken apart into literal text and wildcards."""
    parts: list[str | Wild] = []
    literal = ""
    position = 0
    for found in _SPECIAL.finditer(word):
        literal += word[position : found.start()] + (found[1] or "")
        position = found.end()
        if found[2]:
            parts += [literal, Wild(found[2])] if literal else [Wild(found[2])]
            literal = ""
    literal += word[position:]
    return (*parts, literal) if literal else tuple(parts)


def _given_field(test: Node, field: str, start: int) -> Node:
    """What was read after a key, with the key; `key:(a OR b)` becomes one condition with two values."""
    match test:
        case Or(items):
            given = tuple(_given_field(item, field, start) for item in items)
            equal = [item for item in given if isinstance(item, Is)]
            if len(equal) < len(given):
                return replace(test, items=given)
            values = tuple(value for item in equal for value in item.values)
            return Is(field, values, span=Span(start, test.span.end))
        case And(items):
            return replace(test, items=tuple(_given_field(item, field, start) for item in items))
        case Not(item):
            return replace(test, item=_given_field(item, field, start))
        case Is() | Compare() | Range() | Cidr():
            return replace(test, field=field, span=Span(start, test.span.end))
    raise TypeError(f"{test!r} cannot follow a key.")


_GRAMMAR = Lark(
    Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    transformer=_Build(),
    maybe_placeholders=False,
)

"""The query language: text to tree, tree to text, and the edits that a click makes. Pure Python, no Django."""

from search_app.language.errors import QueryError, QuerySyntaxError, QueryTooSlow, QueryValueError
from search_app.language.nodes import EVERYTHING, And, Cidr, Compare, Is, Node, Not, Or, Range, Span, Text, Value, Wild
from search_app.language.parser import parse
from search_app.language.printer import to_text, value_text

__all__ = [
    "EVERYTHING",
    "And",
    "Cidr",
    "Compare",
    "Is",
    "Node",
    "Not",
    "Or",
    "QueryError",
    "QuerySyntaxError",
    "QueryTooSlow",
    "QueryValueError",
    "Range",
    "Span",
    "Text",
    "Value",
    "Wild",
    "parse",
    "to_text",
    "value_text",
]

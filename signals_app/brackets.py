"""After very many brackets a text has no links any more.

For each `[` markdown-it reads on for the bracket that ends it, and where there is none that is all for nothing, and
expensive: a document of nothing else holds a worker for many seconds.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BRACKET = re.compile(r"(?<!\\)\[")
MOST = 1_000  # in one text


def brackets(markdown: MarkdownIt) -> None:
    """A plug-in for markdown-it: `MARKDOWN.use(brackets)`."""
    markdown.core.ruler.at("inline", _inline)


def _inline(state: StateCore) -> None:
    """As markdown-it's own rule, but what has the brackets above the most stays as it was written."""
    left = MOST
    for block in state.tokens:
        if block.type != "inline":
            continue
        block.children = block.children or []
        found = len(BRACKET.findall(block.content))
        left -= found
        if found and left < 0:
            block.children.append(Token("text", "", 0, content=block.content))
        else:
            state.md.inline.parse(block.content, state.md, state.env, block.children)

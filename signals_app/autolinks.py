"""Bare addresses in Markdown become links.

markdown-it's own `linkify` needs a package besides, which also takes `readme.md` and `10.0.0.5` for addresses of the
web. Here only what is written out with http:// or https:// is one, as in GitHub's extended autolinks.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

ADDRESS = re.compile(r"(?<![\w/.@-])https?://[^\s<>\"`\\]{1,2000}", re.IGNORECASE)
AFTER = ".,;:!?'*_~|"  # ends the sentence, not the address


def autolinks(markdown: MarkdownIt) -> None:
    """A plug-in for markdown-it: `MARKDOWN.use(autolinks)`."""
    # After the pairs of stars have become emphasis, and before neighbouring texts are joined into one.
    markdown.core.ruler.after("inline", "autolinks", _link)


def _link(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = _linked(block.children, state.md)


def _linked(tokens: list[Token], markdown: MarkdownIt) -> list[Token]:
    found: list[Token] = []
    inside = 0  # links do not nest
    for token in tokens:
        inside += (token.type == "link_open") - (token.type == "link_close")
        found += [token] if inside or token.type != "text" else _pieces(token, markdown)
    return found


def _pieces(token: Token, markdown: MarkdownIt) -> list[Token]:
    """A text, cut into what is an address and what is not."""
    pieces: list[Token] = []
    begin = 0
    for match in ADDRESS.finditer(token.content):
        address = _without_end(match.group())
        href = markdown.normalizeLink(address)
        if address.endswith("//") or not markdown.validateLink(href):
            continue
        pieces += _text(token.content[begin : match.start()], token.level)
        pieces.append(Token("link_open", "a", 1, attrs={"href": href}, level=token.level, markup="autolink"))
        pieces += _text(address, token.level + 1)
        pieces.append(Token("link_close", "a", -1, level=token.level, markup="autolink"))
        begin = match.start() + len(address)
    return pieces + _text(token.content[begin:], token.level) if pieces else [token]


def _without_end(address: str) -> str:
    """The address without the marks that follow it: a bracket is its own where it is opened in it, too."""
    end = len(address)
    surplus = {close: address.count(close) - address.count(open) for open, close in ("()", "[]", "{}")}
    while end:
        last = address[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in AFTER:
            break
        end -= 1
    return address[:end]


def _text(content: str, level: int) -> list[Token]:
    return [Token("text", "", 0, content=content, level=level)] if content else []

"""A text of Markdown may take only so much work to draw.

What markdown-it does with a hundred thousand characters depends on which: prose is a matter of a moment, but of nothing
but stars, tiny lists or lines within quotations it makes seconds of work. So the work is counted, and ends in time. It
is counted and not timed, so that a text looks the same however busy the machine is.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.utils import EnvType

MOST = 25_000  # steps of one text: some 25 to 40 µs each; a hundred thousand characters of our own documents take 8,000
TOKENS = 4  # that cost as much as a step: the cells that a short row of a table lacks are made without any


class TooMuchWork(Exception):
    """A text would take longer to draw than it may."""


def effort(markdown: MarkdownIt) -> None:
    """A plug-in for markdown-it: `MARKDOWN.use(effort)`. Rendering raises TooMuchWork.

    Wherever markdown-it asks its rules what begins here, it asks ours first, which know nothing and count.
    """
    # Also where it is asked whether a line ends one of these.
    asked_again: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    markdown.block.ruler.before("table", "effort", _line, asked_again)
    markdown.inline.ruler.before("text", "effort", _place)
    markdown.core.ruler.before("inline", "effort", _blocks)


def _line(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    _step(state.env, 1, len(state.tokens))
    return False


def _blocks(state: StateCore) -> None:
    _step(state.env, 0, len(state.tokens))  # of the last block, too


def _place(state: StateInline, silent: bool) -> bool:
    _step(state.env, 1, 0)
    return False


def _step(env: EnvType, steps: int, tokens: int) -> None:
    env["blocks"] = max(env.get("blocks", 0), tokens // TOKENS)
    env["steps"] = env.get("steps", 0) + steps
    if env["steps"] + env["blocks"] > MOST:
        raise TooMuchWork

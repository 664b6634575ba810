"""A text that is made to keep the server busy is shown as it was written; all others are drawn as ever."""

import pytest
from markdown_it import MarkdownIt

from signals_app.autolinks import autolinks
from signals_app.brackets import brackets
from signals_app.effort import MOST
from signals_app.templatetags import signals
from signals_app.templatetags.signals import AS_WRITTEN, markdown
from tests.effort import calls
from tests.processes import BASE_DIR

LONGEST = 100_000  # characters of a document
CALLS = 4_000_000  # some half a second; drawn, these texts take from 4.4 millions of calls to more than anybody awaits
WIDE = "a|" * 30 + "b\n" + "-|" * 30 + "-\n" + "a\n" * 200 + "\n"  # short rows, whose cells are made up
HOSTILE = {
    "lines within quotations": "> " * 200 + "a\n" * LONGEST,
    "tables": WIDE * LONGEST,
    "one table": "a|b\n-|-\n" + "a|b\n" * LONGEST,
    "lists": "- a\n" * LONGEST,
    "emphasis": "**a*" * LONGEST,
    "nested emphasis": "*a " * (LONGEST // 6) + " a*" * (LONGEST // 6),
    "emphasis in brackets": ("[" + "*a" * 49) * 1000,
    "a title that does not end": "[a]: /b '" + "x\n" * LONGEST,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_shown_as_it_was_written_and_soon(text):
    text = text[:LONGEST]
    assert calls(lambda: markdown(text)) < CALLS
    found = markdown(text)
    assert AS_WRITTEN in found
    assert text.replace("'", "&#x27;").replace(">", "&gt;") in found


def test_what_is_shown_as_it_was_written_runs_nothing():
    found = markdown("<script>\n" + "- a\n" * LONGEST)
    assert AS_WRITTEN in found and "&lt;script&gt;" in found and "<script" not in found


@pytest.mark.parametrize(
    "page", sorted([*BASE_DIR.glob("*.md"), *BASE_DIR.glob("docs/*.md")]), ids=lambda page: page.name
)
def test_ordinary_texts_are_drawn_as_ever(page, monkeypatch):
    text = page.read_text()
    text = (text * (LONGEST // len(text) + 1))[:LONGEST]
    found = markdown(text)
    free = MarkdownIt("commonmark", {"html": False}).enable("table").use(brackets).use(autolinks)
    monkeypatch.setattr(signals, "MARKDOWN", free)
    assert AS_WRITTEN not in found and found == markdown(text)


def test_a_text_does_not_pay_for_the_one_before():
    text = "*a* " * (MOST // 6)
    assert [AS_WRITTEN in markdown(text) for _ in range(3)] == [False] * 3

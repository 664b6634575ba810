"""A text of nothing but brackets is drawn at once, and one with links has them."""

import pytest

from signals_app.brackets import MOST
from signals_app.templatetags.signals import markdown
from tests.effort import calls


@pytest.mark.parametrize("piece", ["![", "[", "![" * 100 + "\n\n", "![" * MOST + "\n\n"])
def test_very_many_brackets_cost_nothing(piece):
    text = (piece * 100_000)[:100_000]
    assert calls(lambda: markdown(text)) < 1_000_000  # as markdown-it reads them by itself, more than twenty


def test_a_text_has_a_thousand_links_and_what_comes_after_them_is_text():
    found = markdown("[a](/b)\n\n" * (MOST + 1))
    assert found.count("<a ") == MOST
    assert "<p>[a](/b)</p>" in found
    assert "<em>" in markdown("\\[" * MOST * 2 + "\n\n[*a*](https://a.example)")  # escaped ones are no brackets

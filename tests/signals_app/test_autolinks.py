"""Bare addresses in what people write become links; nothing else does."""

import pytest

from signals_app.templatetags.signals import markdown

REL = 'rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    ("text", "address", "after"),
    [
        ("See https://runbooks.example.com/sqli?step=2#top.", "https://runbooks.example.com/sqli?step=2#top", "."),
        ("(http://a.example/x)", "http://a.example/x", ")"),
        ("https://en.wikipedia.org/wiki/A_(b), then", "https://en.wikipedia.org/wiki/A_(b)", ", then"),
        ("**https://a.example/b**", "https://a.example/b", "</strong>"),
        ("- HTTPS://A.EXAMPLE/", "HTTPS://A.EXAMPLE/", "</li>"),
        ("> https://a.example/?q=<script>", "https://a.example/?q=", "&lt;script&gt;"),
    ],
)
def test_an_address_becomes_a_link_that_tells_the_other_side_nothing(text, address, after):
    assert f'<a href="{address}" {REL}>{address}</a>{after}' in markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "readme.md and 10.0.0.5",
        "https://",
        "`https://a.example`",
        "    https://a.example",
        "ftp://a.example",
        "somebody@https://a.example",
        "https\\://a.example",
    ],
)
def test_what_is_no_address_of_the_web_stays_text(text):
    assert "<a" not in markdown(text)


def test_an_address_cannot_leave_its_attribute():
    assert markdown('https://a.example/"onmouseover="alert(1)').startswith(f'<p><a href="https://a.example/" {REL}>')


def test_links_do_not_nest():
    html = markdown("[https://shown.example](https://meant.example) <https://third.example>")
    assert html.count("<a ") == 2
    assert 'href="https://meant.example"' in html


def test_many_brackets_take_no_time():
    text = "https://a.example/" + "(" * 900 + ")" * 900 + "https://" * 2000
    assert markdown(text).count("<a ") == 1

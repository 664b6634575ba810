"""Names that are nearly fields."""

import pytest

from search_app.hints import hints
from signals_app.fields import SIGNALS
from signals_app.models import SignalTag
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tagged():
    signal = SignalFactory()
    SignalTag.objects.create(signal=signal, text="servce:real")
    SignalTag.objects.create(signal=signal, text="site:1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("service:web SEVERITY:high status:low", []),
        ("words servce:real", []),
        ("site:2", []),
        ("sevice:web", ["No tag or field is called “sevice”. Did you mean “service”?"]),
        ("-(sevice:web OR sevice:api)", ["No tag or field is called “sevice”. Did you mean “service”?"]),
        ("severty:>=high", ["No tag or field is called “severty”. Did you mean “severity”?"]),
        ("quantum:1", ["No tag or field is called “quantum”."]),
        ("!status:high", ["“!status:high” is looked for as text. To leave something out, write -status:high"]),
        ("! status:high", ["“!” is looked for as text. To leave something out, write - before it"]),
        ('"!status" wow! !*', []),
        ("@http.status_code:404", []),
        (
            "@network.clinet.ip:10.0.0.1",
            ["“@network.clinet.ip” is no field and is looked up as an attribute. Did you mean “@network.client.ip”?"],
        ),
    ],
)
def test_a_name_that_finds_nothing_is_told_with_the_field_it_is_like(text, expected):
    assert hints(SIGNALS.parse(text), SIGNALS, found=1) == expected


@pytest.mark.parametrize(
    ("text", "whole", "part"),
    [
        ("title:SQL", "title:SQL", "title:*SQL*"),
        ('-service:x title:"SQL injection"', 'title:"SQL injection"', "title:*SQL\\ injection*"),
        ("message:token", "message:token", "message:*token*"),
        ("title:*SQL*", "", ""),
        ("title:none", "", ""),
        ("env:prod", "", ""),
        ("SQL", "", ""),
    ],
)
def test_a_part_of_a_text_that_finds_nothing_is_told_of(text, whole, part):
    told = f"“{whole}” finds only what says exactly this. To find a part of it, write {part}"
    assert hints(SIGNALS.parse(text), SIGNALS, found=0) == ([told] if whole else [])
    assert hints(SIGNALS.parse(text), SIGNALS, found=3) == []

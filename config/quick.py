"""The second template engine, for what stands on a page hundreds of times: the rows of lists, the values of facets.

Jinja compiles a template to Python, so that a cell costs a microsecond or two and not twenty. Everything else is
Django's templates. Both escape what they draw. See docs/decisions/0006-two-template-engines.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from core_app.templatetags import console
from signals_app.templatetags import signals


@lru_cache(maxsize=10_000)
def _url(name: str, *arguments: str) -> str:
    """An address by its name: rows lead to the same few services and attackers again and again."""
    return reverse(name, args=arguments)


def environment(**options: Any) -> Environment:
    """What the settings name: Jinja with the words that our tags and filters give to Django's templates."""
    found = Environment(**options | {"undefined": StrictUndefined}, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - Django turns autoescape on
    found.globals |= {
        "url": _url,
        "icon": console.icon,
        "avatar": signals.avatar,
        "severity": signals.severity,
        "state": signals.state,
        "when": signals.when,
    }
    found.filters |= {"ago": signals.ago, "attribute": signals.attribute}
    return found

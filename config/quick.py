"""The second template engine, for what stands on a page hundreds of times: the rows of lists, the values of facets.

Jinja compiles a template to Python, so that a cell costs a microsecond or two and not twenty. Everything else is
Django's templates. Both escape what they draw. See docs/decisions/0006-two-template-engines.md.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, StrictUndefined

from core_app.paths import path_to
from core_app.templatetags import console
from signals_app.templatetags import signals


def environment(**options: Any) -> Environment:
    """What the settings name: Jinja with the words that our tags and filters give to Django's templates.

    All of them are filters here, tags too: calling one is plain Python, and one of a constant is drawn but once.
    """
    found = Environment(**options | {"undefined": StrictUndefined}, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - Django turns autoescape on
    found.filters |= {
        "url": path_to,
        "icon": console.icon,
        "avatar": signals.avatar,
        "severity": signals.severity,
        "state": signals.state,
        "when": signals.when,
        "ago": signals.ago,
        "attribute": signals.attribute,
    }
    return found

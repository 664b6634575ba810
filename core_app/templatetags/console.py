"""What every page of the console draws with."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One drawing of `static/img/icons.svg`. It says nothing by itself: put words beside or around it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("img/icons.svg"), name)


@register.simple_tag
def quick(template_name: str, **context: Any) -> SafeString:
    """A template of `templates/quick/`, drawn with nothing but what it is given."""
    return mark_safe(render_to_string(template_name, context, using="quick"))  # noqa: S308 - the engine escapes

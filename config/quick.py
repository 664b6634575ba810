"""The second template engine, for what stands on a page hundreds of times: the rows of lists, the values of facets.

Jinja compiles a template to Python, so that a cell costs a microsecond or two and not twenty. Everything else is
Django's templates. Both escape what they draw. See docs/decisions/0006-two-template-engines.md.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any

from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Macro

from cases_app.templatetags import cases
from core_app.paths import path_to
from core_app.templatetags import console
from incidents_app.templatetags import incidents
from signals_app.row_look import row_look
from signals_app.templatetags import signals


class Quicker(CodeGenerator):
    """Compiles to what a person would have written: `signal.title`, text that is escaped where it has to be, and one
    text of what is included.

    Jinja calls a function for every attribute, which looks for an item as well, makes an object of every text that it
    has escaped, and hands what is included piece by piece up through every template around it. On a page with three
    thousand of each that is a quarter of the drawing.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        if node.ignore_missing or not node.with_context:
            super().visit_Include(node, frame)
            return
        self.writeline("template = environment.get_template(", node)
        self.visit(node.template, frame)
        self.write(f", {self.name!r})")
        given = f"context.get_all(), True, {self.dump_local_context(frame)}"
        self.simple_write(f"concat([*template.root_render_func(template.new_context({given}))])", frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.written(")


_has_markup = re.compile("[&<>\"']").search


def written(value: Any) -> str:
    """A value as it stands in HTML. Text that is HTML already says so, as Django's and Jinja's does."""
    kind = type(value)
    if kind is SafeString:  # what our own filters draw, most of all that is not plain text
        return value
    if kind is not str:
        if hasattr(value, "__html__"):
            return str(value.__html__())
        value = str(value)
    return escape(value) if _has_markup(value) else value


def day(date: date) -> str:
    """A day of the calendar: `Nov 5, 2026`."""
    return date_format(date, "M j, Y")


def seconds(moment: datetime | None) -> str:
    """A moment as seconds since 1970; empty for none."""
    return "" if moment is None else str(int(moment.timestamp()))


MOST_KEPT = 500  # pieces, of about two thousand characters each, and as much of what they were drawn of


def kept(draw: Macro, *given: Any) -> SafeString:
    """What a macro of a file of its own makes of these values, drawn once for the same ones.

    People look at the same rows again and again, and of fifty a click changes one. The macro may look at nothing but
    its values, the time zone and the year; and of the values everything that it draws has to count when they are
    compared: texts, numbers, and tuples and dataclasses of such. See docs/decisions/0013-rows-kept-as-drawn.md.
    """
    return _drawn(draw, timezone.get_current_timezone(), datetime.now(UTC).year, *given)


@lru_cache(MOST_KEPT, typed=True)
def _drawn(draw: Macro, _zone: tzinfo, _year: int, *given: Any) -> SafeString:
    return SafeString(draw(*given))


class QuickEnvironment(Environment):
    """Jinja, as this product uses it: attributes are attributes, items are `one["of"]` these."""

    code_generator_class = Quicker
    written = staticmethod(written)


def environment(**options: Any) -> Environment:
    """What the settings name: Jinja with the words that our tags and filters give to Django's templates.

    All of them are filters here, tags too: calling one is plain Python, and one of a constant is drawn but once.
    """
    found = QuickEnvironment(**options | {"undefined": StrictUndefined}, trim_blocks=True, lstrip_blocks=True)
    found.filters |= {
        "kept": kept,
        "url": path_to,
        "icon": console.icon,
        "static": static,
        "avatar": signals.avatar,
        "severity": signals.severity,
        "state": signals.state,
        "when": signals.when,
        "ago": signals.ago,
        "row_look": row_look,
        "case_status": cases.case_status,
        "case_priority": cases.case_priority,
        "case_attribute": cases.case_attribute,
        "incident_severity": incidents.incident_severity,
        "incident_state": incidents.incident_state,
        "duration": incidents.duration,
        "at_path": incidents.at_path,
        "day": day,
        "intcomma": "{:,}".format,
        "seconds": seconds,
    }
    return found

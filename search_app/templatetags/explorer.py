"""What the tables of explorers are drawn with."""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context

register = template.Library()


class CellsNode(Node):
    """The cells of one row: for each column the part of the template that is called as the column's kind.

    A page has hundreds of cells. An `include` for each would cost more than all of the rest of the page, so the parts
    are looked up once a page and drawn in the row's own context, with `column` in it.
    """

    def __init__(self, template_name: str, columns: FilterExpression) -> None:
        self.template_name, self.columns = template_name, columns

    def render(self, context: Context) -> str:
        cells = context.render_context.setdefault(self, {})
        drawn = []
        for column in self.columns.resolve(context):
            part = cells.get(column.kind) or cells.setdefault(column.kind, self._part(context, column.kind))
            context["column"] = column
            drawn.append(part.render(context))
        return "".join(drawn)

    def _part(self, context: Context, kind: str) -> NodeList:
        return context.template.engine.get_template(f"{self.template_name}#{kind}").nodelist


@register.tag
def cells(parser: Parser, token: Token) -> CellsNode:
    """`{% cells "components/signal_cells.html" columns %}` inside a row."""
    _, template_name, columns = token.split_contents()
    return CellsNode(template_name.strip("\"'"), parser.compile_filter(columns))

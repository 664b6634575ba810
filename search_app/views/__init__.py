"""What every explorer answers to, whatever it lists."""

from search_app.views.bulk import (
    bulk,
    bulk_cancel,
    bulk_dismiss,
    bulk_dismiss_all,
    bulk_operation,
    bulk_operations,
    bulk_undo,
)
from search_app.views.facets import facet_list, facet_remove, facet_values
from search_app.views.language import language_help, suggestions
from search_app.views.news import news
from search_app.views.saved import (
    view_create,
    view_default,
    view_delete,
    view_edit,
    view_favourite,
    view_list,
    view_update,
)

__all__ = [
    "bulk",
    "bulk_cancel",
    "bulk_dismiss",
    "bulk_dismiss_all",
    "bulk_operation",
    "bulk_operations",
    "bulk_undo",
    "facet_list",
    "facet_remove",
    "facet_values",
    "language_help",
    "news",
    "suggestions",
    "view_create",
    "view_default",
    "view_delete",
    "view_edit",
    "view_favourite",
    "view_list",
    "view_update",
]

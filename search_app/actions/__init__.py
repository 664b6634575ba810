"""What people decide on this floor: one function a verb."""

from search_app.actions.custom_facets import declare_facet, remove_facet
from search_app.actions.saved_views import create_view, delete_view, set_default, set_favourite, update_view

__all__ = [
    "create_view",
    "declare_facet",
    "delete_view",
    "remove_facet",
    "set_default",
    "set_favourite",
    "update_view",
]

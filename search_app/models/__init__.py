"""What this floor keeps: what the facet index follows, and the views that people save."""

from search_app.models.changes import ChangeCounter, Tombstone, ValueChange
from search_app.models.custom_facets import CustomFacet
from search_app.models.saved_views import SavedView, ViewMark

__all__ = ["ChangeCounter", "CustomFacet", "SavedView", "Tombstone", "ValueChange", "ViewMark"]

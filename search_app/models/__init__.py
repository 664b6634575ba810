"""What this floor keeps: what the facet index follows, saved views, custom facets, and bulk operations."""

from search_app.models.bulk import BulkOperation
from search_app.models.changes import ChangeCounter, Tombstone, ValueChange
from search_app.models.custom_facets import CustomFacet
from search_app.models.saved_views import SavedView, ViewMark

__all__ = ["BulkOperation", "ChangeCounter", "CustomFacet", "SavedView", "Tombstone", "ValueChange", "ViewMark"]

"""What this floor keeps: what the facet index follows."""

from search_app.models.changes import ChangeCounter, Tombstone, ValueChange

__all__ = ["ChangeCounter", "Tombstone", "ValueChange"]

"""What an explorer shows for one query: totals, facets, a timeline and one page of rows, from one place.

`explore` is the whole interface. Behind it stands SQL; whatever replaces it answers in the same shapes.
"""

from search_app.index.explore import explore
from search_app.index.shapes import MAX_FACET_VALUES, MAX_PAGE, Bucket, Explored, FacetValue, Page, Window

__all__ = ["MAX_FACET_VALUES", "MAX_PAGE", "Bucket", "Explored", "FacetValue", "Page", "Window", "explore"]

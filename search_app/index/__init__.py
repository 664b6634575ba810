"""What an explorer shows for one query: totals, facets, a timeline and one page of rows, from one place.

`explore` is the whole interface. Behind it stands an engine (see `engine.py`): the facet index of this process.
The engine in SQL answers the same; the index is held to it by test.
"""

from search_app.index.explore import explore, frequent_values
from search_app.index.shapes import MAX_FACET_VALUES, MAX_PAGE, Bucket, Explored, FacetValue, Page, Window

__all__ = [
    "MAX_FACET_VALUES",
    "MAX_PAGE",
    "Bucket",
    "Explored",
    "FacetValue",
    "Page",
    "Window",
    "explore",
    "frequent_values",
]

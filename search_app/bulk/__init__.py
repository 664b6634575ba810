"""One deed for many rows: chosen on a page, frozen at the click, done in chunks, reported, undone.

A floor above registers what can be done to its rows as a `BulkAction`. The deed itself is the same action function
that a single click calls: it takes `{key: version seen}` and returns an `Outcome`, and here it is given a chunk at a
time.
"""

from search_app.bulk.registry import BulkAction, BulkLink, bulk_action, entries_of, register

__all__ = ["BulkAction", "BulkLink", "bulk_action", "entries_of", "register"]

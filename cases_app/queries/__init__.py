"""What is read on this floor."""

from cases_app.queries.keys import with_key
from cases_app.queries.timeline import Happening, changes_since, timeline

__all__ = ["Happening", "changes_since", "timeline", "with_key"]

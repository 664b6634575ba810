"""What this floor reads."""

from incidents_app.queries.incidents import changes_since, lately, times_of
from incidents_app.queries.postmortem import postmortem
from incidents_app.queries.timeline import KINDS, Item, timeline

__all__ = ["KINDS", "Item", "changes_since", "lately", "postmortem", "timeline", "times_of"]

"""Which detections are looked at, by the organisation's security filters."""

from __future__ import annotations

from signals_app.correlation.facts import Asking, Question
from signals_app.models import SecurityFilter


class Filters:
    """Those that are on, for one batch."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.rows = list(SecurityFilter.objects.filter(is_enabled=True).order_by("pk"))
        # As long as nobody has narrowed the one that is built in, no detection is asked anything.
        self.includes_all = any(row.includes_all for row in self.rows)

    def include(self, question: Question) -> bool:
        """Whether some filter includes the detection. With none that is on nothing is included."""
        return self.includes_all or any(self._includes(row, question) for row in self.rows)

    def _includes(self, row: SecurityFilter, question: Question) -> bool:
        return self.asking.meets(row, row.query, question.facts) and not any(
            self.asking.meets(row, exclusion["query"], question.facts) for exclusion in row.exclusions
        )

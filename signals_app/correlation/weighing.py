"""Which critical assets a detection is about."""

from __future__ import annotations

from signals_app.correlation.facts import Asking, Question
from signals_app.models import CriticalAsset


class CriticalAssets:
    """Those that are on, for one batch."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.rows = list(CriticalAsset.objects.filter(is_enabled=True).order_by("pk"))

    def of(self, question: Question) -> list[CriticalAsset]:
        """Those whose rules hold the detection's rule and whose query it meets."""
        return [
            row
            for row in self.rows
            if self.asking.selects(row, row.rule_query, question.rule)
            and self.asking.meets(row, row.query, question.facts)
        ]

"""Detections that shall make no signal: found before one is made, kept, and counted on what suppressed them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import F

from signals_app.correlation.facts import Asking, Question
from signals_app.models import Detection, Suppression

CHUNK = 200


class Suppressions:
    """Those in force for one batch, and what they took."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.rows = list(Suppression.objects.filter(is_enabled=True).order_by("pk"))
        self.taken: Counter[int] = Counter()
        self.newest: dict[int, datetime] = {}
        self.stored: list[Detection] = []

    def take(self, question: Question) -> bool:
        """Whether the detection is suppressed; it is marked and counted if so."""
        detection = question.sighting.detection
        for suppression in self.rows:
            if not self.asking.selects(suppression, suppression.rule_query, question.rule):
                continue
            if not suppression.is_in_force(detection.at) or not self._holds(suppression, question):
                continue
            detection.suppression = suppression
            self.taken[suppression.pk] += 1
            self.newest[suppression.pk] = max(detection.at, self.newest.get(suppression.pk, detection.at))
            if detection.pk:
                self.stored.append(detection)
            return True
        return False

    def store(self) -> None:
        """Count what was taken, in the batch's transaction; counting is no edit, so the version stays."""
        for pk, times in sorted(self.taken.items()):
            Suppression.objects.filter(pk=pk).update(count=F("count") + times, last_match_at=self.newest[pk])
        Detection.objects.bulk_update(self.stored, ["rule", "suppression"], batch_size=CHUNK)

    def _holds(self, suppression: Suppression, question: Question) -> bool:
        queries = [query for query in (suppression.query, suppression.exclusion_query) if query]
        return not queries or any(self.asking.meets(suppression, query, question.facts) for query in queries)

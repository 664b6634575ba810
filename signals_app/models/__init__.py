"""What Tocsin knows: signals and everything they are made of, one file per thing."""

from signals_app.models.entities import Entity
from signals_app.models.intake import Detection, FollowedFile, RawItem, Source
from signals_app.models.rules import DetectionRule
from signals_app.models.services import Service
from signals_app.models.settings import CriticalAsset, NotificationRule, SecurityFilter
from signals_app.models.signals import (
    Assignment,
    Sample,
    Severity,
    Signal,
    SignalEntity,
    SignalTag,
    TriageState,
)
from signals_app.models.suppressions import Suppression

__all__ = [
    "Assignment",
    "CriticalAsset",
    "Detection",
    "DetectionRule",
    "Entity",
    "FollowedFile",
    "NotificationRule",
    "RawItem",
    "Sample",
    "SecurityFilter",
    "Service",
    "Severity",
    "Signal",
    "SignalEntity",
    "SignalTag",
    "Source",
    "Suppression",
    "TriageState",
]

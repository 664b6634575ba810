"""What cases are made of."""

from cases_app.models.cases import Case, CaseLink, CaseSignal, CaseTag, CaseWatcher, Comment, Priority, Status
from cases_app.models.projects import CaseType, CustomAttribute, Project, ProjectFavourite, ProjectRule
from cases_app.models.windows import MaintenanceWindow

__all__ = [
    "Case",
    "CaseLink",
    "CaseSignal",
    "CaseTag",
    "CaseType",
    "CaseWatcher",
    "Comment",
    "CustomAttribute",
    "MaintenanceWindow",
    "Priority",
    "Project",
    "ProjectFavourite",
    "ProjectRule",
    "Status",
]

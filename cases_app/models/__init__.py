"""What cases are made of."""

from cases_app.models.cases import Case, CaseSignal, CaseTag, Comment, Priority, Status
from cases_app.models.projects import CaseType, Project

__all__ = ["Case", "CaseSignal", "CaseTag", "CaseType", "Comment", "Priority", "Project", "Status"]

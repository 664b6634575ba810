"""Cases for machines."""

from cases_app.api.cases import CaseViewSet
from cases_app.api.settings import CaseTypeViewSet, ProjectViewSet

__all__ = ["CaseTypeViewSet", "CaseViewSet", "ProjectViewSet"]

from rest_framework.routers import SimpleRouter

from cases_app.api import CaseTypeViewSet, CaseViewSet, ProjectViewSet

app_name = "cases_api"
router = SimpleRouter(use_regex_path=False)
router.register("projects", ProjectViewSet, basename="project")
router.register("types", CaseTypeViewSet, basename="type")
router.register("", CaseViewSet, basename="case")
urlpatterns = router.urls

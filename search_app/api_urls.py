from rest_framework.routers import SimpleRouter

from search_app.api import SavedViewViewSet

app_name = "search_api"
router = SimpleRouter(use_regex_path=False)
router.register("views", SavedViewViewSet, basename="view")
urlpatterns = router.urls

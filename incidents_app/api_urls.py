from rest_framework.routers import SimpleRouter

from incidents_app import api

app_name = "incidents_api"
router = SimpleRouter(use_regex_path=False)
router.register("incidents", api.IncidentViewSet, basename="incident")
router.register("incidents/<int:public_id>/notes", api.NoteViewSet, basename="note")
router.register("incidents/<int:public_id>/todos", api.TodoViewSet, basename="todo")
router.register("incidents/<int:public_id>/impacts", api.ImpactViewSet, basename="impact")
router.register("incidents/<int:public_id>/attachments", api.AttachmentViewSet, basename="attachment")
urlpatterns = router.urls

from django.urls import path

from search_app import views

app_name = "search"
urlpatterns = [
    path("<slug:surface>/suggest/", views.suggestions, name="suggest"),
    path("<slug:surface>/help/", views.language_help, name="help"),
    path("<slug:surface>/news/", views.news, name="news"),
    path("<slug:surface>/views/", views.view_list, name="view_list"),
    path("<slug:surface>/views/new/", views.view_create, name="view_create"),
    path("<slug:surface>/views/<uuid:uuid>/", views.view_edit, name="view_edit"),
    path("<slug:surface>/views/<uuid:uuid>/update/", views.view_update, name="view_update"),
    path("<slug:surface>/views/<uuid:uuid>/delete/", views.view_delete, name="view_delete"),
    path("<slug:surface>/views/<slug:key>/favourite/", views.view_favourite, name="view_favourite"),
    path("<slug:surface>/views/<slug:key>/default/", views.view_default, name="view_default"),
    path("<slug:surface>/bulk/", views.bulk_operations, name="bulk_operations"),
    path("<slug:surface>/bulk/operations/dismiss/", views.bulk_dismiss_all, name="bulk_dismiss_all"),
    path("<slug:surface>/bulk/operations/<uuid:uuid>/", views.bulk_operation, name="bulk_operation"),
    path("<slug:surface>/bulk/operations/<uuid:uuid>/cancel/", views.bulk_cancel, name="bulk_cancel"),
    path("<slug:surface>/bulk/operations/<uuid:uuid>/undo/", views.bulk_undo, name="bulk_undo"),
    path("<slug:surface>/bulk/operations/<uuid:uuid>/dismiss/", views.bulk_dismiss, name="bulk_dismiss"),
    path("<slug:surface>/bulk/<slug:action>/", views.bulk, name="bulk"),
    path("<slug:surface>/facets/", views.facet_list, name="facet_list"),
    path("<slug:surface>/facets-of-ours/<int:pk>/remove/", views.facet_remove, name="facet_remove"),
    # Names of facets are paths and may hold slashes: the longer addresses come first.
    path("<slug:surface>/facets/<path:name>/", views.facet_values, name="facet"),
]

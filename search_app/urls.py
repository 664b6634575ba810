from django.urls import path

from search_app import views

app_name = "search"
urlpatterns = [
    path("<slug:surface>/suggest/", views.suggestions, name="suggest"),
    path("<slug:surface>/help/", views.language_help, name="help"),
    path("<slug:surface>/facets/<path:name>/", views.facet_values, name="facet"),
]

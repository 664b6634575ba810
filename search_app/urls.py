from django.urls import path

from search_app import views

app_name = "search"
urlpatterns = [
    path("<slug:name>/suggest/", views.suggestions, name="suggest"),
    path("<slug:name>/help/", views.language_help, name="help"),
]

from django.urls import path

from signals_app import views

app_name = "signals"
urlpatterns = [
    path("signals/", views.signal_list, name="list"),
    path("services/", views.service_list, name="service_list"),
    path("rules/", views.rule_list, name="rule_list"),
]

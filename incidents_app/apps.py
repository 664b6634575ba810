from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents_app"
    verbose_name = "Incidents"

from django.apps import AppConfig


class DatadogConfig(AppConfig):
    name = "datadog_app"
    verbose_name = "Datadog's API"

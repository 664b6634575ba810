from django.apps import AppConfig


class DatadogConfig(AppConfig):
    name = "datadog_app"
    verbose_name = "Datadog's API"

    def ready(self) -> None:
        # Django's registry must be whole before the doors can be imported.
        from datadog_app import checks  # noqa: F401 - registers the system checks

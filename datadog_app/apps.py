from django.apps import AppConfig


class DatadogConfig(AppConfig):
    name = "datadog_app"
    verbose_name = "Datadog's API"

    def ready(self) -> None:
        # Django's registry must be whole before the doors can be imported.
        from core_app.http import write_errors_below
        from datadog_app import checks  # noqa: F401 - registers the system checks
        from datadog_app.errors import answer_of

        for version in ("/api/v1/", "/api/v2/"):
            write_errors_below(version, answer_of)

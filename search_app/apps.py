from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search_app"
    verbose_name = "Search"

    def ready(self) -> None:
        # Django's registry must be whole before tasks can be imported, and fields before they get look-ups.
        import search_app.among  # noqa: F401
        from core_app.queue import send
        from search_app.bulk import operations
        from search_app.tasks import run_bulk_operations

        operations.nudge_with(lambda: send(run_bulk_operations))

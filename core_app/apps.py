from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "core_app"
    verbose_name = "Ledger"

    def ready(self) -> None:
        # Django's registry must be whole before tasks and checks can be imported.
        from core_app import checks  # noqa: F401  (registers the system checks)
        from core_app.ledger import nudge_with
        from core_app.postgres import read_times_quickly
        from core_app.queue import send
        from core_app.tasks import deliver

        nudge_with(lambda: send(deliver))
        connection_created.connect(read_times_quickly)

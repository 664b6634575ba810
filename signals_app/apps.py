from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "signals_app"
    verbose_name = "Signals"

    def ready(self) -> None:
        # Django's registry must be whole before these can be imported.
        from core_app.queue import send
        from search_app import bulk, surfaces
        from search_app.explorer import spec
        from signals_app import handlers, intake  # noqa: F401  (handlers register themselves)
        from signals_app.bulk import ALL
        from signals_app.explorer import EXPLORER
        from signals_app.fields import SIGNALS
        from signals_app.tasks import process_raw_items

        surfaces.register(SIGNALS)
        spec.register(EXPLORER)
        for entry in ALL:
            bulk.register(entry)
        intake.nudge_with(lambda: send(process_raw_items))

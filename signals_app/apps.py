from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "signals_app"
    verbose_name = "Signals"

    def ready(self) -> None:
        from core_app.queue import send
        from search_app import surfaces
        from search_app.explorer import spec
        from signals_app import intake
        from signals_app.explorer import EXPLORER
        from signals_app.fields import SIGNALS
        from signals_app.tasks import process_raw_items

        surfaces.register(SIGNALS)
        spec.register(EXPLORER)
        intake.nudge_with(lambda: send(process_raw_items))

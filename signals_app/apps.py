from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "signals_app"
    verbose_name = "Signals"

    def ready(self) -> None:
        from search_app.surfaces import register
        from signals_app.fields import SIGNALS

        register(SIGNALS)

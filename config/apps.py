from django.apps import AppConfig


class TopConfig(AppConfig):
    """The wiring as an app, so that its commands (`up`, `demo`) are found."""

    name = "config"
    verbose_name = "Tocsin"

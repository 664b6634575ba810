from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases_app"
    verbose_name = "Cases"

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    default = True
    name = "accounts_app"
    verbose_name = "People and keys"

    def ready(self) -> None:
        # Django's registry must be whole before handlers and checks can be imported.
        from accounts_app import checks, handlers  # noqa: F401  (they register themselves)


class AdminConfig(admin_apps.AdminConfig):
    """The admin panel, behind our own login and permissions."""

    default = False
    default_site = "accounts_app.admin_site.TocsinAdminSite"

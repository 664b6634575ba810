"""Where security filters, critical assets and notification rules are found."""

from django.urls import path

from datadog_app.api import notification_rules as notifications
from datadog_app.api import security_settings as settings

CONFIGURATION = "v2/security_monitoring/configuration"
FILTERS = f"{CONFIGURATION}/security_filters"
ASSETS = f"{CONFIGURATION}/critical_assets"
SIGNALS = "v2/security/signals/notification_rules"
VULNERABILITIES = "v2/security/vulnerabilities/notification_rules"
ONE = "<str:notification_id>"

urlpatterns = [
    path(FILTERS, settings.FilterList.as_view(), name="security_filters"),
    path(f"{FILTERS}/versions", settings.FilterSets.as_view(), name="security_filter_sets"),
    path(f"{FILTERS}/<str:security_filter_id>", settings.FilterDetail.as_view(), name="security_filter"),
    path(ASSETS, settings.AssetList.as_view(), name="critical_assets"),
    path(f"{ASSETS}/rules/<str:rule_id>", settings.AssetsOfRule.as_view(), name="critical_assets_of_rule"),
    path(f"{ASSETS}/<str:critical_asset_id>", settings.AssetDetail.as_view(), name="critical_asset"),
    path(SIGNALS, notifications.NotificationList.as_view(), name="notification_rules"),
    path(f"{SIGNALS}/{ONE}", notifications.NotificationDetail.as_view(), name="notification_rule"),
    path(VULNERABILITIES, notifications.VulnerabilityNotificationList.as_view(), name="vulnerability_rules"),
    path(
        f"{VULNERABILITIES}/{ONE}", notifications.VulnerabilityNotificationDetail.as_view(), name="vulnerability_rule"
    ),
    path(
        f"{CONFIGURATION}/notification_rules/send_notification_preview",
        notifications.NotificationPreview.as_view(),
        name="notification_preview",
    ),
]

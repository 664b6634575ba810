from django.urls import path

from signals_app import api, views
from signals_app.views.settings import ASSETS, FILTERS, NOTIFICATIONS

app_name = "signals"
SETTINGS = (("security-filters", FILTERS), ("critical-assets", ASSETS), ("notification-rules", NOTIFICATIONS))
urlpatterns = [
    path("signals/", views.signal_list, name="list"),
    path("signals/export/", views.signal_export, name="export"),
    path("signals/<str:public_id>/", views.signal_detail, name="detail"),
    path("signals/<str:public_id>/state/", views.signal_set_state, name="set_state"),
    path("signals/<str:public_id>/assignees/", views.signal_assign, name="assign"),
    path("signals/<str:public_id>/team/", views.signal_set_team, name="set_team"),
    path("signals/<str:public_id>/activity/", views.signal_activity, name="activity"),
    path("signals/<str:public_id>/entities/", views.signal_entities, name="entities"),
    # Names of services and entities come from outside and may hold slashes: the longer addresses come first.
    path("services/", views.service_list, name="service_list"),
    path("services/<path:name>/edit/", views.service_edit, name="service_edit"),
    path("services/<path:name>/card/", views.service_card, name="service_card"),
    path("services/<path:name>/", views.service_detail, name="service_detail"),
    path("entities/<str:kind>/<path:value>/card/", views.entity_card, name="entity_card"),
    path("entities/<str:kind>/<path:value>/", views.entity_detail, name="entity_detail"),
    path("rules/", views.rule_list, name="rule_list"),
    path("rules/<uuid:uuid>/", views.rule_detail, name="rule_detail"),
    path("rules/<uuid:uuid>/edit/", views.rule_edit, name="rule_edit"),
    path("rules/<uuid:uuid>/versions/<int:version>/", views.rule_restore, name="rule_restore"),
    path("suppressions/", views.suppression_list, name="suppression_list"),
    path("suppressions/new/", views.suppression_create, name="suppression_create"),
    path("suppressions/<uuid:uuid>/edit/", views.suppression_edit, name="suppression_edit"),
    path("suppressions/<uuid:uuid>/delete/", views.suppression_delete, name="suppression_delete"),
    path("intake/", views.intake_list, name="intake_list"),
    path("intake/sources/", views.intake_source_create, name="intake_source_create"),
    path("intake/retry/", views.intake_retry, name="intake_retry"),
    path("intake/sources/<slug:name>/", views.intake_source, name="intake_source"),
    path("intake/sources/<slug:name>/token/", views.intake_token_rotate, name="intake_token_rotate"),
    path("api/intake/<slug:source>", api.IntakeView.as_view(), name="intake"),
]
for place, kind in SETTINGS:
    urlpatterns += [
        path(f"{place}/", views.setting_list, {"kind": kind}, name=f"{kind.word}_list"),
        path(f"{place}/new/", views.setting_create, {"kind": kind}, name=f"{kind.word}_create"),
        path(f"{place}/<uuid:uuid>/edit/", views.setting_edit, {"kind": kind}, name=f"{kind.word}_edit"),
        path(f"{place}/<uuid:uuid>/delete/", views.setting_delete, {"kind": kind}, name=f"{kind.word}_delete"),
    ]

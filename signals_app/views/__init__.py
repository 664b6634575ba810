"""The pages of signals and what they are made of."""

from signals_app.views.entities import entity_card, entity_detail
from signals_app.views.explorer import signal_list
from signals_app.views.export import signal_export
from signals_app.views.intake import (
    intake_list,
    intake_retry,
    intake_source,
    intake_source_create,
    intake_token_rotate,
)
from signals_app.views.rules import rule_detail, rule_edit, rule_list, rule_restore
from signals_app.views.services import service_card, service_detail, service_edit, service_list
from signals_app.views.settings import setting_create, setting_delete, setting_edit, setting_list
from signals_app.views.signal import signal_activity, signal_detail, signal_entities
from signals_app.views.suppressions import (
    suppression_create,
    suppression_delete,
    suppression_edit,
    suppression_list,
)
from signals_app.views.triage import signal_assign, signal_set_state, signal_set_team

__all__ = [
    "entity_card",
    "entity_detail",
    "intake_list",
    "intake_retry",
    "intake_source",
    "intake_source_create",
    "intake_token_rotate",
    "rule_detail",
    "rule_edit",
    "rule_list",
    "rule_restore",
    "service_card",
    "service_detail",
    "service_edit",
    "service_list",
    "setting_create",
    "setting_delete",
    "setting_edit",
    "setting_list",
    "signal_activity",
    "signal_assign",
    "signal_detail",
    "signal_entities",
    "signal_export",
    "signal_list",
    "signal_set_state",
    "signal_set_team",
    "suppression_create",
    "suppression_delete",
    "suppression_edit",
    "suppression_list",
]

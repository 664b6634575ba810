"""The pages of signals and what they are made of."""

from signals_app.views.explorer import signal_list
from signals_app.views.rules import rule_list
from signals_app.views.services import service_list

__all__ = ["rule_list", "service_list", "signal_list"]

"""What the original's incidents have and ours have not answers 404, and nothing else."""

from __future__ import annotations

from uuid import UUID

import pytest
from datadog_api_client.exceptions import NotFoundException
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from incidents_app import actions


def test_what_is_not_here_is_not_found(machine, analyst, acting):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    api = machine(IncidentsApi)
    for call in (
        api.list_incident_rules,
        lambda: api.get_incident_rule(UUID(int=1)),
        api.list_org_settings,
        lambda: api.get_org_settings_by_incident_type(incident.type.uuid),
        lambda: api.get_incident_ai_postmortem(str(incident.uuid)),
    ):
        with pytest.raises(NotFoundException):
            call()

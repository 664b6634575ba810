"""The bench writes into databases of its own."""

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.bench import STAGES
from signals_app.models import Signal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "all"])
def test_none_of_its_stages_runs_on_somebodys_database(stage):
    with pytest.raises(CommandError, match="makes its own database"):
        call_command("bench", stage=stage, signals=[3])
    assert not Signal.objects.exists()

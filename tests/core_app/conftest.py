import copy

import pytest

from core_app import ledger


@pytest.fixture
def handler(monkeypatch):
    """Registers a handler for `core.asked`, for one test."""
    monkeypatch.setattr(ledger, "_handlers", dict(ledger._handlers))
    monkeypatch.setattr(ledger, "_owed_for", copy.deepcopy(ledger._owed_for))
    return ledger.on("core.asked")

"""The formats that can be taken in. A new sensor is a module with a Format and a line in FORMATS."""

from __future__ import annotations

from signals_app.sources.modsecurity3 import ModSecurity3
from signals_app.sources.reading import Format
from signals_app.sources.tocsin import Tocsin

FORMATS: dict[str, Format] = {"tocsin": Tocsin(), "modsecurity3": ModSecurity3()}

"""What every explorer shares, whatever it lists: its address, what it accepts, its facet panel, its charts."""

from search_app.explorer.address import PRESETS, Address
from search_app.explorer.forms import ExplorerForm
from search_app.explorer.spec import Column, Explorer

__all__ = ["PRESETS", "Address", "Column", "Explorer", "ExplorerForm"]

"""What every explorer answers to, whatever it lists."""

from search_app.views.facets import facet_values
from search_app.views.language import language_help, suggestions

__all__ = ["facet_values", "language_help", "suggestions"]

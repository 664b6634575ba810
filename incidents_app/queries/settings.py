"""What is settled for all incidents."""

from __future__ import annotations

from uuid import UUID

from accounts_app.access import Actor
from incidents_app.models import GlobalSettings
from search_app.models import SavedView


def analytics_view(actor: Actor) -> SavedView | None:
    """The saved view that incidents are analysed with, if one is named that the actor sees."""
    settled = GlobalSettings.objects.visible_to(actor).first()
    try:
        named = UUID(settled.analytics_dashboard_id) if settled else None
    except ValueError:  # an id of another product's
        return None
    views = SavedView.objects.visible_to(actor).filter(surface="incidents", uuid=named)
    return views.first() if named else None

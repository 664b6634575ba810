"""People, roles, teams and keys, one file per kind."""

from accounts_app.models.keys import AccessToken, ApiKey, ApplicationKey, Key
from accounts_app.models.people import Called, Invitation, Notification, Role, User
from accounts_app.models.teams import Membership, Team, TeamConnection, TeamLink, TeamPart, TeamTold

__all__ = [
    "AccessToken",
    "ApiKey",
    "ApplicationKey",
    "Called",
    "Invitation",
    "Key",
    "Membership",
    "Notification",
    "Role",
    "Team",
    "TeamConnection",
    "TeamLink",
    "TeamPart",
    "TeamTold",
    "User",
]

"""One's own pages, and those of teams."""

from accounts_app.views.own import (
    access_token_make,
    access_token_revoke,
    api_key_make,
    api_key_revoke,
    application_key_make,
    application_key_revoke,
    key_list,
    notification_list,
    notification_open,
    notifications_read,
    profile,
)
from accounts_app.views.teams import (
    team_detail,
    team_disconnect,
    team_link_add,
    team_link_remove,
    team_list,
    team_mail,
    team_member_add,
    team_member_remove,
    team_member_role,
)

__all__ = [
    "access_token_make",
    "access_token_revoke",
    "api_key_make",
    "api_key_revoke",
    "application_key_make",
    "application_key_revoke",
    "key_list",
    "notification_list",
    "notification_open",
    "notifications_read",
    "profile",
    "team_detail",
    "team_disconnect",
    "team_link_add",
    "team_link_remove",
    "team_list",
    "team_mail",
    "team_member_add",
    "team_member_remove",
    "team_member_role",
]

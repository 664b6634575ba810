"""What people do about people, roles, teams and keys: one function a verb."""

from accounts_app.actions.keys import make_api_key, make_application_key, revoke_api_key, revoke_application_key
from accounts_app.actions.login import ask_for_password, note_key_refusal, note_lockout, note_login, note_refusal
from accounts_app.actions.people import (
    change_roles,
    create_user,
    make_password_link,
    set_active,
    set_password,
    set_roles,
    update_profile,
    update_user,
)
from accounts_app.actions.roles import change_permissions, create_role, delete_role, update_role
from accounts_app.actions.teams import change_members, create_team, delete_team, set_members, update_team

__all__ = [
    "ask_for_password",
    "change_members",
    "change_permissions",
    "change_roles",
    "create_role",
    "create_team",
    "create_user",
    "delete_role",
    "delete_team",
    "make_api_key",
    "make_application_key",
    "make_password_link",
    "note_key_refusal",
    "note_lockout",
    "note_login",
    "note_refusal",
    "revoke_api_key",
    "revoke_application_key",
    "set_active",
    "set_members",
    "set_password",
    "set_roles",
    "update_profile",
    "update_role",
    "update_team",
    "update_user",
]

"""The permissions, by Datadog's names, and what the three default roles get.

Source: the table of managed roles in Datadog's documentation of role based access control.
"""

from __future__ import annotations

from typing import NamedTuple

READ_ONLY, STANDARD, ADMIN = "Read Only", "Standard", "Admin"
ROLES = (READ_ONLY, STANDARD, ADMIN)  # each has what those before it have
ROLE_DESCRIPTIONS = {
    READ_ONLY: "Sees everything that is not private, changes nothing.",
    STANDARD: "Triages signals, works cases and incidents, runs workflows, blocks attackers.",
    ADMIN: "Everything, and the people, roles, keys and sources besides.",
}


RULES_READ = "security_monitoring_rules_read"  # also critical assets are seen with it


class Permission(NamedTuple):
    """A codename of Django's, the words for people, and the lowest default role that has it."""

    name: str
    label: str
    lowest_role: str


PERMISSIONS = (
    Permission("security_monitoring_signals_read", "See security signals", READ_ONLY),
    Permission("security_monitoring_signals_write", "Triage, assign and link security signals", STANDARD),
    Permission(RULES_READ, "See detection rules", READ_ONLY),
    Permission("security_monitoring_rules_write", "Edit detection rules", STANDARD),
    Permission("security_monitoring_filters_read", "See security filters", READ_ONLY),
    Permission("security_monitoring_filters_write", "Edit security filters", ADMIN),
    Permission("security_monitoring_suppressions_read", "See suppressions", READ_ONLY),
    Permission("security_monitoring_suppressions_write", "Edit suppressions", STANDARD),
    Permission("security_monitoring_notification_profiles_read", "See notification rules", READ_ONLY),
    Permission("security_monitoring_notification_profiles_write", "Edit notification rules", STANDARD),
    Permission("appsec_event_rule_read", "See application security rules", READ_ONLY),
    Permission("appsec_event_rule_write", "Edit application security rules", STANDARD),
    Permission("appsec_protect_read", "See what is blocked", READ_ONLY),
    Permission("appsec_protect_write", "Block attackers (Protect Write)", STANDARD),
    Permission("appsec_activation_read", "See where protection is on", READ_ONLY),
    Permission("appsec_activation_write", "Turn protection on and off", STANDARD),
    Permission("incident_read", "See incidents", READ_ONLY),
    Permission("incident_write", "Declare and edit incidents", STANDARD),
    Permission("incident_settings_read", "See incident settings", STANDARD),
    Permission("incident_settings_write", "Edit incident settings", STANDARD),
    Permission("incident_notification_settings_read", "See incident notification settings", STANDARD),
    Permission("incident_notification_settings_write", "Edit incident notification settings", STANDARD),
    Permission("incidents_private_global_access", "See every private incident", ADMIN),
    Permission("cases_read", "See cases", READ_ONLY),
    Permission("cases_write", "Create and edit cases", STANDARD),
    Permission("cases_shared_settings_write", "Edit projects and case types", STANDARD),
    Permission("workflows_read", "See workflows", READ_ONLY),
    Permission("workflows_write", "Edit workflows", STANDARD),
    Permission("workflows_run", "Run workflows", STANDARD),
    Permission("connections_read", "See connections", READ_ONLY),
    Permission("connections_write", "Edit connections", STANDARD),
    Permission("connections_resolve", "Use connections in workflows", STANDARD),
    Permission("saved_views_write", "Save and share views", STANDARD),
    Permission("facets_write", "Declare facets", ADMIN),
    Permission("teams_read", "See teams", READ_ONLY),
    Permission("teams_manage", "Edit teams and who is in them", STANDARD),
    Permission("user_access_read", "See people and roles", READ_ONLY),
    Permission("user_access_invite", "Invite people", STANDARD),
    Permission("user_access_manage", "Edit people, their roles and what roles may do", ADMIN),
    Permission("user_app_keys", "Make one's own application keys", STANDARD),
    Permission("org_app_keys_read", "See everyone's application keys", STANDARD),
    Permission("org_app_keys_write", "Revoke everyone's application keys", ADMIN),
    Permission("api_keys_read", "See API keys", STANDARD),
    Permission("api_keys_write", "Make API keys", ADMIN),
    Permission("api_keys_delete", "Revoke API keys", ADMIN),
    Permission("service_account_write", "Edit service accounts", ADMIN),
    Permission("org_management", "Edit the organisation: sources, services, retention", ADMIN),
    Permission("audit_logs_read", "Read the ledger", ADMIN),
    Permission("audit_logs_write", "Configure the ledger", ADMIN),
    Permission("admin", "Privileged access: the admin panel", ADMIN),
)

LABELS = {permission.name: permission.label for permission in PERMISSIONS}
ADMINISTRATIVE = frozenset(permission.name for permission in PERMISSIONS if permission.lowest_role == ADMIN)


def granted_to(role: str) -> list[str]:
    """The names of the permissions that a default role has."""
    rank = ROLES.index(role)
    return [permission.name for permission in PERMISSIONS if ROLES.index(permission.lowest_role) <= rank]

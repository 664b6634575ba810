"""Datadog's addresses: exact, without a slash at the end, and words before parameters."""

from django.urls import path, re_path

from datadog_app import case_urls, incident_urls, setting_urls
from datadog_app.api import (
    bulk,
    invitations,
    keys,
    roles,
    rule_files,
    rule_past,
    rules,
    service_accounts,
    signals,
    suppressions,
    team_parts,
    team_telling,
    teams,
    triage,
    users,
    validate,
)
from datadog_app.api.door import nothing_here

app_name = "datadog"

SIGNALS_V1 = "v1/security_analytics/signals/<str:signal_id>"
SIGNALS = "v2/security_monitoring/signals"
PROGRAM = "v2/service_accounts/<str:service_account_id>"
RULES = "v2/security_monitoring/rules"
TERRAFORM = "v2/security_monitoring/terraform/<str:resource_type>"
SUPPRESSIONS = "v2/security_monitoring/configuration/suppressions"

urlpatterns = [
    path("v1/validate", validate.Validate.as_view(), name="validate"),
    path("v2/validate", validate.ValidateKey.as_view(), name="validate_key"),
    path("v2/validate_keys", validate.ValidateKeys.as_view(), name="validate_keys"),
    # Signals.
    path(f"{SIGNALS_V1}/add_to_incident", triage.AddToIncident.as_view(), name="add_to_incident"),
    path(f"{SIGNALS_V1}/assignee", triage.AssigneeV1.as_view(), name="assignee_v1"),
    path(f"{SIGNALS_V1}/state", triage.StateV1.as_view(), name="state_v1"),
    path(SIGNALS, signals.SignalList.as_view(), name="signals"),
    path(f"{SIGNALS}/search", signals.SignalSearch.as_view(), name="signals_search"),
    path(f"{SIGNALS}/bulk/assignee", bulk.BulkAssignee.as_view(), name="bulk_assignee"),
    path(f"{SIGNALS}/bulk/state", bulk.BulkState.as_view(), name="bulk_state"),
    path(f"{SIGNALS}/bulk/update", bulk.BulkUpdate.as_view(), name="bulk_update"),
    path(f"{SIGNALS}/<str:signal_id>", signals.SignalDetail.as_view(), name="signal"),
    path(f"{SIGNALS}/<str:signal_id>/assignee", triage.Assignee.as_view(), name="assignee"),
    path(f"{SIGNALS}/<str:signal_id>/entities", signals.SignalEntities.as_view(), name="entities"),
    path(f"{SIGNALS}/<str:signal_id>/incidents", triage.Incidents.as_view(), name="signal_incidents"),
    path(
        f"{SIGNALS}/<str:signal_id>/investigation_queries",
        signals.InvestigationQueries.as_view(),
        name="investigation_queries",
    ),
    path(f"{SIGNALS}/<str:signal_id>/state", triage.State.as_view(), name="state"),
    path(f"{SIGNALS}/<str:signal_id>/suggested_actions", signals.SuggestedActions.as_view(), name="suggested_actions"),
    path(f"{SIGNALS}/<str:signal_id>/update", triage.Update.as_view(), name="update"),
    path(
        "v2/security_monitoring/events/<str:event_id>/matching_signals",
        signals.MatchingSignals.as_view(),
        name="matching_signals",
    ),
    # People.
    path("v2/current_user", users.CurrentUser.as_view(), name="current_user"),
    path("v2/users", users.UserList.as_view(), name="users"),
    path("v2/users/<str:user_id>", users.UserDetail.as_view(), name="user"),
    path("v2/users/<str:user_id>/memberships", users.UserMemberships.as_view(), name="user_memberships"),
    path("v2/users/<str:user_id>/orgs", users.UserOrganisations.as_view(), name="user_orgs"),
    path("v2/users/<str:user_id>/permissions", users.UserPermissions.as_view(), name="user_permissions"),
    path("v2/permissions", roles.Permissions.as_view(), name="permissions"),
    path("v2/roles", roles.RoleList.as_view(), name="roles"),
    path("v2/roles/templates", roles.RoleTemplates.as_view(), name="role_templates"),
    path("v2/roles/<str:role_id>", roles.RoleDetail.as_view(), name="role"),
    path("v2/roles/<str:role_id>/clone", roles.RoleCopy.as_view(), name="role_clone"),
    path("v2/roles/<str:role_id>/permissions", roles.RolePermissions.as_view(), name="role_permissions"),
    path("v2/roles/<str:role_id>/users", roles.RoleUsers.as_view(), name="role_users"),
    path("v2/team", teams.TeamList.as_view(), name="teams"),
    path("v2/team/connections", team_telling.TeamConnections.as_view(), name="team_connections"),
    path("v2/team/<str:team_id>", teams.TeamDetail.as_view(), name="team"),
    path("v2/team/<str:team_id>/links", team_parts.TeamLinks.as_view(), name="team_links"),
    path("v2/team/<str:team_id>/links/<str:link_id>", team_parts.TeamLinkDetail.as_view(), name="team_link"),
    path("v2/team/<str:super_team_id>/member_teams", team_parts.MemberTeams.as_view(), name="member_teams"),
    path(
        "v2/team/<str:super_team_id>/member_teams/<str:member_team_id>",
        team_parts.MemberTeamDetail.as_view(),
        name="member_team",
    ),
    path("v2/team/<str:team_id>/permission-settings", team_parts.TeamSettings.as_view(), name="team_settings"),
    path(
        "v2/team/<str:team_id>/permission-settings/<str:action>",
        team_parts.TeamSetting.as_view(),
        name="team_setting",
    ),
    path("v2/team/<str:team_id>/notification-rules", team_telling.TeamTellings.as_view(), name="team_tellings"),
    path(
        "v2/team/<str:team_id>/notification-rules/<str:rule_id>",
        team_telling.TeamTelling.as_view(),
        name="team_telling",
    ),
    path("v2/team-hierarchy-links", team_parts.PartList.as_view(), name="team_parts"),
    path("v2/team-hierarchy-links/<str:link_id>", team_parts.PartDetail.as_view(), name="team_part"),
    path("v2/team/<str:team_id>/memberships", teams.MembershipList.as_view(), name="team_memberships"),
    path("v2/team/<str:team_id>/memberships/<str:user_id>", teams.MembershipDetail.as_view(), name="team_membership"),
    path("v2/user_invitations", invitations.InvitationList.as_view(), name="invitations"),
    path("v2/user_invitations/<str:user_invitation_uuid>", invitations.InvitationDetail.as_view(), name="invitation"),
    path("v2/users/<str:user_id>/invitations", invitations.UserInvitations.as_view(), name="user_invitations"),
    # Keys.
    path("v2/api_keys", keys.ApiKeyList.as_view(), name="api_keys"),
    path("v2/api_keys/<str:api_key_id>", keys.ApiKeyDetail.as_view(), name="api_key"),
    path("v2/application_keys", keys.ApplicationKeyList.as_view(), name="application_keys"),
    path("v2/application_keys/<str:app_key_id>", keys.ApplicationKeyDetail.as_view(), name="application_key"),
    path("v2/current_user/application_keys", keys.OwnKeyList.as_view(), name="own_keys"),
    path("v2/current_user/application_keys/<str:app_key_id>", keys.OwnKeyDetail.as_view(), name="own_key"),
    path("v2/personal_access_tokens", keys.TokenList.as_view(), name="tokens"),
    path("v2/personal_access_tokens/<str:token_id>", keys.TokenDetail.as_view(), name="token"),
    path("v2/service_accounts", service_accounts.ServiceAccountList.as_view(), name="service_accounts"),
    path(f"{PROGRAM}/application_keys", service_accounts.ProgramKeyList.as_view(), name="program_keys"),
    path(
        f"{PROGRAM}/application_keys/<str:app_key_id>",
        service_accounts.ProgramKeyDetail.as_view(),
        name="program_key",
    ),
    path(f"{PROGRAM}/access_tokens", service_accounts.ProgramTokenList.as_view(), name="program_tokens"),
    path(
        f"{PROGRAM}/access_tokens/<str:token_id>",
        service_accounts.ProgramTokenDetail.as_view(),
        name="program_token",
    ),
    *incident_urls.urlpatterns,
    *case_urls.urlpatterns,
    # Rules.
    path(RULES, rules.RuleList.as_view(), name="rules"),
    path(f"{RULES}/validation", rules.RuleValidation.as_view(), name="rule_validation"),
    path(f"{RULES}/bulk_delete", rule_past.RulesDelete.as_view(), name="rules_delete"),
    path(f"{RULES}/bulk_export", rule_files.RulesExport.as_view(), name="rules_export"),
    path(f"{RULES}/convert", rule_files.RulesConvert.as_view(), name="rules_convert"),
    path(f"{RULES}/convert/bulk", rule_files.RulesConvertBulk.as_view(), name="rules_convert_bulk"),
    path(f"{RULES}/test", rule_past.RuleTest.as_view(), name="rule_test"),
    path(f"{RULES}/<str:rule_id>", rules.RuleDetail.as_view(), name="rule"),
    path(f"{RULES}/<str:rule_id>/convert", rule_files.RuleConvert.as_view(), name="rule_convert"),
    path(f"{RULES}/<str:rule_id>/restore/<int:version>", rule_past.RuleRestore.as_view(), name="rule_restore"),
    path(f"{RULES}/<str:rule_id>/test", rule_past.ExistingRuleTest.as_view(), name="rule_test_existing"),
    path(f"{RULES}/<str:rule_id>/version_history", rule_past.RuleHistory.as_view(), name="rule_history"),
    path(f"{TERRAFORM}/bulk", rule_files.ResourcesExport.as_view(), name="terraform_bulk"),
    path(f"{TERRAFORM}/convert", rule_files.ResourceConvert.as_view(), name="terraform_convert"),
    path(f"{TERRAFORM}/<str:resource_id>", rule_files.ResourceExport.as_view(), name="terraform_export"),
    path(SUPPRESSIONS, suppressions.SuppressionList.as_view(), name="suppressions"),
    path(f"{SUPPRESSIONS}/rules", suppressions.SuppressionsOfFutureRule.as_view(), name="suppressions_of_future_rule"),
    path(f"{SUPPRESSIONS}/rules/<str:rule_id>", suppressions.SuppressionsOfRule.as_view(), name="suppressions_of_rule"),
    path(f"{SUPPRESSIONS}/validation", suppressions.SuppressionValidation.as_view(), name="suppression_validation"),
    path(f"{SUPPRESSIONS}/<str:suppression_id>", suppressions.SuppressionDetail.as_view(), name="suppression"),
    path(
        f"{SUPPRESSIONS}/<str:suppression_id>/version_history",
        rule_past.SuppressionHistory.as_view(),
        name="suppression_history",
    ),
    *setting_urls.urlpatterns,
    # Whatever else is asked for.
    re_path(r"^(?P<path>v[12]/.*)$", nothing_here, name="nothing_here"),
]

"""Keys, tokens and service accounts, by the official client: secrets told once, and what opens with them."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from datadog_api_client.exceptions import ForbiddenException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.key_management_api import KeyManagementApi
from datadog_api_client.v2.api.service_accounts_api import ServiceAccountsApi
from datadog_api_client.v2.api.users_api import UsersApi

from accounts_app.models import AccessToken, ApiKey, ApplicationKey, Role, User
from core_app.models import Entry

from .test_people import refused

FOREIGN = ["dashboards_read", "dashboards_write", "dashboards_public_share"]
READ = "security_monitoring_signals_read"
SIGNALS = "/api/v2/security_monitoring/signals"
NOBODY = "00000000-0000-0000-0000-000000000001"
LATER = datetime.now(tz=UTC) + timedelta(days=365)


@pytest.fixture
def boss(machine_of, admin):
    """The administrator's machine."""
    return machine_of(admin)


def asked(machine, path, **headers):
    """The status of a request with other headers than the machine's."""
    return requests.get(machine.url + path, headers=headers, timeout=30).status_code


def api_key(name, key_id=None):
    kind = v2.APIKeysType.API_KEYS
    if key_id:
        attributes = v2.APIKeyUpdateAttributes(name=name)
        return v2.APIKeyUpdateRequest(data=v2.APIKeyUpdateData(id=key_id, type=kind, attributes=attributes))
    return v2.APIKeyCreateRequest(data=v2.APIKeyCreateData(type=kind, attributes=v2.APIKeyCreateAttributes(name=name)))


def app_key(key_id=None, **attributes):
    kind = v2.ApplicationKeysType.APPLICATION_KEYS
    if key_id:
        told = v2.ApplicationKeyUpdateAttributes(**attributes)
        return v2.ApplicationKeyUpdateRequest(data=v2.ApplicationKeyUpdateData(id=key_id, type=kind, attributes=told))
    told = v2.ApplicationKeyCreateAttributes(**attributes)
    return v2.ApplicationKeyCreateRequest(data=v2.ApplicationKeyCreateData(type=kind, attributes=told))


# --- the organisation's -----------------------------------------------------------------------


def test_an_api_key_lives_and_dies(boss, admin):
    api = boss(KeyManagementApi)
    made = api.create_api_key(api_key("Sensor")).data
    assert asked(boss, "/api/v1/validate", **{"DD-API-KEY": made.attributes.key}) == 200
    told = api.get_api_key(made.id, include="created_by")
    assert (told.data.attributes.name, told.data.attributes.last4) == ("Sensor", made.attributes.key[-4:])
    assert "key" not in told.data.attributes
    assert told.data.attributes.date_last_used is None
    assert [user.id for user in told.included] == [str(admin.uuid)]
    renamed = api.update_api_key(made.id, api_key("Edge", made.id)).data
    assert (renamed.attributes.name, renamed.relationships.modified_by.data.id) == ("Edge", str(admin.uuid))
    listed = api.list_api_keys(filter="edg")
    assert ([key.id for key in listed.data], listed.meta.page.total_filtered_count) == ([made.id], 1)
    api.delete_api_key(made.id)
    with pytest.raises(NotFoundException):
        api.get_api_key(made.id)
    assert asked(boss, "/api/v1/validate", **{"DD-API-KEY": made.attributes.key}) == 403
    assert ApiKey.objects.get(uuid=made.id).revoked_at  # it is in the ledger still, by its name
    entries = Entry.objects.filter(verb__startswith="accounts.api_key", target_label__startswith="Edge")
    assert list(entries.order_by("pk").values_list("verb", flat=True)) == [
        "accounts.api_key_renamed",
        "accounts.api_key_revoked",
    ]


def test_api_keys_are_sorted_and_narrowed_by_when_they_were_made(boss):
    api = boss(KeyManagementApi)
    for name in ("b", "a"):
        api.create_api_key(api_key(name))
    names = [key.attributes.name for key in api.list_api_keys(sort=v2.APIKeysSort.NAME_DESCENDING).data]
    assert names == ["b", "a", "Organisation"]
    assert api.list_api_keys(filter_created_at_end="2020-01-01T00:00:00Z").data == []
    refused(400, api.list_api_keys, filter_created_at_end="soon")
    assert [key.attributes.name for key in api.list_api_keys(page_size=1, page_number=1).data] == ["a"]


def test_api_keys_are_for_administrators(machine):
    api = machine(KeyManagementApi)
    with pytest.raises(ForbiddenException):
        api.create_api_key(api_key("Mine"))
    key = api.list_api_keys().data[0]  # which an analyst may see
    for call, body in ((api.update_api_key, [api_key("Mine", key.id)]), (api.delete_api_key, [])):
        with pytest.raises(ForbiddenException):
            call(key.id, *body)


@pytest.mark.parametrize("key_id", ["invalidId", NOBODY])
def test_keys_that_are_not_there(boss, key_id):
    api = boss(KeyManagementApi)
    for call, body in (
        (api.get_api_key, []),
        (api.update_api_key, [api_key("x", key_id)]),
        (api.delete_api_key, []),
        (api.get_application_key, []),
        (api.update_application_key, [app_key(key_id, name="x")]),
        (api.delete_application_key, []),
        (api.get_current_user_application_key, []),
        (api.get_personal_access_token, []),
        (api.revoke_personal_access_token, []),
    ):
        refused(404, call, key_id, *body)


def test_a_key_without_a_name_or_of_another_id(boss):
    api = boss(KeyManagementApi)
    refused(400, api.create_api_key, api_key(""))
    refused(400, api.create_api_key, api_key("x" * 121))
    made = api.create_api_key(api_key("Sensor")).data
    refused(400, api.update_api_key, made.id, api_key("Edge", NOBODY))


def test_the_api_key_alone_says_which_it_is(boss):
    key = ApiKey.objects.get(name="Organisation")
    told = boss(KeyManagementApi).validate().data
    assert (told.attributes.valid, told.attributes.api_key_id) == (True, str(key.uuid))
    assert str(boss(KeyManagementApi).validate_api_key().status) == "ok"


# --- people's ---------------------------------------------------------------------------------


def test_an_application_key_of_ones_own(machine, analyst):
    api = machine(KeyManagementApi)
    made = api.create_current_user_application_key(app_key(name="Script", scopes=[READ])).data
    opening = {"DD-API-KEY": machine.api_key, "DD-APPLICATION-KEY": made.attributes.key}
    assert asked(machine, SIGNALS, **opening) == 200
    assert asked(machine, "/api/v2/cases", **opening) == 403  # which the scope does not hold
    told = api.get_current_user_application_key(made.id).data
    assert (told.attributes.scopes, "key" in told.attributes) == ([READ], False)
    assert told.relationships.owned_by.data.id == str(analyst.uuid)
    edited = api.update_current_user_application_key(made.id, app_key(made.id, name="Job", scopes=["cases_read"])).data
    assert (edited.attributes.name, edited.attributes.scopes) == ("Job", ["cases_read"])
    assert (asked(machine, SIGNALS, **opening), asked(machine, "/api/v2/cases", **opening)) == (403, 200)
    assert {key.attributes.name for key in api.list_current_user_application_keys().data} == {"Job", "Script"}
    api.delete_current_user_application_key(made.id)
    assert asked(machine, SIGNALS, **opening) == 403


def test_scopes_of_what_is_not_here_are_kept_and_give_nothing(machine):
    made = machine(KeyManagementApi).create_current_user_application_key(app_key(name="Script", scopes=FOREIGN)).data
    assert made.attributes.scopes == FOREIGN
    opening = {"DD-API-KEY": machine.api_key, "DD-APPLICATION-KEY": made.attributes.key}
    assert asked(machine, SIGNALS, **opening) == 403
    refused(
        400, machine(KeyManagementApi).create_current_user_application_key, app_key(name="Odd", scopes=["Not one!"])
    )


def test_nobody_makes_a_key_wider_than_their_own(machine_of, analyst):
    narrow = machine_of(analyst, scopes=["user_app_keys"])(KeyManagementApi)
    for scopes in ({}, {"scopes": [READ]}, {"scopes": ["org_management"]}):
        with pytest.raises(ForbiddenException):
            narrow.create_current_user_application_key(app_key(name="Wide", **scopes))
    own = ApplicationKey.objects.get()
    with pytest.raises(ForbiddenException):
        narrow.update_current_user_application_key(str(own.uuid), app_key(str(own.uuid), scopes=[READ]))
    assert ApplicationKey.objects.get().scopes == ["user_app_keys"]


def test_everyones_keys_are_seen_and_revoked_by_those_who_may(boss, machine):
    mine = machine(KeyManagementApi).create_current_user_application_key(app_key(name="Script")).data
    api = boss(KeyManagementApi)
    assert mine.id in {key.id for key in api.list_application_keys(page_size=100).data}
    assert api.update_application_key(mine.id, app_key(mine.id, name="Renamed")).data.attributes.name == "Renamed"
    with pytest.raises(NotFoundException):  # it is not the administrator's own
        api.get_current_user_application_key(mine.id)
    of_boss = ApplicationKey.objects.get(owner__email="admin@example.test")
    with pytest.raises(ForbiddenException):
        machine(KeyManagementApi).delete_application_key(str(of_boss.uuid))
    api.delete_application_key(mine.id)
    assert ApplicationKey.objects.get(uuid=mine.id).revoked_at


# --- tokens -----------------------------------------------------------------------------------


def token(**attributes):
    told = {"name": "Token", "scopes": [READ], "expires_at": LATER, **attributes}
    kind = v2.PersonalAccessTokensType.PERSONAL_ACCESS_TOKENS
    return v2.PersonalAccessTokenCreateRequest(
        data=v2.PersonalAccessTokenCreateData(type=kind, attributes=v2.PersonalAccessTokenCreateAttributes(**told))
    )


def renamed(token_id, **attributes):
    kind = v2.PersonalAccessTokensType.PERSONAL_ACCESS_TOKENS
    return v2.PersonalAccessTokenUpdateRequest(
        data=v2.PersonalAccessTokenUpdateData(
            id=token_id, type=kind, attributes=v2.PersonalAccessTokenUpdateAttributes(**attributes)
        )
    )


def test_a_token_opens_by_itself_until_it_is_revoked(machine, analyst):
    api = machine(KeyManagementApi)
    made = api.create_personal_access_token(token()).data
    secret = made.attributes.key
    assert made.attributes.public_portion in secret
    opening = {"Authorization": f"Bearer {secret}"}
    assert asked(machine, SIGNALS, **opening) == 200
    assert asked(machine, "/api/v2/cases", **opening) == 403
    told = api.get_personal_access_token(made.id).data
    assert (str(told.type), told.attributes.scopes) == ("personal_access_tokens", [READ])
    assert ("key" in told.attributes, told.attributes.last_used_at is None) == (False, False)
    assert secret not in str(AccessToken.objects.values())
    edited = api.update_personal_access_token(made.id, renamed(made.id, name="Other", scopes=["cases_read"])).data
    assert edited.attributes.name == "Other"
    assert asked(machine, SIGNALS, **opening) == 403
    assert [one.id for one in api.list_personal_access_tokens().data] == [made.id]
    api.revoke_personal_access_token(made.id)
    assert asked(machine, SIGNALS, **opening) == 403
    verbs = Entry.objects.filter(verb__startswith="accounts.access_token").values_list("verb", flat=True)
    assert [verb.rpartition("_")[2] for verb in verbs.order_by("pk")] == ["made", "edited", "revoked"]


def test_a_token_has_scopes_and_an_end(machine):
    api = machine(KeyManagementApi)
    refused(400, api.create_personal_access_token, token(scopes=[]))
    refused(400, api.create_personal_access_token, token(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    with pytest.raises(ForbiddenException):
        api.create_personal_access_token(token(scopes=["org_management"]))
    made = api.create_personal_access_token(token()).data
    AccessToken.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert asked(machine, SIGNALS, Authorization=f"Bearer {made.attributes.key}") == 403
    refused(404, api.get_personal_access_token, made.id)


def test_a_bearer_beside_good_keys_is_left_out_of_account_and_a_wrong_one_alone_is_refused(machine):
    assert asked(machine, SIGNALS, Authorization="Bearer anything", **machine.headers) == 200
    assert asked(machine, SIGNALS, Authorization="Bearer anything") == 403
    assert asked(machine, SIGNALS, Authorization="Bearer anything", **{"DD-API-KEY": machine.api_key}) == 403


# --- service accounts -------------------------------------------------------------------------


def program(email="Bot@example.test", roles=(), **attributes):
    related = v2.UserRelationships(
        roles=v2.RelationshipToRoles(
            data=[v2.RelationshipToRoleData(id=str(role.uuid), type=v2.RolesType.ROLES) for role in roles]
        )
    )
    told = v2.ServiceAccountCreateAttributes(**{"email": email, "name": "Bot", "service_account": True, **attributes})
    return v2.ServiceAccountCreateRequest(
        data=v2.ServiceAccountCreateData(type=v2.UsersType.USERS, attributes=told, relationships=related)
    )


def program_token(**attributes):
    told = v2.ServiceAccountAccessTokenCreateAttributes(**{"name": "Token", "scopes": [READ], **attributes})
    kind = v2.ServiceAccessTokensType.SERVICE_ACCESS_TOKENS
    return v2.ServiceAccountAccessTokenCreateRequest(
        data=v2.ServiceAccountAccessTokenCreateData(type=kind, attributes=told)
    )


def test_a_service_account_acts_by_its_keys(boss):
    api, standard = boss(ServiceAccountsApi), Role.objects.get(group__name="Standard")
    made = api.create_service_account(program(roles=[standard])).data
    assert (made.attributes.email, made.attributes.service_account) == ("bot@example.test", True)
    assert (made.attributes.disabled, made.attributes.status) == (False, "Active")
    assert [role.id for role in made.relationships.roles.data] == [str(standard.uuid)]
    assert api.list_service_account_application_keys(made.id).data == []
    key = api.create_service_account_application_key(made.id, app_key(name="Job", scopes=[READ])).data
    assert key.relationships.owned_by.data.id == made.id
    opening = {"DD-API-KEY": boss.api_key, "DD-APPLICATION-KEY": key.attributes.key}
    assert (asked(boss, SIGNALS, **opening), asked(boss, "/api/v2/cases", **opening)) == (200, 403)
    assert api.get_service_account_application_key(made.id, key.id).data.attributes.name == "Job"
    edited = api.update_service_account_application_key(made.id, key.id, app_key(key.id, name="Job 2")).data
    assert edited.attributes.name == "Job 2"
    assert len(api.list_service_account_application_keys(made.id).data) == 1
    api.delete_service_account_application_key(made.id, key.id)
    assert asked(boss, SIGNALS, **opening) == 403


def test_a_service_account_acts_by_a_token_that_need_not_end(boss):
    api = boss(ServiceAccountsApi)
    made = api.create_service_account(program(roles=[Role.objects.get(group__name="Read Only")])).data
    one = api.create_service_account_access_token(made.id, program_token()).data
    assert one.attributes.expires_at is None
    assert asked(boss, SIGNALS, Authorization=f"Bearer {one.attributes.key}") == 200
    assert [str(each.type) for each in api.list_service_account_access_tokens(made.id).data] == [
        "service_access_tokens"
    ]
    assert api.get_service_account_access_token(made.id, one.id).data.attributes.scopes == [READ]
    body = v2.ServiceAccountAccessTokenUpdateRequest(
        data=v2.ServiceAccountAccessTokenUpdateData(
            id=one.id,
            type=v2.ServiceAccessTokensType.SERVICE_ACCESS_TOKENS,
            attributes=v2.ServiceAccountAccessTokenUpdateAttributes(name="Other"),
        )
    )
    assert api.update_service_account_access_token(made.id, one.id, body).data.attributes.name == "Other"
    assert {str(each.type) for each in boss(KeyManagementApi).list_personal_access_tokens().data} == {
        "service_access_tokens"
    }
    boss(UsersApi).disable_user(made.id)
    assert asked(boss, SIGNALS, Authorization=f"Bearer {one.attributes.key}") == 403
    api.revoke_service_account_access_token(made.id, one.id)
    refused(404, api.get_service_account_access_token, made.id, one.id)


def test_what_is_no_service_account(boss, machine, analyst):
    api = boss(ServiceAccountsApi)
    for account in (str(analyst.uuid), NOBODY, "abc"):
        refused(404, api.list_service_account_application_keys, account)
        refused(404, api.create_service_account_application_key, account, app_key(name="Job"))
    refused(400, api.create_service_account, program(service_account=False))
    with pytest.raises(ForbiddenException):
        machine(ServiceAccountsApi).create_service_account(program())
    assert not User.objects.filter(is_service_account=True).exists()


def test_nobody_makes_a_program_that_may_do_more_than_they(machine_of, admin):
    role = Role.objects.get(group__name="Admin")
    narrow = machine_of(admin, scopes=["service_account_write", "user_access_read"])(ServiceAccountsApi)
    with pytest.raises(ForbiddenException):
        narrow.create_service_account(program(roles=[role]))
    made = machine_of(admin)(ServiceAccountsApi).create_service_account(program(roles=[role])).data
    with pytest.raises(ForbiddenException):
        narrow.create_service_account_application_key(made.id, app_key(name="Job"))
    assert not ApplicationKey.objects.filter(owner__is_service_account=True).exists()

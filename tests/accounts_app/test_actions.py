import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group

from accounts_app import actions
from accounts_app.access import person, system
from accounts_app.models import Role, Team, User
from core_app.errors import IllegalMove, Invalid, NotAllowed, NotFound
from core_app.models import Entry
from tests.conftest import make_person

MANAGE = "user_access_manage"


@pytest.fixture
def personnel(db):
    """May manage people and see them, and nothing else."""
    role = actions.create_role(
        actor=system("tests"), name="Personnel", permissions=[MANAGE, "user_access_read", "user_access_invite"]
    )
    user = make_person("personnel@example.test", "Petra Personnel", None)
    user.groups.add(role.group)
    return user


def role(name):
    return Role.objects.get(group__name=name)


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_person_is_made_with_a_role(admin, acting):
    user = actions.create_user(actor=acting(admin), email=" New@Example.Test ", name="New", roles=[role("Standard")])
    assert user.email == "new@example.test"
    assert person(user).can("security_monitoring_signals_write")
    assert not user.has_usable_password()
    assert verbs() == ["accounts.user_created", "accounts.roles_set"]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"email": "no address", "name": "New"}, "email"),
        ({"email": "admin@example.test", "name": "Twice"}, "email"),
        ({"email": "new@example.test", "name": ""}, "name"),
        ({"email": "new@example.test", "name": "New", "time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_a_person_who_cannot_be_is_not_made(admin, acting, fields, at_fault):
    with pytest.raises(Invalid) as refused:
        actions.create_user(actor=acting(admin), **fields)
    assert refused.value.data["field"] == at_fault
    assert verbs() == []


def test_who_may_not_invite_makes_nobody(viewer, acting):
    with pytest.raises(NotAllowed):
        actions.create_user(actor=acting(viewer), email="new@example.test", name="New")


def test_who_invites_cannot_open_the_admin_panel_for_a_guest(analyst, acting):
    with pytest.raises(NotAllowed):
        actions.create_user(actor=acting(analyst), email="new@example.test", name="New", is_staff=True)


def test_who_invites_cannot_give_a_role_above_their_own(analyst, acting):
    with pytest.raises(NotAllowed):
        actions.create_user(actor=acting(analyst), email="new@example.test", name="New", roles=[role("Admin")])
    assert not User.objects.filter(email="new@example.test").exists()


def test_nobody_gives_themselves_more_than_they_have(personnel, acting):
    with pytest.raises(NotAllowed, match="give the role “Admin”"):
        actions.set_roles(actor=acting(personnel), user=personnel, roles=[role("Admin")])


def test_nobody_takes_over_someone_who_may_do_more_by_their_address(personnel, admin, acting):
    with pytest.raises(NotAllowed, match="change the e-mail address"):
        actions.update_user(actor=acting(personnel), user=admin, email="mine@example.test")


def test_closing_an_account_does_not_bring_it_within_reach(personnel, admin, acting):
    admin.is_active = False
    admin.save()
    with pytest.raises(NotAllowed):
        actions.update_user(actor=acting(personnel), user=admin, email="mine@example.test")
    with pytest.raises(NotAllowed):
        actions.make_password_link(actor=acting(personnel), user=admin)


def test_nobody_takes_over_someone_who_may_do_more_by_a_password_link(personnel, admin, acting):
    with pytest.raises(NotAllowed, match="password link"):
        actions.make_password_link(actor=acting(personnel), user=admin)


def test_nobody_takes_over_a_superuser(personnel, acting):
    root = User.objects.create_superuser("root@example.test", "x", name="Root")
    with pytest.raises(NotAllowed):
        actions.make_password_link(actor=acting(personnel), user=root)


def test_a_new_address_ends_the_old_one_everywhere(admin, analyst, acting):
    EmailAddress.objects.create(user=analyst, email=analyst.email, verified=True, primary=True)
    actions.update_user(actor=acting(admin), user=analyst, email="new@example.test")
    assert not EmailAddress.objects.filter(user=analyst).exists()
    assert Entry.objects.get().data == {"email": ["analyst@example.test", "new@example.test"]}


def test_changing_nothing_writes_nothing(admin, analyst, acting):
    actions.update_user(actor=acting(admin), user=analyst, name=analyst.name)
    actions.set_active(actor=acting(admin), user=analyst, active=True)
    actions.set_roles(actor=acting(admin), user=analyst, roles=[role("Standard")])
    assert verbs() == []


def test_what_one_may_not_see_is_not_there(admin, analyst, acting):
    blind = actions.create_role(actor=acting(admin), name="Blind", permissions=[MANAGE])
    user = make_person("blind@example.test", "Blind", None)
    user.groups.add(blind.group)
    with pytest.raises(NotFound):
        actions.set_active(actor=acting(user), user=analyst, active=False)


@pytest.mark.parametrize(
    "deed",
    [
        lambda actor, user: actions.set_active(actor=actor, user=user, active=False),
        lambda actor, user: actions.set_roles(actor=actor, user=user, roles=[]),
        lambda actor, user: actions.update_user(actor=actor, user=user, is_staff=False),
    ],
)
def test_the_last_admin_stays(admin, acting, deed):
    with pytest.raises(IllegalMove, match="last person"):
        deed(acting(admin), admin)
    admin.refresh_from_db()
    assert (admin.is_active, admin.is_staff, person(admin).can(MANAGE)) == (True, True, True)
    assert verbs() == []


def test_an_admin_may_go_when_there_is_another(admin, acting):
    make_person("second@example.test", "Second", "Admin", is_staff=True)
    actions.set_active(actor=acting(admin), user=admin, active=False)
    assert verbs() == ["accounts.user_deactivated"]


def test_taking_the_permission_from_the_only_role_that_administers_is_refused(db):
    role = actions.create_role(actor=system("tests"), name="Chiefs", permissions=[MANAGE])
    chief = make_person("chief@example.test", "Chief", None, is_staff=True)
    chief.groups.add(role.group)
    for deed in (
        lambda: actions.update_role(actor=system("tests"), role=role, permissions=[]),
        lambda: actions.delete_role(actor=system("tests"), role=role),
    ):
        with pytest.raises(IllegalMove, match="last person"):
            deed()
    assert person(chief).can(MANAGE)


def test_a_role_of_ones_own_is_made_changed_and_deleted(admin, analyst, acting):
    made = actions.create_role(actor=acting(admin), name="Readers", permissions=["cases_read"])
    analyst.groups.add(made.group)
    actions.update_role(actor=acting(admin), role=made, name="Case readers", permissions=["cases_read", "cases_write"])
    assert role("Case readers").permission_names == ["cases_read", "cases_write"]
    actions.delete_role(actor=acting(admin), role=made)
    assert not Group.objects.filter(name="Case readers").exists()
    assert verbs() == ["accounts.role_created", "accounts.role_updated", "accounts.role_deleted"]
    assert Entry.objects.first().data["people"] == [str(analyst.uuid)]


def test_the_default_roles_stay_as_they_are(admin, acting):
    with pytest.raises(IllegalMove, match="came with Tocsin"):
        actions.update_role(actor=acting(admin), role=role("Read Only"), permissions=[MANAGE])
    with pytest.raises(IllegalMove, match="came with Tocsin"):
        actions.delete_role(actor=acting(admin), role=role("Standard"))


def test_nobody_puts_into_a_role_what_they_lack(personnel, acting):
    with pytest.raises(NotAllowed):
        actions.create_role(actor=acting(personnel), name="Backdoor", permissions=["org_management"])
    with pytest.raises(NotAllowed):
        actions.update_role(actor=acting(personnel), role=role("Personnel"), permissions=[MANAGE, "org_management"])


def test_a_role_of_an_unknown_permission_is_refused(admin, acting):
    with pytest.raises(Invalid, match="no permission do_everything"):
        actions.create_role(actor=acting(admin), name="Odd", permissions=["do_everything"])


def test_a_team_gains_and_loses_members(analyst, responder, acting):
    team = actions.create_team(actor=acting(analyst), name="Blue", handle="blue")
    actions.set_members(actor=acting(analyst), team=team, users=[analyst, responder])
    actions.set_members(actor=acting(analyst), team=team, users=[responder])
    assert list(team.members.all()) == [responder]
    assert verbs() == ["accounts.team_created", "accounts.members_added", "accounts.members_removed"]


def test_a_closed_account_joins_no_team(analyst, viewer, acting):
    team = Team.objects.create(name="Blue", handle="blue")
    viewer.is_active = False
    viewer.save()
    with pytest.raises(Invalid, match="can no longer log in"):
        actions.set_members(actor=acting(analyst), team=team, users=[viewer])


@pytest.mark.parametrize("deed", ["create_team", "update_team", "set_members"])
def test_who_may_not_manage_teams_changes_none(viewer, acting, deed):
    team = Team.objects.create(name="Blue", handle="blue")
    arguments = {
        "create_team": {"name": "Red", "handle": "red"},
        "update_team": {"team": team, "name": "Red"},
        "set_members": {"team": team, "users": [viewer]},
    }
    with pytest.raises(NotAllowed, match="teams_manage"):
        getattr(actions, deed)(actor=acting(viewer), **arguments[deed])


def test_people_set_no_passwords_but_their_own(admin, analyst, acting):
    with pytest.raises(NotAllowed):
        actions.set_password(actor=acting(admin), user=analyst, password="a new long pass phrase")

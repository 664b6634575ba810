import json
import stat

import pytest
from django.contrib.auth import authenticate as check_password

from accounts_app import actions
from accounts_app.demo import make_people
from accounts_app.keys import authenticate
from accounts_app.models import ApiKey, Team, User

URL = "http://127.0.0.1:8000"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "demo-credentials.json"


def logs_in(user):
    return check_password(None, email=user["email"], password=user["password"]) is not None


def test_the_file_tells_three_people_by_role_and_all_their_secrets_work(db, path):
    make_people(URL, path)
    credentials = json.loads(path.read_text())
    assert credentials["url"] == URL
    assert [user["role"] for user in credentials["users"]] == ["admin", "standard", "read_only"]
    for user in credentials["users"]:
        assert set(user) == {"role", "email", "password", "api_key", "application_key"}
        assert logs_in(user)
        actor = authenticate(user["api_key"], user["application_key"])
        assert actor.user.email == user["email"]
        assert actor.can("security_monitoring_signals_read")
        assert actor.can("security_monitoring_signals_write") == (user["role"] != "read_only")
        assert actor.can("org_management") == (user["role"] == "admin")


def test_the_file_is_for_its_owner_only(db, path):
    make_people(URL, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_two_teams_share_some_of_the_people(db, path):
    make_people(URL, path)
    members = {team.handle: team.members.count() for team in Team.objects.all()}
    assert members == {"appsec": 2, "platform": 2}


def test_a_second_start_keeps_everything(db, path):
    first = make_people(URL, path)
    inode = path.stat().st_ino
    assert make_people(URL, path) == first
    assert path.stat().st_ino == inode
    assert (User.objects.count(), ApiKey.objects.count(), Team.objects.count()) == (3, 3, 2)


def test_another_port_changes_the_address_and_nothing_else(db, path):
    first = make_people(URL, path)
    second = make_people("http://127.0.0.1:9000", path)
    assert second == first | {"url": "http://127.0.0.1:9000"}
    assert json.loads(path.read_text()) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_that_a_person_changed_stays_theirs(db, path, acting):
    first = make_people(URL, path)["users"][1]
    user = User.objects.get(email=first["email"])
    actions.set_password(actor=acting(user), user=user, password="my own pass phrase")
    make_people(URL, path)
    user.refresh_from_db()
    assert user.check_password("my own pass phrase")


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("{")])
def test_without_its_file_the_demo_gets_new_secrets_and_the_old_ones_end(db, path, damage):
    old = make_people(URL, path)["users"]
    damage(path)
    new = make_people(URL, path)["users"]
    for before, after in zip(old, new, strict=True):
        assert before["email"] == after["email"]
        assert not logs_in(before)
        assert logs_in(after)
        assert authenticate(after["api_key"], after["application_key"])
    assert ApiKey.objects.in_force().count() == 3
    assert User.objects.count() == 3


def test_a_file_of_another_database_is_replaced(db, path):
    old = make_people(URL, path)["users"]
    ApiKey.objects.all().delete()
    User.objects.all().delete()
    new = make_people(URL, path)["users"]
    assert old[0]["password"] != new[0]["password"]
    assert logs_in(new[0])


def test_a_file_that_cannot_be_written_changes_no_password(db, path, tmp_path):
    make_people(URL, path)
    before = list(User.objects.values_list("password"))
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(OSError):
        make_people(URL, blocker / "demo-credentials.json")
    assert list(User.objects.values_list("password")) == before

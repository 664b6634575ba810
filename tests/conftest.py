"""The cast, the same five people in every test, and the servers that a test may lean on."""

import fcntl
import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from pytest_django.plugin import blocking_manager_key
from xdist.scheduler import LoadScopeScheduling

from accounts_app.access import person
from accounts_app.models import Membership, Team, User
from search_app import declared
from search_app.index.bitmaps.keeper import forget_all
from tests.requirements import needs
from tests.services import migrate, postgres_cluster, valkey_server

# Their tests share what takes long to make, or would take the machine from each other.
TOGETHER = {
    "tests/config/test_up.py",
    "tests/signals_app/test_crash.py",
    "tests/signals_app/test_demo.py",
    "tests/signals_app/test_truth.py",
}
ON_POSTGRES = "tests/signals_app/test_crash.py"  # who bring a PostgreSQL share that of these, and its migrations
HERE = Path(__file__).parent
KEPT = "kept_"  # tables with what the migrations brought
PASSWORD = "a long enough pass phrase"

# What is true is true on a busy machine too: how long an example takes is the bench's business.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def make_person(email: str, name: str, role: str | None, **fields) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


class ByFile(LoadScopeScheduling):
    """Each test goes to whichever process is free, but those of some files to the same one."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        if nodeid.endswith("[postgres]"):
            return ON_POSTGRES
        return file if file in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Not by the mark `xdist_group`: pytest 9.2 and pytest-xdist 3.8 together leave it out of account in silence."""
    return ByFile(config, log)


def pytest_collection_finish():
    """What is loaded by now stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items):
    """A test with real transactions empties every table: Django is told that we remember what had been there."""
    # Long ones last leave a processor idle: those with processes come first, then those that walk over everything.
    items.sort(key=lambda item: (item.get_closest_marker("process") is None, item.path.parent != HERE))
    for item in items:
        if marker := item.get_closest_marker("django_db"):
            wanted = {**marker.kwargs, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(*marker.args, **wanted), append=False)


@pytest.fixture(autouse=True)
def roles_outlive_flushes(django_db_serialized_rollback):
    """The same for tests that ask for the database by a fixture (`live_server`, `transactional_db`)."""


@pytest.fixture(scope="session")
def in_turn(request, django_db_modify_db_settings, tmp_path_factory) -> Iterator[Callable[[Path], None]]:
    """Of the processes of one run the first makes all migrations, twenty seconds of work; the others begin with a copy.

    Yields what is to be called with a file of the migrated database, as soon as there is one.
    """
    if connection.vendor != "sqlite" or not hasattr(request.config, "workerinput"):
        yield lambda file: None
        return
    run = tmp_path_factory.getbasetemp().parent
    first = run / "migrated.sqlite3"
    with ExitStack() as until_called:
        fcntl.flock(until_called.enter_context((run / "migrating").open("w")), fcntl.LOCK_EX)
        if first.exists():
            # What is in memory is there for as long as somebody is connected with it: Django will be.
            memory = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)
            until_called.callback(memory.close)
            with closing(sqlite3.connect(first)) as file:
                file.backup(memory)

        def call(file: Path) -> None:
            if not first.exists():
                first.hardlink_to(file)
            until_called.close()

        yield call


@pytest.fixture(scope="session")
def django_db_setup(in_turn, django_db_setup, django_db_blocker, migrated_file):
    """What the migrations brought, the roles, is kept in tables beside their own, from which it is quickly put back.

    Django's way is to save object after object from JSON, before each test with real transactions: half a second.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM INTO %s", [str(migrated_file)])
            in_turn(migrated_file)
        connection._test_serialized_contents = "[]"
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"CREATE TABLE {KEPT}{table} AS SELECT * FROM {table}")


def put_back() -> None:
    """Into empty tables (a test that was skipped emptied none), what had been in them after the migrations."""
    with transaction.atomic(), connection.cursor() as cursor:  # what refers to what is looked at in the end
        for kept in connection.introspection.table_names(cursor):
            if kept.startswith(KEPT):
                table = kept.removeprefix(KEPT)
                missing = f"SELECT * FROM {kept} WHERE NOT EXISTS (SELECT 1 FROM {table})"
                cursor.execute(f"INSERT INTO {table} {missing}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """And put them back at once, so that it does not matter in which order tests run."""
    try:
        return (yield)
    finally:
        marker = item.get_closest_marker("django_db")
        flushed = (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & {
            *item.fixturenames
        }
        if flushed and nextitem is not None:  # after the last test its database has just been taken down
            with item.config.stash[blocking_manager_key].unblock():
                put_back()
                connection.close()


@pytest.fixture(autouse=True)
def fresh_index():
    """What a test wrote is rolled back behind the index's back: each begins without one."""
    forget_all()
    declared.forget()


@pytest.fixture
def viewer(db) -> User:
    """Read Only: sees, changes nothing."""
    return make_person("viewer@example.test", "Vera Viewer", "Read Only")


@pytest.fixture
def analyst(db) -> User:
    """Standard: triages."""
    return make_person("analyst@example.test", "Ana Analyst", "Standard")


@pytest.fixture
def responder(db) -> User:
    """Standard too, in another team than the analyst."""
    user = make_person("responder@example.test", "Rob Responder", "Standard")
    team = Team.objects.create(name="Responders", handle="responders")
    Membership.objects.create(team=team, user=user)
    return user


@pytest.fixture
def admin(db) -> User:
    """Admin."""
    return make_person("admin@example.test", "Ada Admin", "Admin", is_staff=True)


@pytest.fixture
def outsider(db) -> User:
    """May log in, has no role."""
    return make_person("outsider@example.test", "Otto Outsider", None)


@pytest.fixture
def acting():
    """Turns a person into the actor that actions take: `acting(analyst)`."""
    return person


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL of our own for this test session: a `Cluster`. Skips, by name, where it is not installed."""
    with postgres_cluster(needs("postgres")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    """Where the test database is kept as the migrations left it, if it is one of SQLite."""
    return tmp_path_factory.mktemp("migrated") / "tocsin.sqlite3"


@pytest.fixture(scope="session")
def migrated(django_db_setup, migrated_file) -> Path:
    """An SQLite file with what the migrations bring, to copy: they take twenty seconds."""
    if not migrated_file.exists():
        migrate(TOCSIN_DATA_DIR=str(migrated_file.parent))
    return migrated_file


def home(request, folder: Path, database: str = "sqlite") -> dict[str, str]:
    """A data directory and a database in which all migrations have been made: the environment of who lives there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # as Tocsin makes it
    env = {"TOCSIN_DATA_DIR": str(folder), "SECRET_KEY": "tests-only-" + "x" * 40, "TOCSIN_LOG_LEVEL": "ERROR"}
    if database == "postgres":
        return env | {"DATABASE_URL": request.getfixturevalue("postgres").new_database(migrated=True)}
    shutil.copy(request.getfixturevalue("migrated"), folder)
    return env


@pytest.fixture(scope="session")
def valkey_url():
    """The URL of a real Valkey for this test session."""
    with valkey_server() as url:
        yield url

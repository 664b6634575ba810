"""`manage.py up`, as a newcomer meets it: real processes, a real folder, a real port."""

import ast
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import home
from tests.processes import BASE_DIR, PYTHON, Process, children_of, eventually, free_port, is_alive

pytestmark = pytest.mark.process

SECONDS_TO_FIRST_READY = 180
SECONDS_TO_SECOND_READY = 30  # it is 10 on an idle machine; here the rest of the suite runs beside it


class Tocsin(Process):
    """One `manage.py up` on a data directory of its own."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.data_dir = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(
            [PYTHON, "manage.py", "up"],
            log=folder / f"up-{self.port}.log",
            env={"TOCSIN_DATA_DIR": str(self.data_dir), "TOCSIN_PORT": str(self.port), **env},
        )

    def wait_until_ready(self, *, seconds: float) -> None:
        self.wait_for(lambda: f"ready at {self.url}/" in self.said, seconds=seconds, what="ready")

    def wait_for_the_worker(self) -> None:
        self.wait_for(lambda: re.search(r"^worker .* ready\.", self.said, re.M), what="the worker")

    def parts(self) -> dict[str, int]:
        """Our children: which part runs under which pid."""
        named = {"valkey-server": "valkey", "gunicorn": "web", " worker ": "worker", " beat ": "beat"}
        return {
            next(name for words, name in named.items() if words in command): pid
            for pid, command in children_of(self.pid).items()
        }

    def everybody(self) -> set[int]:
        """Our children and theirs."""
        children = set(children_of(self.pid))
        return children.union(*(children_of(pid) for pid in children))


@contextmanager
def tocsin_in(folder: Path, **env: str):
    """A Tocsin for as long as the block lasts; then ended as Ctrl-C would."""
    with Tocsin(folder, **env) as tocsin:
        yield tocsin
        if tocsin.alive:
            tocsin.send(signal.SIGINT)
            tocsin.ended(seconds=60)


@contextmanager
def standing_after(folder: Path, standing: "Standing", **env: str):
    """One that stays, for other tests, when all goes well in the block."""
    tocsin = Tocsin(folder, **env)
    try:
        yield tocsin
    except BaseException:
        tocsin.kill()
        raise
    standing.leave(tocsin)


class Standing:
    """Tocsins without harm that no test is busy with. A start takes ten seconds of two processors: few are made."""

    def __init__(self, place: Callable[[], Path]) -> None:
        self._place = place
        self._idle: list[Tocsin] = []

    def take(self) -> Tocsin:
        """One that is ready, with all of its parts; a new one, without the demo, when there is none."""
        tocsin = self._idle.pop() if self._idle else Tocsin(self._place(), TOCSIN_DEMO="0")
        try:
            tocsin.wait_until_ready(seconds=90)
            tocsin.wait_for_the_worker()
        except BaseException:
            tocsin.kill()
            raise
        return tocsin

    def leave(self, tocsin: Tocsin) -> None:
        """Let others have it."""
        self._idle.append(tocsin)

    def end(self) -> None:
        for tocsin in self._idle:
            with tocsin:
                tocsin.send(signal.SIGINT)
                tocsin.ended(seconds=60)


@pytest.fixture(scope="module")
def standing(request, tmp_path_factory):
    def place() -> Path:
        folder = tmp_path_factory.mktemp("standing")
        home(request, folder / "data")
        return folder

    all_of_them = Standing(place)
    yield all_of_them
    all_of_them.end()


@pytest.fixture
def running(standing):
    """A Tocsin, ready, for one test to do its worst."""
    with standing.take() as tocsin:
        yield tocsin


@pytest.fixture
def shared(standing):
    """One for a test that leaves it as it was."""
    tocsin = standing.take()
    yield tocsin
    standing.leave(tocsin)


def refusal(tmp_path, *arguments: str, **env: str) -> str:
    """What `up` says, in one line, when it will not start."""
    environment = {"PATH": os.environ["PATH"], "TOCSIN_DATA_DIR": str(tmp_path / "data"), **env}
    run = subprocess.run(
        [PYTHON, "manage.py", "up", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    (line,) = run.stderr.splitlines()
    return line


def test_a_first_start_brings_the_demo_and_a_second_is_quick_and_brings_nothing_twice(tmp_path, standing):
    path = tmp_path / "data" / "demo-credentials.json"
    with tocsin_in(tmp_path) as first:
        first.wait_until_ready(seconds=SECONDS_TO_FIRST_READY)
        credentials = json.loads(path.read_text())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert credentials["url"] == f"{first.url}/"
        assert [user["role"] for user in credentials["users"]] == ["admin", "standard", "read_only"]
        for user in credentials["users"]:
            assert set(user) == {"role", "email", "password", "api_key", "application_key"}
            login = {user["email"], user["password"]}
            first.wait_for(lambda login=login: login <= set(first.said.split()), what="its login")
            assert_logs_in(first.url, user)
        before = totals(first)
        assert before["signals"] >= 20
        assert before["rules"] >= 6
    with standing_after(tmp_path, standing) as second:
        second.wait_until_ready(seconds=SECONDS_TO_SECOND_READY)
        assert json.loads(path.read_text()) == {**credentials, "url": f"{second.url}/"}
        assert totals(second) == before


def assert_logs_in(url: str, user: dict) -> None:
    """Through the login form to the explorer, as a browser does."""
    with httpx.Client(base_url=url, follow_redirects=True, timeout=30) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/accounts/login/").text)[1]
        form = {"login": user["email"], "password": user["password"], "csrfmiddlewaretoken": token}
        answer = client.post("/accounts/login/", data=form, headers={"Referer": url})
        assert (answer.status_code, answer.url.path) == (200, "/signals/")


def totals(tocsin: Tocsin) -> dict[str, int]:
    """How much there is, counted in the file itself."""
    tables = {"signals": "signals_app_signal", "rules": "signals_app_detectionrule", "people": "accounts_app_user"}
    with closing(sqlite3.connect(tocsin.data_dir / "tocsin.sqlite3", timeout=20)) as link:
        return {name: link.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in tables.items()}


def test_readyz_tells_the_state_of_each_part(shared):
    well = {"database": "ok", "migrations": "ok", "broker": "ok", "index": "ok"}

    def index_is_open() -> bool:
        return httpx.get(f"{shared.url}/readyz").json()["parts"]["index"] == "ok"

    shared.wait_for(index_is_open, what="the index")  # it is opened beside the first questions
    answer = httpx.get(f"{shared.url}/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "parts": well})


def test_a_large_request_that_is_refused_unread_is_answered_and_so_is_the_next(shared):
    line = http.client.HTTPConnection(shared.url.removeprefix("http://"), timeout=30)
    for size in (100_000, 9_000_000, 10):
        line.request("PATCH", "/api/cases/SEC-1/", b"a" * size, {"Content-Type": "application/json"})
        answer = line.getresponse()
        assert (answer.status, answer.read()[:1]) == (401, b"{")
    line.close()


def test_valkey_listens_on_a_private_socket_and_on_no_port(shared):
    listen = shared.data_dir / "valkey.sock"
    if not listen.exists():  # a data directory with a long name has it elsewhere
        listen = Path(re.search(r"--unixsocket (\S+)", children_of(shared.pid)[shared.parts()["valkey"]])[1])
    assert stat.S_IMODE(listen.parent.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(listen))
        link.sendall(b"CONFIG GET port\r\n")
        assert link.recv(200).split()[-1] == b"0"


def test_a_second_one_on_the_same_folder_is_refused(shared, tmp_path):
    assert "Another Tocsin is running in" in refusal(
        tmp_path, "--port", str(free_port()), TOCSIN_DATA_DIR=str(shared.data_dir)
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_every_process_in_order_and_well_and_each_has_a_prefix_in_one_log(running, number):
    everybody = running.everybody()
    assert set(running.parts()) == {"valkey", "web", "worker", "beat"}
    running.send(number)
    assert running.ended() == 0
    assert not [pid for pid in everybody if is_alive(pid)]
    assert "Warm shutdown" in running.said
    assert "Traceback" not in running.said
    prefixes = {line.split("|")[0].strip() for line in running.said.splitlines()}
    assert {"tocsin", "web", "worker", "valkey"} <= prefixes <= {"tocsin", "web", "worker", "valkey", "beat"}


def test_readyz_fails_and_healthz_lives_on_without_the_broker(shared):
    os.kill(shared.parts()["valkey"], signal.SIGSTOP)
    try:
        answer = httpx.get(f"{shared.url}/readyz", timeout=20)
        assert (answer.status_code, answer.json()["parts"]["broker"]) == (503, "failed")
        assert httpx.get(f"{shared.url}/healthz").status_code == 200
    finally:
        os.kill(shared.parts()["valkey"], signal.SIGCONT)


def test_nobody_lingers_when_the_supervisor_itself_is_killed_and_the_next_start_works(running, standing):
    everybody = running.everybody()
    running.send(signal.SIGKILL)
    running.ended()
    eventually(lambda: not [pid for pid in everybody if is_alive(pid)], seconds=60, what="the end of the orphans")
    with standing_after(running.data_dir.parent, standing, TOCSIN_DEMO="0") as again:
        again.wait_until_ready(seconds=60)


@pytest.mark.parametrize("part", ["web", "worker", "beat", "valkey"])
def test_a_child_that_dies_takes_all_with_it_and_is_named(running, part):
    everybody = running.everybody()
    os.kill(running.parts()[part], signal.SIGKILL)
    assert running.ended() == 1
    assert f"{part} was ended by SIGKILL." in running.said
    assert not [pid for pid in everybody if is_alive(pid)]


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} cannot be used (Address already in use)" in refusal(tmp_path, TOCSIN_PORT=str(port))


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_one_sentence(tmp_path, port):
    assert f"TOCSIN_PORT is “{port}”" in refusal(tmp_path, TOCSIN_PORT=port)


@pytest.mark.parametrize("secret", ["", "s" * 50], ids=["key-to-be-kept", "key-given"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, secret):
    (tmp_path / "file").touch()
    line = refusal(tmp_path, TOCSIN_DATA_DIR=str(tmp_path / "file" / "data"), SECRET_KEY=secret)
    assert re.search(r"The data directory \S+/file/data cannot be written \(Not a directory\)", line)


def test_no_secret_key_in_production_is_one_sentence(tmp_path):
    assert refusal(tmp_path, DEBUG="0").startswith("SECRET_KEY is not set")


@pytest.mark.parametrize("url", ["mysql://localhost/tocsin", "tocsin"])
def test_a_database_of_another_kind_is_one_sentence(tmp_path, url):
    assert refusal(tmp_path, DATABASE_URL=url) == "DATABASE_URL must begin with postgres:// or sqlite:///."


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("TOCSIN_API_RATE", "600"),
        ("TOCSIN_API_RATE", "0/60"),
        ("TOCSIN_API_RATES", "users"),
        ("TOCSIN_API_RATES", "signals=600/60,users=sixty/60"),
    ],
)
def test_a_rate_that_is_none_is_one_sentence(tmp_path, name, given):
    wrong = given.rpartition(",")[2]
    assert refusal(tmp_path, **{name: given}).startswith(f"{name} is “{wrong}”: a rate is requests/seconds")


def test_a_rate_for_endpoints_that_there_are_not_is_one_sentence(tmp_path):
    line = refusal(tmp_path, TOCSIN_API_RATES="signal=600/60")
    assert "TOCSIN_API_RATES names “signal”: there is no such group of endpoints, but cases, incidents" in line


def test_an_old_python_is_one_sentence():
    source = (BASE_DIR / "manage.py").read_text()
    ast.parse(source, feature_version=(3, 7))  # an old Python must get as far as the sentence
    pretend = "import runpy, sys; sys.version_info = (3, 10, 4); runpy.run_path('manage.py', run_name='__main__')"
    run = subprocess.run([PYTHON, "-c", pretend], cwd=BASE_DIR, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (1, "Tocsin needs Python 3.11 or newer; this is Python 3.10.4.\n")

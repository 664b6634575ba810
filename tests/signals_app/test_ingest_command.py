"""`manage.py ingest`: files once, and files as they grow."""

import gzip
import io
import json
import os
import signal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from signals_app import files, intake
from signals_app.follow import Follower
from signals_app.models import FollowedFile, RawItem, Signal
from tests.conftest import home
from tests.processes import PYTHON, Process

from .recording import access, audit, dumped, edge

REFUSE = "TRIGGER refuse BEFORE UPDATE ON signals_app_followedfile"
FAILING_DISK = {
    "sqlite": [f"CREATE {REFUSE} BEGIN SELECT RAISE(ABORT, 'no'); END"],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
        f"CREATE {REFUSE} EXECUTE FUNCTION refuse()",
    ],
}
REPAIRED_DISK = {"sqlite": "DROP TRIGGER refuse", "postgresql": "DROP FUNCTION refuse() CASCADE"}


def line(number: int) -> bytes:
    return json.dumps(access(number=number)).encode() + b"\n"


def lines(*numbers: int) -> bytes:
    return b"".join(map(line, numbers))


@pytest.mark.django_db
class TestFiles:
    def run(self, *arguments, **options):
        said = io.StringIO()
        call_command("ingest", *map(str, arguments), stdout=said, stderr=io.StringIO(), **options)
        return said.getvalue()

    def create(self, *paths, **options):
        options = {"source": "edge", "create": True, "format": "modsecurity3"} | options
        return self.run(*paths, **options)

    @pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
    def test_are_taken_and_summed_up(self, tmp_path, pack):
        path = tmp_path / "events"
        path.write_bytes(pack(lines(1, 2, 2) + b"{torn\n"))
        said = self.create(path)
        assert f"{path}: 2 taken, 1 known already, 1 refused." in said
        assert "line 4: This is no JSON" in said

    def test_standard_input_is_a_dash(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines(1))))
        assert "-: 1 taken" in self.create("-")

    def test_sent_twice_they_count_once(self, tmp_path):
        path = tmp_path / "events"
        path.write_bytes(lines(1, 2))
        self.create(path)
        assert "0 taken, 2 known already" in self.create(path)

    def test_wait_reads_them_here_and_now(self, tmp_path):
        path = tmp_path / "events"
        path.write_bytes(b"\n".join(dumped(audit())))
        self.create(path, wait=True, env="prod", service="web-store")
        assert (Signal.objects.get().service.name, Signal.objects.get().env) == ("web-store", "prod")

    def test_a_refused_line_is_kept_for_the_operators(self, tmp_path):
        path = tmp_path / "events"
        path.write_bytes(lines(1) + b"no JSON\n")
        self.create(path)
        assert RawItem.objects.get(state="unreadable").body == {"line": "no JSON\n"}

    def test_an_unknown_source_is_told_with_those_that_there_are(self, tmp_path):
        edge()
        with pytest.raises(CommandError, match="there are: edge"):
            self.run(os.devnull, source="egde")

    def test_a_file_that_is_not_there_is_one_sentence(self):
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            self.create("/no/such/file")

    def test_a_torn_gzip_is_one_sentence(self, tmp_path):
        path = tmp_path / "events.gz"
        path.write_bytes(gzip.compress(lines(1))[:-9])
        with pytest.raises(CommandError, match="cannot be read"):
            self.create(path)

    def test_nothing_readable_at_all_fails(self, tmp_path):
        path = tmp_path / "events"
        path.write_bytes(b"this\nis\nno JSON\n")
        with pytest.raises(CommandError, match="right --format"):
            self.create(path)

    def test_a_line_without_end_costs_no_memory(self):
        endless = io.BytesIO(b"x" * 5 * 2**20 + b"\n" + line(1))
        read = list(files.lines(endless))
        assert (len(read), len(read[0]) < 1.1 * 2**20) == (2, True)


@pytest.mark.django_db
class TestFollowing:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "access.json"

    @pytest.fixture
    def source(self):
        return edge()

    def follow(self, source, path):
        """A fresh follower, as after a restart, that reads all there is."""
        follower = Follower(source, [path])
        while follower.look():
            pass
        return follower

    def known(self):
        return sorted(int(key.removeprefix("access:"), 16) for key in RawItem.objects.values_list("key", flat=True))

    def test_what_grows_is_read_on_from_where_it_was(self, source, path):
        path.write_bytes(lines(1, 2))
        follower = self.follow(source, path)
        with path.open("ab") as file:
            file.write(lines(3))
        follower.look()
        assert (self.known(), follower.total.taken, follower.total.duplicates) == ([1, 2, 3], 3, 0)

    def test_a_restart_reads_nothing_again(self, source, path):
        path.write_bytes(lines(1, 2))
        self.follow(source, path)
        assert self.follow(source, path).total.duplicates == 0

    def test_a_torn_last_line_waits_for_its_end(self, source, path):
        path.write_bytes(lines(1) + line(2)[:40])
        follower = self.follow(source, path)
        assert self.known() == [1]
        with path.open("ab") as file:
            file.write(line(2)[40:])
        follower.look()
        assert (self.known(), follower.total.refused) == ([1, 2], [])

    def test_the_place_is_stored_with_the_items_or_not_at_all(self, source, path):
        path.write_bytes(b"")
        self.follow(source, path)
        path.write_bytes(lines(1, 2))
        with connection.cursor() as cursor:  # the disk fails between the items and the place
            for statement in FAILING_DISK[connection.vendor]:
                cursor.execute(statement)
            with pytest.raises(DatabaseError), transaction.atomic():
                Follower(source, [path]).look()
            cursor.execute(REPAIRED_DISK[connection.vendor])
        assert not RawItem.objects.exists()
        assert self.follow(source, path).total.taken == 2

    @pytest.mark.parametrize("restarts", [False, True])
    def test_copytruncate_loses_nothing(self, source, path, restarts):
        path.write_bytes(lines(1, 2))
        follower = self.follow(source, path)
        with path.open("ab") as file:
            file.write(lines(3))  # not read before the rotation
        path.with_name("access.json.1").write_bytes(path.read_bytes())
        os.truncate(path, 0)
        with path.open("ab") as file:
            file.write(lines(4))
        follower = Follower(source, [path]) if restarts else follower
        while follower.look():
            pass
        assert self.known() == [1, 2, 3, 4]

    def test_a_file_that_was_truncated_and_has_outgrown_its_old_place_is_noticed(self, source, path):
        path.write_bytes(lines(1))
        self.follow(source, path)
        path.write_bytes(lines(2, 3, 4))
        assert self.follow(source, path).total.taken == 3

    @pytest.mark.parametrize("restarts", [False, True])
    def test_a_file_that_was_moved_away_is_read_to_its_end(self, source, path, restarts):
        path.write_bytes(lines(1, 2))
        follower = self.follow(source, path)
        with path.open("ab") as file:
            file.write(lines(3))
        path.rename(path.with_name("access.json.1"))
        path.write_bytes(lines(4))
        follower = Follower(source, [path]) if restarts else follower
        while follower.look():
            pass
        with path.with_name("access.json.1").open("ab") as file:
            file.write(lines(5))  # some servers go on writing there
        while follower.look():
            pass
        assert self.known() == [1, 2, 3, 4, 5]

    def test_a_stop_between_a_rotation_and_the_end_of_the_old_file_loses_nothing(self, source, path):
        path.write_bytes(lines(1))
        self.follow(source, path)
        path.rename(path.with_name("access.json.1"))
        path.write_bytes(lines(3))
        self.follow(source, path)
        with path.with_name("access.json.1").open("ab") as file:
            file.write(lines(2))  # written while nobody was there to read
        self.follow(source, path)
        assert self.known() == [1, 2, 3]

    def test_a_rotation_in_the_middle_of_a_look_loses_nothing(self, source, path, monkeypatch):
        path.write_bytes(lines(1))
        follower = self.follow(source, path)
        with path.open("ab") as file:
            file.write(lines(2))
        read = Follower._read

        def rotates_first(self, path):
            monkeypatch.undo()
            path.rename(path.with_name("access.json.1"))
            path.write_bytes(lines(3, 4))
            return read(self, path)

        monkeypatch.setattr(Follower, "_read", rotates_first)
        while follower.look() or len(self.known()) < 2:
            pass
        assert self.known() == [1, 2, 3, 4]

    def test_a_file_that_vanishes_while_it_is_read_ends_nothing(self, source, path, monkeypatch):
        path.write_bytes(lines(1))
        prepare = intake.prepare

        def vanishes(*arguments, **options):
            path.unlink(missing_ok=True)
            return prepare(*arguments, **options)

        monkeypatch.setattr(intake, "prepare", vanishes)
        assert Follower(source, [path]).look() is True
        assert self.known() == [1]

    def test_between_two_rotations_it_waits(self, source, path):
        follower = Follower(source, [path])
        assert follower.look() is False
        path.write_bytes(lines(1))
        assert follower.look() is True

    def test_a_line_that_cannot_be_read_is_kept_and_passed(self, source, path):
        path.write_bytes(b"\xff\xfe no JSON\n" + lines(1))
        follower = self.follow(source, path)
        assert (follower.total.taken, len(follower.total.refused)) == (1, 1)
        assert RawItem.objects.filter(state="unreadable").count() == 1

    def test_carriage_returns_do_not_shift_the_place(self, source, path):
        path.write_bytes(line(1).replace(b"\n", b"\r\n") + b'{"request_id": "x\r", "client_ip": "::1"}\n')
        self.follow(source, path)
        assert FollowedFile.objects.get().offset == path.stat().st_size

    def test_two_followers_of_one_file_do_not_both_go_on(self, source, path):
        path.write_bytes(lines(1))
        first, second = Follower(source, [path]), Follower(source, [path])
        row = second._row(path.absolute())
        first.look()
        with pytest.raises(RuntimeError, match="another process"):
            second._take(row, path, 0, line(1), [line(1)])


@pytest.mark.process
def test_following_ends_cleanly_when_interrupted(request, tmp_path):
    env = home(request, tmp_path)
    path = tmp_path / "access.json"
    path.write_bytes(lines(1))
    command = [PYTHON, "-u", "manage.py", "ingest", "--source=edge", "--create", "--format=modsecurity3", "--follow"]
    with Process([*command, str(path)], log=tmp_path / "follow", env=env) as follow:
        follow.wait_for(lambda: "Following" in follow.said, what="the follower")
        with path.open("ab") as file:
            file.write(lines(2))
        follow.wait_for(lambda: _stored(tmp_path) == 2, what="both lines in the database")
        follow.send(signal.SIGINT)
        assert follow.ended() == 0, follow.said
        assert "Ended: 2 taken" in follow.said
        assert "Traceback" not in follow.said


def _stored(folder) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{folder / 'tocsin.sqlite3'}?mode=ro", uri=True) as link:
        count = link.execute("SELECT count(*) FROM signals_app_rawitem").fetchone()[0]
    link.close()
    return count

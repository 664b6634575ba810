"""`manage.py ingest --source NAME FILE…`: files of events into the intake, once or as they grow."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from accounts_app.access import system
from core_app.errors import DomainError
from signals_app import actions, files, intake, processing
from signals_app.follow import Follower
from signals_app.intake import Taken
from signals_app.models import Source

ACTOR = system("ingest")
BAR = 30  # characters
SHOWN = 10  # refused lines that are listed for one file


class Command(BaseCommand):
    help = "Take events in from files (plain or gzip, - for standard input), or follow log files as they grow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--source", required=True, metavar="NAME", help="the source that the events are of")
        parser.add_argument("--create", action="store_true", help="make the source if there is none of this name")
        parser.add_argument("--format", choices=Source.Format.values, help="its format, when it is made")
        parser.add_argument("--env", default="", help="its environment, when it is made: prod, staging …")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="its clock, when it is made")
        parser.add_argument(
            "--service", default="", metavar="NAME", help="the service of all its hosts, when it is made"
        )
        parser.add_argument("--wait", action="store_true", help="read the events here and now; else the worker does")
        parser.add_argument("--follow", action="store_true", help="go on reading as the files grow; Ctrl-C ends it")

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options)
        if options["follow"]:
            self._follow(source, options["files"])
            return
        total = Taken()
        for name in options["files"]:
            total.add(self._ingest(source, name))
        if len(options["files"]) > 1:
            self._say("all files", total)
        if options["wait"]:
            self.stdout.write(f"{processing.process_pending():,} items read.")
        if total.refused and not total.taken and not total.duplicates:
            raise CommandError("None of the lines can be read. Is this the right --format?")

    def _source(self, options: dict[str, Any]) -> Source:
        source = Source.objects.filter(name=options["source"]).first()
        if source:
            if options["format"] and options["format"] != source.format:
                raise CommandError(f"The source {source.name} has the format {source.format}.")
            return source
        if not options["create"]:
            names = ", ".join(Source.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no source “{options['source']}” (there are: {names}). --create makes it.")
        if not options["format"]:
            raise CommandError(f"--create needs --format: {' or '.join(Source.Format.values)}.")
        try:
            made = actions.create_source(
                actor=ACTOR,
                name=options["source"],
                format=options["format"],
                env=options["env"],
                time_zone=options["time_zone"],
                default_service=options["service"],
            )
        except DomainError as problem:
            raise CommandError(problem.message) from problem
        return made.source

    def _ingest(self, source: Source, name: str) -> Taken:
        try:
            with files.opened(name) as (stream, file):
                taken = intake.take(source, self._watched(name, stream, file), keep_refused=True)
        except (OSError, EOFError) as problem:
            raise CommandError(f"{name} cannot be read: {getattr(problem, 'strerror', None) or problem}.") from problem
        self._say(name, taken)
        return taken

    def _watched(self, name: str, stream: files.Stream, file: BinaryIO) -> Iterator[bytes]:
        """The lines, with a bar on the terminal that says how far they are."""
        size = Path(name).stat().st_size if name != "-" else 0
        shows = sys.stderr.isatty()
        for number, line in enumerate(files.lines(stream), start=1):
            if shows and number % intake.CHUNK == 0:
                done = file.tell() / size if size else 0
                bar = f"[{'#' * int(done * BAR):<{BAR}}] {done:4.0%}" if size else ""
                self.stderr.write(f"\r{bar} {number:,} lines", ending="")
            yield line
        if shows:
            self.stderr.write("\r\x1b[K", ending="")

    def _say(self, name: str, taken: Taken) -> None:
        self.stdout.write(
            f"{name}: {taken.taken:,} taken, {taken.duplicates:,} known already, {len(taken.refused):,} refused."
        )
        for line, why in taken.refused[:SHOWN]:
            self.stdout.write(f"  line {line}: {why}")
        if len(taken.refused) > SHOWN:
            self.stdout.write(f"  … and {len(taken.refused) - SHOWN:,} more; all are listed on the Intake page.")

    def _follow(self, source: Source, names: list[str]) -> None:
        if "-" in names:
            raise CommandError("Standard input cannot be followed.")
        stop = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        follower = Follower(source, map(Path, names))
        self.stdout.write(f"Following {', '.join(names)} for {source.name}. Ctrl-C ends it.")
        try:
            follower.run(stop)
        except RuntimeError as problem:
            raise CommandError(str(problem)) from problem
        self._say("Ended", follower.total)

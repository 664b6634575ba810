"""`manage.py demo`: people to log in as, and a week of recorded attacks taken in as any sensor's are."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts_app.demo import DOMAIN, make_people
from accounts_app.models import User
from config import environment
from signals_app.demo import load_demo


class Command(BaseCommand):
    help = "Fill an empty database with demo people, teams and real recorded detections. A second run adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=f"http://127.0.0.1:{environment.port()}/", help="where people log in")
        parser.add_argument("--unless-in-use", action="store_true", help="do nothing where people other than ours are")

    def handle(self, *, url: str, unless_in_use: bool, **options: Any) -> None:
        if unless_in_use and _in_use():
            return
        if not User.objects.exists():
            self.stdout.write("loading the demo: this takes a minute, the first time only")
        make_people(url, settings.TOCSIN_DATA_DIR / "demo-credentials.json")
        load_demo(timezone.now())


def _in_use() -> bool:
    """Whether somebody works here already, and it was not the demo that brought them."""
    return User.objects.exists() and not User.objects.filter(email__endswith=f"@{DOMAIN}").exists()

"""`manage.py verify_ledger`: is the record of what happened whole?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core_app import chain


class Command(BaseCommand):
    help = "Walk the ledger's hash chain. Ends with status 1, and names the first faulty entry, when it is not whole."

    def handle(self, **options: Any) -> None:
        verdict = chain.verify()
        if not verdict.whole:
            raise CommandError(f"The ledger is not whole: {verdict.fault}.")
        self.stdout.write(f"The ledger is whole: {verdict.sealed} entries sealed, {verdict.unsealed} not yet.")
        if verdict.head:
            self.stdout.write(f"The chain ends in {verdict.head}")

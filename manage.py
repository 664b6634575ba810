#!/usr/bin/env python3
"""Tocsin's command line: `python manage.py help` lists the commands."""

import os
import sys

MINIMUM_PYTHON = (3, 11)


def main() -> None:
    if sys.version_info < MINIMUM_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Tocsin needs Python 3.11 or newer; this is Python {found}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Imported here so that an old Python gets the sentence above and no traceback.
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""What a test needs from the machine: found, or skipped by name, or (in CI) a failure.

    def test_in_a_browser():
        chromium = needs("chromium")

`TOCSIN_REQUIRE_ALL=1` turns every such skip into a failure, so that CI cannot pass by lacking something.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

# Where Debian keeps what is not on the PATH, or is a file and no program.
PLACES = {
    "postgres": ("/usr/lib/postgresql", "*/bin/postgres"),
    "nginx": ("/usr/sbin", "nginx"),
    "libnginx-mod-http-modsecurity": ("/usr/lib/nginx/modules", "ngx_http_modsecurity_module.so"),
    "modsecurity-crs": ("/usr/share/modsecurity-crs", "rules"),
}


def needs(name: str) -> Path:
    """Where the program (or file of a package) is; the test that asked is skipped, by its name, when it is nowhere."""
    if path := find(name):
        return path
    if os.environ.get("TOCSIN_REQUIRE_ALL") == "1":
        pytest.fail(f"needs {name}, which is not installed, and TOCSIN_REQUIRE_ALL=1", pytrace=False)
    pytest.skip(f"needs {name}")


def find(name: str) -> Path | None:
    """Where it is, or None."""
    if name in PLACES:
        folder, pattern = PLACES[name]
        # The newest version when there are several: they sort by their number.
        return max(Path(folder).glob(pattern), key=_version, default=None)
    found = shutil.which(name)
    return Path(found) if found else None


def _version(path: Path) -> list[int]:
    return [int(part) for part in path.parts if part.isdigit()]

"""What a text may hold."""

from __future__ import annotations

import re

UNWRITABLE = re.compile(r"[\0\ud800-\udfff]")  # NUL, and halves of surrogate pairs: no database keeps them

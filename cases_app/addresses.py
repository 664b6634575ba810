"""How addresses call a case."""

from __future__ import annotations

from django.urls import register_converter


class CaseKeyConverter:
    """The key of a case in an address, in capitals or not: /cases/sec-12/ is SEC-12."""

    regex = r"[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value.upper()


CONVERTER = "case_key"
CASE = f"<{CONVERTER}:case>/"

register_converter(CaseKeyConverter, CONVERTER)

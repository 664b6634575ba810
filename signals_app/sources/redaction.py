"""Taking secrets out of an item before anything of it is stored, whatever format it has.

ModSecurity 3 has no sanitise action: its log holds passwords, cookies and authorisation headers in clear,
in the headers, in the body, in the address and again in each rule's words about what it matched.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

GONE = "[redacted]"
LONGEST_REMEMBERED = 80  # characters: a sensor's names come again and again, and an attacker's fill no memory

# Every repetition is bounded, or starts only where another one ends: the text is an attacker's.
_NAME = (
    r"(?:[\w.\[\]%$-]{0,40}?(?:passw(?:or)?d|passphrase|passwort|pwd|secret|token|api[_-]?key|authorization|cookie|"
    r"credential|private[_-]?key|session[_-]?id|sessid|csrf|otp)[\w.\[\]%$-]{0,40}"
    r"|(?:[\w.\[\]%$-]{0,40}?(?:[_.\[-]|%5b))?(?:pass(?:code|key|\d{1,2})?|jwt|access[_-]?key)(?:\]|%5d)?"
    r"|auth|session|sid|sig|signature|pin)"
)
_HEADER = r"[\w-]{0,40}?(?:cookie|authorization|token|api-?key)[\w-]{0,40}"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_NAMED = ["pass", "pwd", "secret", "token", "api", "key", "auth", "cookie", "credential", "jwt"]
_NAMED += ["sess", "csrf", "otp", "sid", "sig", "pin"]
_PLACE = rf"(?:\w{{1,40}}:(?:json\.)?{_NAME}|REQUEST_COOKIES:[^\s:]{{1,200}}|(?:REQUEST|RESPONSE)_HEADERS:{_HEADER})"
_HEADER_NAME = r"(?:set-)?cookie|(?:proxy-)?authorization|x-[\w-]{0,40}?(?:token|key|auth|secret)[\w-]{0,20}|api-?key"

# (sign, words, pattern, replacement): tried when the text, in lower case, holds the sign and one of the words. The name
# stays. Most texts are short and hold no sign: to look for one character spares the looking for sixteen words.
_SECRETS = [
    # password=…&  in forms, query strings and cookies
    (
        "=",
        _NAMED,
        re.compile(rf"(?i)((?:^|[?&;\s\"'`(=:,]){_NAME}=)(?:\"[^\"\r\n]{{0,1000}}+\"?|[\"'`]?[^&;\s\"'`)]+)"),
        rf"\1{GONE}",
    ),
    # "password": "…"  in JSON, also escaped once
    (
        '"',
        _NAMED,
        re.compile(
            rf'(?i)(\\?"{_NAME}\\?"\s{{0,9}}:\s{{0,9}})(?:"(?:[^"\\]|\\.)*"|\\"(?:[^"\\]|\\(?!"))*\\"'
            r'|\[[^\]]{0,1000}+\]?|[^\s,}\]"\\]+)'
        ),
        rf'\1"{GONE}"',
    ),
    # multipart/form-data
    (
        "=",
        ["name="],
        re.compile(rf'(?i)(name="?{_NAME}"?[^\r\n]{{0,200}}+(?:\r?\n[^\r\n]{{1,200}}){{0,5}}\r?\n\r?\n)[^\r\n]*'),
        rf"\1{GONE}",
    ),
    # <password>…</password>
    ("<", ["</"], re.compile(rf"(?i)(<{_NAME}(?:\s[^>]{{0,200}})?>)[^<]+"), rf"\1{GONE}"),
    # Authorization: Bearer …, wherever it is quoted
    (
        "",
        ["bearer", "basic", "digest", "negotiate"],
        re.compile(r"(?i)\b((?:bearer|basic|digest|negotiate)\s+)[\w.~+/=-]{6,}"),
        rf"\1{GONE}",
    ),
    # a header as it was sent
    (
        ":",
        [":"],
        re.compile(
            rf"(?im)((?:^|[\s\"'])(?:{_HEADER_NAME}):[ \t]{{1,4}}+)(?!(?:bearer|basic|digest|negotiate)\s)[^\r\n\"]+"
        ),
        rf"\1{GONE}",
    ),
    # a signed web token without a name
    ("", ["eyj"], re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), GONE),
    # https://name:password@host
    (
        ":",
        ["://"],
        re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:)[^\s/@]{1,200}(?=@)"),
        rf"\1{GONE}",
    ),
    # ModSecurity's words: "Matched Data: … found within ARGS:password: …", of which the first part is the secret too
    (
        ":",
        ["found within"],
        re.compile(rf"(?is)(\bmatched data: ).{{1,300}}?( found within {_PLACE}: )"),
        rf"\1{GONE}\2",
    ),
    (":", ["found within"], re.compile(rf"(?is)(\bfound within {_PLACE}: ).+"), rf"\1{GONE}"),
    # … and "against variable `ARGS:password' (Value: `…' )"
    (
        "(",
        ["(value: "],
        re.compile(
            rf"(?is)(`(?:\w{{1,40}}:(?:json\.)?{_NAME}|REQUEST_COOKIES(?:_NAMES)?:[^']{{0,200}}"
            rf"|(?:REQUEST|RESPONSE)_HEADERS:{_HEADER})' \(Value: `).*?(' \)|$)"
        ),
        rf"\1{GONE}\2",
    ),
]
# PostgreSQL refuses NUL in text, and half of a surrogate pair is no character anywhere.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without the characters that a database cannot hold."""
    if text.isascii() and "\x00" not in text:  # nearly all are, and to look is cheaper than to replace
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def redact_text(text: str) -> str:
    """The text with the values of everything that is named like a secret replaced."""
    text = clean(text)
    lowered = text.lower()
    for sign, words, pattern, replacement in _SECRETS:
        if sign in lowered:
            for word in words:
                if word in lowered:
                    text = pattern.sub(replacement, text)
                    break
    return text


def is_secret(name: str) -> bool:
    """Whether a field, header or parameter of this name holds a secret."""
    return _is_secret(name) if len(name) <= LONGEST_REMEMBERED else _is_secret.__wrapped__(name)


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.fullmatch(name.strip()) is not None


def redact(value: Any) -> Any:
    """A copy of a JSON value without secrets: by the name of the key, and by pattern inside of text."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        named = value.get("name")  # {"name": "Cookie", "value": "…"}: how many tools list headers
        hidden = {"value"} if isinstance(named, str) and is_secret(named) else set()
        return {
            clean(name): GONE
            if (name in hidden or is_secret(name)) and inner not in (None, "", [], {})
            else redact(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redact(inner) for inner in value]
    return value

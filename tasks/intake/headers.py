"""Header lines as mail programs really write them: raw bytes, wrong charsets, encoded-word tricks."""

from __future__ import annotations

import binascii
import re
import unicodedata
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ID = re.compile(r"<[!-;=?-~]{3,500}>")
_ADDRESS = re.compile(r"[^@\s<>\",;:\x00-\x1f\x7f]{1,200}@[^@\s<>\",;:\x00-\x1f\x7f]{1,200}")
# Only charsets of mail: Python knows others (punycode, unicode_escape) that are slow or do tricks.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|utf-16(?:le|be)?|iso-8859-\d{1,2}|latin-?1|(?:windows-|cp)125\d|gb2312|gbk|gb18030"
    r"|big5|koi8-[ru]|shift_jis|euc-(?:jp|kr)|iso-2022-jp"
)
# "UBND xã A, tỉnh Ninh Bình <a@x.vn>", "a@x.vn <a@x.vn>": a name that should be quoted and is not.
_NAMED = re.compile(r'\s*(?:[^<>"@]*|[^<>",;:]*)<\s*(?P<address>[^<>]{3,400}?)\s*>\s*')
_BY = re.compile(r"\bby\s+([A-Za-z0-9._-]+)")


def raw(message: Message, name: str) -> str:
    """The first ``name`` line as it stands (encoded-words unread), or an empty string."""
    return next(iter(raw_all(message, name)), "")


def raw_all(message: Message, name: str) -> list[str]:
    return [whole(str(value)) for key, value in message.raw_items() if key.lower() == name.lower()]


def whole(text: str) -> str:
    """``text`` without half characters: the raw bytes behind them, read in their own charset."""
    if text.isascii():
        return text
    try:
        return decode_text(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()


def decode_text(data: bytes, charset: str = "") -> str:
    """``data`` in the charset it claims, else in the one it is: UTF-8, Windows-1258, Latin-1."""
    claimed = charset.lower() if _CHARSET.fullmatch(charset.lower()) else ""
    for name in (claimed, "utf-8", "cp1258"):
        try:
            if name:
                return data.decode(name)
        except UnicodeError:
            continue
    return data.decode("latin-1")


def decoded(value: str) -> str:
    """A header value with its encoded-words read; unreadable ones stay as they are."""
    value = whole(value)
    if "=?" not in value:
        return value
    try:
        parts = decode_header(value)
    except (HeaderParseError, binascii.Error, ValueError, LookupError):
        return value
    return "".join(p if isinstance(p, str) else decode_text(p, c or "") for p, c in parts)


def clean_name(text: str) -> str:
    """One NFC line without control or direction characters; of a path only the last name."""
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", whole(text))).strip()


def file_name(text: str) -> str:
    """The last part of a path, short enough for any file system, never empty."""
    name = clean_name(text).replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    if len(name) > 120:
        stem, dot, suffix = name.rpartition(".")
        name = stem[:100] + dot + suffix[:15] if dot else name[:120]
    return name or "khong-ten"


def address_of(lines: list[str]) -> str:
    """The one address of From, lower case; empty where there is none or more than one.

    Addresses are taken from the raw line: an encoded-word that hides an address stays a name, and so
    does whatever stands before the one pair of brackets, unless it may be a second sender.
    """
    if len(lines) != 1:
        return ""
    if named := _NAMED.fullmatch(lines[0]):
        address = named["address"].lower()
        return address if _ADDRESS.fullmatch(address) else ""
    try:
        found = [a.strip().lower() for _, a in getaddresses(lines) if a.strip()]
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""
    return found[0] if len(found) == 1 and _ADDRESS.fullmatch(found[0]) else ""


def message_id_of(value: str) -> str:
    match = _ID.search(value)
    return match.group(0) if match else ""


def ids_in(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ID.findall(value[:50_000])))


def received_of(lines: tuple[str, ...], host: str) -> datetime | None:
    """When ``host`` says it took the mail: the topmost Received line of that host (ruling 5)."""
    for line in lines:
        by = _BY.search(line)
        if by and by.group(1).lower() == host.lower():
            return instant_of(line.rpartition(";")[2])
    return None


def instant_of(text: str) -> datetime | None:
    """An RFC 5322 date as an instant; one without a zone is UTC."""
    try:
        value = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)

"""winmail.dat (TNEF, MS-OXTNEF): the files that Outlook wraps. Only names and contents."""

from __future__ import annotations

import struct
from collections.abc import Iterator

SIGNATURE = 0x223E9F78
ATTACHMENT_LEVEL = 2
REND_DATA, TITLE, DATA = 0x9002, 0x8010, 0x800F
MAX_ATTRIBUTES = 5_000


class TnefError(ValueError):
    """Not TNEF, or cut short."""


def read_tnef(data: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of every attachment; ``TnefError`` where the stream is broken."""
    files: list[tuple[str, bytes]] = []
    name, content = "", b""
    for attribute, value in _attributes(data):
        if attribute == REND_DATA:
            if content:
                files.append((name, content))
            name, content = "", b""
        elif attribute == TITLE:
            name = value.split(b"\0")[0].decode("cp1258", "replace")
        elif attribute == DATA:
            content = value
    if content:
        files.append((name, content))
    return files


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        raise TnefError("no TNEF signature")
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at >= len(data):
            return
        if at + 9 > len(data):
            raise TnefError("cut short")
        level, attribute, length = struct.unpack_from("<BII", data, at)
        end = at + 9 + length
        if end + 2 > len(data):
            raise TnefError("cut short")
        if level == ATTACHMENT_LEVEL:
            yield attribute & 0xFFFF, data[at + 9 : end]
        at = end + 2
    raise TnefError("too many attributes")

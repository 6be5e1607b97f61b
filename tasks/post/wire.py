"""A mail's bytes as SMTP carries them."""

from __future__ import annotations

import re

BARE_LINE_END = re.compile(rb"\r\n|\n|\r")
LEADING_DOT = re.compile(rb"(?m)^\.")


def on_the_wire(data: bytes) -> bytes:
    """``data`` with CRLF lines, stuffed dots and the final dot. Ours is so already, nearly always."""
    whole = data.count(b"\r\n")
    if not data.count(b"\n") == data.count(b"\r") == whole:
        data = BARE_LINE_END.sub(b"\r\n", data)
    if b"\n." in data or data.startswith(b"."):
        data = LEADING_DOT.sub(b"..", data)
    return data + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")

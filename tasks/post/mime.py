"""A mail's bytes, assembled from encoded parts.

Thirty times faster than ``EmailMessage`` (whose cost is parsing the headers it was given);
``tests/unit/post/test_mime.py`` proves that the standard parser reads both alike.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

WORD_BYTES = 42  # UTF-8 bytes in one encoded word: 56 base64 characters + 12, under 75
LINE = 76
ADDRESS = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
PLAIN = re.compile(r"[ !-~]*")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
LINE_END = re.compile(r"\r\n|\r|\n")
ATTRIBUTE = "!#$&+-.^_`|~"  # what RFC 2231 leaves unescaped, beside letters and digits


class HeaderError(ValueError):
    """A header would break the mail: CR, LF or NUL in it, or not one plain address."""


@dataclass(frozen=True)
class Head:
    sender: str
    sender_name: str
    to: str
    subject: str
    date: datetime
    message_id: str
    in_reply_to: str = ""
    references: str = ""
    list_id: str = ""
    reply_to: str = ""


def build(head: Head, text: str, html: str, attachments: Sequence[tuple[str, str, bytes]]) -> bytes:
    """The mail, CRLF lines, all ASCII; ``HeaderError`` where a header is not fit to send."""
    mark = hashlib.sha256(head.message_id.encode()).hexdigest()[:24]
    both = _alternative(text, html, f"=_a{mark}")
    body = _mixed(both, attachments, f"=_m{mark}") if attachments else both
    return "\r\n".join([*_head_lines(head), body]).encode("ascii")


def _head_lines(head: Head) -> list[str]:
    lines = [
        f"From: {_mailbox(head.sender_name, head.sender)}",
        f"To: {address(head.to)}",
        subject_line(head.subject),
        f"Date: {format_datetime(head.date)}",
        f"Message-ID: {_one_line(head.message_id)}",
    ]
    if head.in_reply_to:
        lines.append(f"In-Reply-To: {_one_line(head.in_reply_to)}")
    if head.references:
        lines.append("References: " + "\r\n ".join(_one_line(head.references).split()))
    if head.reply_to:
        lines.append(f"Reply-To: {address(head.reply_to)}")
    if head.list_id:
        lines.append(f"List-Id: <{_one_line(head.list_id)}>")
    return [
        *lines,
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
    ]


def subject_line(subject: str) -> str:
    return f"Subject: {_phrase(subject, used=len('Subject: '))}"


def address(value: str) -> str:
    """``value`` if it is one plain address without display name, route or comment."""
    if len(value) > 254 or not ADDRESS.fullmatch(value) or ".." in value:
        raise HeaderError("địa chỉ thư không hợp lệ")
    return value


def _one_line(value: str) -> str:
    if not PLAIN.fullmatch(value):
        raise HeaderError("tiêu đề thư có ký tự điều khiển hoặc ngoài ASCII")
    return value


@lru_cache(maxsize=64)
def _mailbox(name: str, mail: str) -> str:
    if not name:
        return address(mail)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    shown = f'"{quoted}"' if _is_plain(name) else _phrase(name, used=len("From: "))
    return f"{shown}\r\n <{address(mail)}>"


def _is_plain(value: str) -> bool:
    return bool(PLAIN.fullmatch(value)) and "=?" not in value and len(value) <= 60


def _phrase(value: str, used: int) -> str:
    """RFC 2047: plain where it can be, else encoded words that never split a character."""
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise HeaderError("tiêu đề thư có ký tự xuống dòng hoặc điều khiển")
    if _is_plain(value) and value == value.strip():
        return value
    words: list[str] = []
    chunk, room = b"", WORD_BYTES - used * 3 // 4
    for piece in _pieces(value):
        if chunk and len(chunk) + len(piece) > room:
            words.append(_word(chunk))
            chunk, room = b"", WORD_BYTES
        chunk += piece
    return "\r\n ".join([*words, _word(chunk)])


def _pieces(value: str) -> list[bytes]:
    """Words with the space after them; a very long one by characters.

    Breaking between words keeps a name readable in mail programs (Python's own parser among
    them) that wrongly show a space where one encoded word follows another.
    """
    pieces: list[bytes] = []
    for word in re.findall(r"[^ ]* |[^ ]+", value):
        encoded = word.encode()
        pieces += [encoded] if len(encoded) <= WORD_BYTES // 2 else [c.encode() for c in word]
    return pieces


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode()}?="


def _wrapped(data: bytes) -> str:
    whole = binascii.b2a_base64(data, newline=False).decode("ascii")
    return "\r\n".join([whole[i : i + LINE] for i in range(0, len(whole), LINE)])


def _alternative(text: str, html: str, mark: str) -> str:
    parts = [("plain", text), ("html", html)] if html else [("plain", text)]
    lines = [f'Content-Type: multipart/alternative; boundary="{mark}"', ""]
    for subtype, content in parts:
        lines += [
            f"--{mark}",
            f'Content-Type: text/{subtype}; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            "",
            _wrapped(LINE_END.sub("\r\n", content).encode()),
        ]
    return "\r\n".join([*lines, f"--{mark}--", ""])


def _mixed(first: str, attachments: Sequence[tuple[str, str, bytes]], mark: str) -> str:
    lines = [f'Content-Type: multipart/mixed; boundary="{mark}"', "", f"--{mark}", first]
    for name, media_type, data in attachments:
        if not MEDIA_TYPE.fullmatch(media_type):
            raise HeaderError("kiểu tệp đính kèm không hợp lệ")
        lines += [
            f"--{mark}",
            f"Content-Type: {media_type}",
            f"Content-Disposition: attachment;{_file_name(name)}",
            "Content-Transfer-Encoding: base64",
            "",
            _wrapped(data),
        ]
    return "\r\n".join([*lines, f"--{mark}--", ""])


def _file_name(name: str) -> str:
    """RFC 2231, in numbered pieces where one line would be too long."""
    if not name or any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise HeaderError("tên tệp đính kèm không hợp lệ")
    encoded = quote(name, safe=ATTRIBUTE)
    if len(encoded) <= 60:
        return f"\r\n filename*=utf-8''{encoded}"
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", encoded)
    first = f"\r\n filename*0*=utf-8''{pieces[0]}"
    return first + "".join(f";\r\n filename*{n}*={p}" for n, p in enumerate(pieces[1:], start=1))

"""Reading a mail without trusting it: heads first, bodies only within hard limits.

``read_head`` never parses a body; ``read_body`` refuses mails whose structure is absurd
(flag ``too_complex``) instead of spending minutes on them. Parsed with ``policy.compat32``
(three times faster than the modern policy) and decoded lazily.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from html import unescape

from tasks.rules.viet import fold

from .headers import address_of, clean_name, decode_text, decoded, ids_in, message_id_of, raw_all
from .headers import raw as raw_header
from .tnef import TnefError, read_tnef

HEAD_BYTES = 256 * 1024
MAX_PARTS = 300
MAX_DEPTH = 12
MAX_TEXT = 200_000
MAX_SUBJECT = 500
_BEFORE = b"\xef\xbb\xbf\r\n"  # a mark of UTF-8 or empty lines, of a mail saved by an editor
_ABSURD = ((rb"(?i)boundary", 60), (rb"(?i)message/rfc822", 30), (rb"(?im)^content-type:", 400))
_TAG = re.compile(r"<[^<>]{1,5000}>")
_INLINE = re.compile(
    r"(?i)</?(?:a|b|big|em|font|i|mark|o:p|s|small|span|strong|sub|sup|u)(?:\s[^<>]{0,5000})?/?>"
)
_SELF_REPLY = re.compile(  # of the folded subject: Vietnamese without its marks
    r"((thu|email|thong bao) )?(tra loi|phan hoi|hoi am) tu dong|tu dong (tra loi|phan hoi|hoi am)"
    r"|(thong bao )?vang mat\b|thong bao (nghi phep|di vang|di cong tac)|ngoai van phong\b"
    r"|auto(matic)? ?(reply|response)|out of (the )?office|(vacation|away) (reply|message|notice)|ooo\b"
)
_NOT_FILES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
              "text/calendar", "application/ics", "text/vcard", "text/x-vcard")  # fmt: skip
_REPORTS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".pdf", ".docx", ".doc", ".zip", ".rar", ".7z")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
_ENCODED = re.compile(r"(?i)\s*(base64|quoted-printable)\s*$")
_FIRST_WORD = re.compile(r"[a-z-]+")  # "auto-generated (vacation)", "auto-replied; owner-email=…"


@dataclass(frozen=True)
class Head:
    """The header lines that intake uses; ``sender`` is empty where From is not exactly one address."""

    sender: str = ""
    subject: str = ""
    message_id: str = ""
    answered: tuple[str, ...] = ()  # In-Reply-To, then References
    recipients: tuple[str, ...] = ()
    received: tuple[str, ...] = ()  # topmost first
    media_type: str = ""
    null_sender: bool = False
    bulk: bool = False  # list or bulk mail: never answered
    self_reply: bool = False  # RFC 3834: a machine answered our mail

    @property
    def automatic(self) -> bool:
        """Never answered (RFC 3834 §2)."""
        return self.null_sender or self.bulk or self.self_reply or not self.sender


@dataclass(frozen=True)
class Part:
    name: str
    data: bytes
    media_type: str = ""


@dataclass
class Body:
    text: str = ""
    files: list[Part] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)  # subjects of mails inside the mail
    flags: set[str] = field(default_factory=set)


def read_head(data: bytes) -> Head:
    """The head of the mail ``data``; odd or missing lines give empty fields, never an error."""
    message = BytesHeaderParser(policy=compat32).parsebytes(_head_bytes(data))
    auto = "".join(_FIRST_WORD.findall(raw_header(message, "Auto-Submitted").lower())[:1]).strip()
    precedence = raw_header(message, "Precedence").strip().lower()
    subject = clean_name(decoded(raw_header(message, "Subject")))[:MAX_SUBJECT]
    to = [
        h
        for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
        for h in raw_all(message, name)
    ]
    return Head(
        sender=address_of(raw_all(message, "From")),
        subject=subject,
        message_id=message_id_of(raw_header(message, "Message-ID")),
        answered=ids_in(raw_header(message, "In-Reply-To") + " " + raw_header(message, "References")),
        recipients=tuple(h[:2000] for h in to[:50]),
        received=tuple(raw_all(message, "Received")[:30]),
        media_type=_media_type(message),
        null_sender=raw_header(message, "Return-Path").strip() == "<>",
        bulk=precedence in ("bulk", "list", "junk") or "List-Id" in message or auto == "auto-generated",
        self_reply=auto.startswith("auto-replied")
        or precedence == "auto_reply"
        or any(h in message for h in ("X-Autoreply", "X-Autorespond"))
        or _media_type(message) == "multipart/report"  # bounces and read receipts
        or bool(_SELF_REPLY.match(fold(subject))),
    )


def read_body(data: bytes) -> Body:
    """Text and files of the mail ``data``; flags: too_complex, too_many_parts, too_deep, sealed,
    tnef_broken."""
    if any(_more_than(pattern, data, limit) for pattern, limit in _ABSURD):
        return Body(flags={"too_complex"})
    try:
        return _walk(parse(data))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        # The standard parser's ways of stumbling over malformed mails.
        return Body(flags={"too_complex"})


def parse(data: bytes) -> Message:
    """The whole mail as the standard parser sees it; only after ``sane``."""
    return BytesParser(policy=compat32).parsebytes(data.lstrip(_BEFORE))


def sane(data: bytes) -> bool:
    return not any(_more_than(pattern, data, limit) for pattern, limit in _ABSURD)


def _more_than(pattern: bytes, data: bytes, limit: int) -> bool:
    return any(n >= limit for n, _ in enumerate(re.finditer(pattern, data)))


def _head_bytes(data: bytes) -> bytes:
    head = data[:HEAD_BYTES].lstrip(_BEFORE)
    end = re.search(rb"\r?\n\r?\n", head)
    return head[: end.end()] if end else head


def _media_type(message: Message) -> str:
    try:
        return message.get_content_type()
    except (TypeError, ValueError, AttributeError):
        return ""


def _walk(message: Message) -> Body:
    body = Body()
    text: list[str] = []
    for count, (depth, part) in enumerate(_parts(message, 0)):
        if count >= MAX_PARTS:
            body.flags.add("too_many_parts")
            break
        if depth > MAX_DEPTH:
            body.flags.add("too_deep")
            continue
        _take(part, body, text)
    body.text = "\n".join(text)[:MAX_TEXT]
    return body


def _parts(message: Message, depth: int) -> Iterator[tuple[int, Message]]:
    """Every part with its depth, mails inside the mail included; no recursion past the limit."""
    message = _as_forwarded(message)
    yield depth, message
    payload = message.get_payload()
    if depth <= MAX_DEPTH and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _as_forwarded(part: Message) -> Message:
    """A mail attached as a file, or encoded against RFC 2046 (5.2.1), as a forwarded mail; else ``part``."""
    data = _attached_mail(part)
    if not data or not sane(data):
        return part
    whole = Message()
    whole["Content-Type"] = "message/rfc822"
    whole.set_payload([parse(data)])
    return whole


def _attached_mail(part: Message) -> bytes:
    """The bytes of a mail that the parser took for a file or for plain lines; empty for anything else."""
    if not part.is_multipart():
        return _payload(part) if _file_name(part).lower().endswith(".eml") else b""
    encoding = raw_header(part, "Content-Transfer-Encoding")
    if _media_type(part) != "message/rfc822" or not _ENCODED.match(encoding):
        return b""
    inner = part.get_payload()
    if not (isinstance(inner, list) and inner and isinstance(inner[0], Message)):
        return b""
    inner[0]["Content-Transfer-Encoding"] = encoding
    return b"" if inner[0].is_multipart() else _payload(inner[0])


def _take(part: Message, body: Body, text: list[str]) -> None:
    media = _media_type(part)
    if media in _SEALED:
        body.flags.add("sealed")  # what it holds can be seen by nobody but a person with the key
    if part.is_multipart():
        if media == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                body.forwarded.append(clean_name(decoded(raw_header(inner[0], "Subject")))[:MAX_SUBJECT])
        return
    name = clean_name(decoded(_file_name(part)))
    if _is_file(part, media, name):
        _take_file(part, media, name, body)
    elif media in ("text/plain", "text/html") and sum(map(len, text)) < MAX_TEXT:
        text.append(_text(part, media))


def _is_file(part: Message, media: str, name: str) -> bool:
    if media in _NOT_FILES or media.startswith("message/"):
        return False
    inline = part.get_content_disposition() == "inline" or "Content-ID" in part
    if media.startswith("image/") and inline:
        return False
    return bool(name) or part.get_content_disposition() == "attachment" or not media.startswith("text/")


def _take_file(part: Message, media: str, name: str, body: Body) -> None:
    data = _payload(part)
    if not data and not name.lower().endswith(_REPORTS):
        return  # an empty note of a mail program; an empty report is told to its sender
    if name.lower() == "winmail.dat" or media in ("application/ms-tnef", "application/vnd.ms-tnef"):
        try:
            body.files += [Part(clean_name(n) or "tep", d) for n, d in read_tnef(data)]
            return
        except TnefError:
            body.flags.add("tnef_broken")
    body.files.append(Part(name or "khong-ten", data, media))


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _file_name(part: Message) -> str:
    try:
        return _plain_names(part).get_filename("") or ""
    except (TypeError, ValueError, LookupError, AttributeError):
        return ""


def _plain_names(part: Message) -> Message:
    """``part``, or its two name-giving lines alone where a program wrote raw letters into them."""
    lines = {name: raw_header(part, name) for name in ("Content-Disposition", "Content-Type")}
    if all(line.isascii() for line in lines.values()):
        return part
    plain = Message()
    for name, line in lines.items():
        plain[name] = line
    return plain


def _text(part: Message, media: str) -> str:
    try:
        charset = str(part.get_content_charset() or "")
    except (TypeError, ValueError, LookupError, AttributeError):
        charset = ""
    text = decode_text(_payload(part)[: 4 * MAX_TEXT], charset)
    return _shown(text) if media == "text/html" else text


def _shown(page: str) -> str:
    """The lines that a reader sees: Outlook writes a letter as ``&#7853;`` and breaks words with tags."""
    return unescape(_TAG.sub("\n", _INLINE.sub("", " ".join(page.split()))))

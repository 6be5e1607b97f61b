"""Mails that say "your mail did not arrive": RFC 3464 reports and the common free-text ones.

A report is believed about a notice only where it carries the notice's Message-ID, or names
the recipient of a notice that was sent to that very address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from .headers import decode_text, ids_in
from .mail import Head, parse, sane

MAX_REPORTS = 50
_MAILER = re.compile(r"(?i)^(mailer-daemon|postmaster|mail-daemon|mailerdaemon)@")
_SUBJECT = re.compile(
    r"(?i)undeliver|delivery (status notification|failure|has failed|incomplete)|returned mail"
    r"|mail delivery (failed|system)|failure notice|không gửi được|không thể gửi|gửi thư thất bại"
)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b(4\d\d|5[0-5]\d)[ -]")
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ORIGINAL = re.compile(r"(?im)^[ \t>]{0,20}message-id:\s{0,20}(<[^<>\s]{3,500}>)")
_SOFT = re.compile(r"(?i)delayed|will (be )?retr|still trying|temporar|sẽ thử lại")


@dataclass(frozen=True)
class Report:
    """One recipient: ``permanent`` where no further attempt will be made."""

    address: str
    permanent: bool
    status: str  # "5.1.1", or empty


@dataclass(frozen=True)
class Bounced:
    reports: tuple[Report, ...]
    originals: tuple[str, ...]  # Message-IDs found in the report, without its own


def read_bounce(data: bytes, head: Head) -> Bounced | None:
    """The report in the mail ``data``; None where it is no bounce."""
    from_mailer = bool(_MAILER.match(head.sender))
    if head.media_type == "multipart/report" and sane(data):
        message = parse(data)
        if str(message.get_param("report-type") or "").lower() in ("delivery-status", ""):
            return _formal(message, head)
        return None  # read receipts and the like
    if (from_mailer or head.null_sender) and _SUBJECT.search(head.subject):
        return _free_text(data, head)
    return None


def _formal(message: Message, head: Head) -> Bounced | None:
    reports: list[Report] = []
    originals: list[str] = list(head.answered)
    for part in message.walk():
        media = part.get_content_type()
        if media == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                reports += [r for b in blocks if isinstance(b, Message) and (r := _report(b))]
        elif media in ("text/rfc822-headers", "message/rfc822", "message/global-headers"):
            originals += _original(part)
    return Bounced(tuple(reports[:MAX_REPORTS]), _without_own(originals, head)) if reports else None


def _report(block: Message) -> Report | None:
    final = str(block.get("Final-Recipient") or block.get("Original-Recipient") or "")
    address = _ADDRESS.search(final)
    action = str(block.get("Action") or "").strip().lower()
    if not address or action in ("delivered", "relayed", "expanded"):
        return None
    status = str(block.get("Status") or "").strip()
    permanent = action == "failed" and not status.startswith("4")
    return Report(address.group().lower(), permanent, status[:20])


def _original(part: Message) -> list[str]:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return list(ids_in(str(payload[0].get("Message-ID") or "")))
    text = part.get_payload(decode=True)
    lines = decode_text(text[:100_000] if isinstance(text, bytes) else b"")
    match = _ORIGINAL.search(lines)
    return [match.group(1)] if match else []


def _free_text(data: bytes, head: Head) -> Bounced:
    """qmail, Exim, Exchange and provincial gateways: the address and the code stand in the text."""
    text = decode_text(data[:200_000].partition(b"\n\n")[2] or data[:200_000].partition(b"\r\n\r\n")[2])
    said = re.split(
        r"(?im)^-+ ?(?:original message|below this line|this is a copy)|^(?:return-path|received):", text
    )[0]
    originals = _ORIGINAL.findall(text)
    said = _ORIGINAL.sub("", said)
    status = _STATUS.search(said)
    code = _CODE.search(said)
    hard = (status.group(1) == "5") if status else bool(code and code.group(1).startswith("5"))
    if not status and not code:
        hard = not _SOFT.search(said + head.subject)
    skip = {head.sender}
    found = dict.fromkeys(a.lower() for a in _ADDRESS.findall(said))
    reports = [Report(a, hard, status.group() if status else "") for a in found if a not in skip]
    return Bounced(tuple(reports[:MAX_REPORTS]), _without_own([*head.answered, *originals], head))


def _without_own(ids: list[str], head: Head) -> tuple[str, ...]:
    return tuple(i for i in dict.fromkeys(ids) if i != head.message_id)

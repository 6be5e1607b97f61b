"""Mails that say "your mail did not arrive": RFC 3464 reports and the common free-text ones.

A report is believed about a notice only where it carries the notice's Message-ID, or names
the recipient of a notice that was sent to that very address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from tasks.rules.viet import fold

from .headers import decode_text, ids_in
from .mail import Head, parse, sane

MAX_REPORTS = 50
_MAILER = re.compile(
    r"(?i)^(mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon|microsoftexchange[0-9a-f]{32})@"
)
_SUBJECT = re.compile(  # of the folded subject: Vietnamese without its marks
    r"undeliver|(un)?delivery (status notification|failure|failed|has failed|incomplete|delayed|problem)"
    r"|returned mail|mail delivery (failed|system)|message delayed|failure notice|could not be delivered"
    r"|khong the (gui|chuyen|phat)|(khong|chua) (gui|chuyen|phat) (duoc|thu|toi|den)"
    r"|(gui|chuyen|phat) (thu )?(that bai|khong thanh cong)"
    r"|thu (cua ban )?(da |bi )?(bi )?(tra lai|tra ve|hoan lai|cham)"
)
# Not the middle of an IP address ([203.5.1.9]) nor a version (Exim 4.96.2): classes end at 7.
_STATUS = re.compile(r"(?<![\d.])([45])\.([0-7])\.(\d{1,3})(?!\.?\d)")
_CODE = re.compile(r"(?<![\d.:])(4[2-5]\d|5[0-5]\d)[ -]")
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ORIGINAL = re.compile(r"(?im)^[ \t>]{0,20}message-id:\s{0,20}(<[!-;=?-~]{3,500}>)")
_TOLD_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_SOFT = re.compile(
    r"delayed|will (be )?retr|still trying|temporar|se (tiep tuc )?(thu|gui) lai|tam thoi|bi cham"
)


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
            found, told = _formal(message, head)
            if told:
                return found
        else:
            return None  # read receipts and the like
    if (from_mailer or head.null_sender) and _SUBJECT.search(fold(head.subject)):
        return _free_text(data, head)
    return None


def _formal(message: Message, head: Head) -> tuple[Bounced | None, bool]:
    """What the report says, and whether it says anything of any recipient (if not: see its text)."""
    told = False
    reports: list[Report] = []
    originals: list[str] = list(head.answered)
    for part in message.walk():
        media = part.get_content_type()
        if media == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                told |= any(_recipient(b) for b in blocks if isinstance(b, Message))
                reports += [r for b in blocks if isinstance(b, Message) and (r := _report(b))]
        elif media in ("text/rfc822-headers", "message/rfc822", "message/global-headers"):
            originals += _original(part)
    found = Bounced(tuple(reports[:MAX_REPORTS]), _without_own(originals, head))
    return (found if reports else None), told


def _recipient(block: Message) -> str:
    lines = (str(block.get(name) or "") for name in ("Final-Recipient", "Original-Recipient"))
    return next((a.group().lower() for line in lines if (a := _ADDRESS.search(line))), "")


def _report(block: Message) -> Report | None:
    address = _recipient(block)
    action = str(block.get("Action") or "").strip().lower()
    if not address or action in ("delivered", "relayed", "expanded"):
        return None
    told = _TOLD_STATUS.search(str(block.get("Status") or ""))
    status = told.group() if told else ""  # nothing else: PostgreSQL stores no NUL
    given_up = action == "failed"  # also with 4.4.7: it was tried for days (RFC 3464, 2.3.3)
    permanent = given_up or not (action == "delayed" or status.startswith("4"))
    return Report(address, permanent, status)


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
    status, hard = _how_bad(said, head.subject)
    skip = {head.sender}
    found = dict.fromkeys(a.lower() for a in _ADDRESS.findall(said))
    reports = [Report(a, hard, status) for a in found if a not in skip]
    return Bounced(tuple(reports[:MAX_REPORTS]), _without_own([*head.answered, *originals], head))


def _how_bad(said: str, subject: str) -> tuple[str, bool]:
    """The status named, and whether no further attempt will be made. In doubt, it is permanent: a
    unit that is wrongly taken for unreachable is shown to a person; the contrary is never seen."""
    statuses = [found.group() for found in _STATUS.finditer(said)]
    codes = _CODE.findall(said)
    worst = next((s for s in statuses if s.startswith("5")), next(iter(statuses), ""))
    if worst or codes:
        return worst, worst.startswith("5") or any(c.startswith("5") for c in codes)
    return "", not _SOFT.search(fold(f"{subject} {said}"))


def _without_own(ids: list[str], head: Head) -> tuple[str, ...]:
    return tuple(i for i in dict.fromkeys(ids) if i != head.message_id)

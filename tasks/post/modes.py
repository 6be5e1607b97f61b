"""Hold, redirect, live, rehearse: where a notice may go, and the step from hold to live.

``rehearse`` lets a demo or a test speak real SMTP to the true recipient addresses and still
never reach a mailbox: it needs a rehearsal database (marked for ever), a server on this
machine, and that server must greet as our own catcher, under a name in the reserved domain
``.invalid`` that a real mail server cannot bear. A local relay on port 25 therefore fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.settings import Mail, MailMode, Settings
from db import audit, controls, instance
from db.models import NoticeRow
from db.session import reading, writing
from tasks.office import Office

from .caps import lock
from .mime import HeaderError, address, subject_line

LIVE_CONFIRMED = "live_confirmed"  # set by go_live; lost by the first run in another mode
HELD = ("held", "redirected")
HEADER_END = b"\r\n\r\n"
SUBJECT = re.compile(rb"^Subject: .*?(?:\r\n[ \t].*?)*\r\n", re.MULTILINE)
TO = re.compile(rb"^To: .*?\r\n", re.MULTILINE)


class NotLive(ValueError):
    """Going live is refused; the message says why and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Leaving:
    """A notice that would leave as soon as mail is live."""

    notice_id: int
    round: str
    unit: str
    kind: str
    nature: str


def start_refusal(session: Session, settings: Settings) -> str:
    """Why nothing may leave at all in this mode (a key of ``contract.STOPS``), or ""."""
    mode = settings.mail.mode
    if mode is MailMode.HOLD:
        return ""
    rehearsal = controls.is_rehearsal(session)
    if mode is MailMode.REHEARSE and not rehearsal:
        return "not_rehearsal"
    if mode is MailMode.LIVE and rehearsal:
        return "rehearsal"
    if mode is MailMode.LIVE and controls.get(session, LIVE_CONFIRMED) != "yes":
        return "not_confirmed"
    return "not_here" if instance.belongs_here(session, settings) else ""


def destination(mail: Mail, recipient: str) -> str:
    """The address that the server is given."""
    return mail.redirect_to if mail.mode is MailMode.REDIRECT else recipient


def permitted(mail: Mail, recipient: str) -> bool:
    """May ``recipient`` be named to a server? In live mode only inside the allow-list's domains."""
    try:
        address(recipient)
    except HeaderError:
        return False
    if mail.mode is MailMode.REDIRECT:
        return recipient == mail.redirect_to
    if mail.mode is MailMode.LIVE:
        local, _, domain = recipient.rpartition("@")
        routed = any(c in local for c in "%!")  # "user%elsewhere@allowed" leaves the allowed domain
        return not routed and any(_inside(domain, allowed) for allowed in mail.allow_domains)
    return mail.mode is MailMode.REHEARSE


def _inside(domain: str, allowed: str) -> bool:
    domain, allowed = domain.lower(), allowed.lower().lstrip("@.")
    return domain == allowed or domain.endswith("." + allowed)


def redirected(data: bytes, recipient: str, subject: str, to: str) -> bytes:
    """The archived mail as it goes to the test address.

    The true recipient stands in a header and at the subject's end; To is the test address,
    so that "reply to all" there cannot reach a unit either.
    """
    head, end, body = data.partition(HEADER_END)
    line = subject_line(f"{subject} [gửi thử thay cho {recipient}]").encode() + b"\r\n"
    head = SUBJECT.sub(lambda _: line, head + b"\r\n", count=1)
    head = TO.sub(lambda _: f"To: {address(to)}\r\n".encode(), head, count=1)
    return f"X-DonDoc-Original-To: {address(recipient)}\r\n".encode() + head[:-2] + end + body


def note_mode(office: Office, now: datetime) -> None:
    """A run in another mode takes the confirmation of live mode back."""
    if office.settings.mail.mode is MailMode.LIVE:
        return
    with reading(office.engine) as session:
        if controls.get(session, LIVE_CONFIRMED) != "yes":
            return
    with writing(office.engine) as session:
        controls.put(session, LIVE_CONFIRMED, "no", at=now, by="system")


def going_live(office: Office, now: datetime, by: str) -> list[Leaving]:
    """What would leave at once after ``go_live``: answers and office mail never yet held.

    Reminders and escalations are not among them: they are cancelled with what was held, and
    each ladder starts again at its first rung by the next pass (ruling 15).
    """
    query = (
        select(NoticeRow)
        .where(NoticeRow.plan == office.plan.code, NoticeRow.state == "queued", NoticeRow.nature != "chase")
        .order_by(NoticeRow.id)
    )
    with reading(office.engine) as session:
        return [Leaving(n.id, n.round, n.unit, n.kind, n.nature) for n in session.scalars(query)]


def go_live(office: Office, now: datetime, by: str) -> int:
    """Confirm live mode: cancel what was held, restart every ladder. Returns notices cancelled.

    ``NotLive`` in a rehearsal database or where the setting is not ``live``.
    """
    if office.settings.mail.mode is not MailMode.LIVE:
        raise NotLive("hãy đặt DONDOC_MAIL__MODE=live trước khi xác nhận gửi thật")
    with writing(office.engine) as session:
        lock(session)
        if controls.is_rehearsal(session):
            raise NotLive("cơ sở dữ liệu này đã dùng để diễn tập nên không bao giờ gửi thật; hãy lập mới")
        if controls.get(session, LIVE_CONFIRMED) == "yes":
            return 0
        instance.establish(session, office.settings, at=now, by=by)
        cancelled = _cancel_held(session)
        restart = controls.ladder_restart(session) + 1
        controls.put(session, controls.RESTART, str(restart), at=now, by=by)
        controls.put(session, LIVE_CONFIRMED, "yes", at=now, by=by)
        facts = {"cancelled": cancelled, "restart": restart}
        audit.record(session, at=now, actor=by, action="post.live", subject="post", **facts)
    return len(cancelled)


def _cancel_held(session: Session) -> list[int]:
    """Of every plan: the mode belongs to the installation."""
    held = NoticeRow.state.in_(HELD)
    queued_chase = (NoticeRow.state == "queued") & (NoticeRow.nature == "chase")
    ids = list(session.scalars(select(NoticeRow.id).where(held | queued_chase).order_by(NoticeRow.id)))
    session.execute(update(NoticeRow).where(NoticeRow.id.in_(ids)).values(state="cancelled"))
    return ids

"""Does our mailbox get what is sent to ``box+code@…``? One mail to ourselves answers it (ruling 10)."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import ZONE
from config.settings import Mail, MailMode
from db import controls
from db.models import InboundRow
from db.session import writing
from tasks.office import Office
from tasks.post.smtp import CannotSend, Letter, Outcome, Pool

PLUS_TEST = "plus_test"  # control: "<code>" of the last self-test that the server accepted


class PlusTestError(RuntimeError):
    """The self-test could not be sent; the message says why and what to do (Vietnamese)."""


def reply_box(mail: Mail) -> str:
    return mail.reply_to or mail.sender


def plus_address(mail: Mail, code: str) -> str:
    local, _, domain = reply_box(mail).rpartition("@")
    return f"{local}+{code}@{domain}"


def send_plus_test(office: Office, now: datetime, by: str) -> str:
    """Send one mail to ourselves under a plus-address; the address. The next ``collect`` finds it."""
    mail = office.settings.mail
    if mail.mode not in (MailMode.LIVE, MailMode.REDIRECT):
        raise PlusTestError(
            f"DONDOC_MAIL__MODE={mail.mode} không gửi thư; hãy đặt redirect hoặc live rồi thử lại"
        )
    code = f"thu{secrets.token_hex(6)}"
    address = plus_address(mail, code)
    outcome = asyncio.run(_sent(mail, address, _message(mail, address, code, now), now))
    if outcome.kind not in ("accepted", "redirected"):
        raise PlusTestError(f"máy chủ thư không nhận địa chỉ cộng: {outcome.text[:200]}")
    with writing(office.engine) as session:
        controls.put(session, PLUS_TEST, code, at=now, by=by)
    return address


def passed(session: Session) -> bool | None:
    """Has the last self-test arrived? None: none was sent."""
    code = controls.get(session, PLUS_TEST)
    if not code:
        return None
    found = select(InboundRow.id).where(InboundRow.subject.contains(code, autoescape=True))
    return session.scalar(found.limit(1)) is not None


async def _sent(mail: Mail, address: str, data: bytes, now: datetime) -> Outcome:
    """To that one address only, whatever the mode."""
    pool = Pool(mail, lambda: now, lambda recipient: recipient == address)
    try:
        await pool.open()
        return await pool.carry(Letter(0, 0, address, data, now + timedelta(minutes=5)))
    except CannotSend as error:
        raise PlusTestError(f"không nối được máy chủ thư ({error.reason}); xem dondoc doctor") from None
    finally:
        await pool.close()


def _message(mail: Mail, address: str, code: str, now: datetime) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = mail.sender, address
    message["Subject"] = f"Đôn Đốc tự kiểm tra địa chỉ cộng {code}"
    message["Date"] = format_datetime(now.astimezone(ZONE))
    message["Message-ID"] = f"<{code}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("Thư tự kiểm tra, không cần trả lời.\n")
    return message.as_bytes()

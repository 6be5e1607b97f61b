"""From a notice to its bytes: written once at the first claim, kept in the archive."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from jinja2 import TemplateError

from config.plan import ZONE
from config.settings import Mail
from db.archive import ArchiveError
from db.models import NoticeItemRow, NoticeRow

from . import mime
from .contract import Compose

# What can go wrong in writing one notice without being wrong for all: it waits for a person.
UNWRITABLE = (TemplateError, ArchiveError, LookupError, ValueError, TypeError, AttributeError)


def write(
    notice: NoticeRow,
    items: list[NoticeItemRow],
    *,
    compose: Compose,
    mail: Mail,
    now: datetime,
) -> bytes:
    """Compose ``notice``, fix its subject, return its bytes; one of ``UNWRITABLE`` where that fails."""
    parts = compose(notice, items)
    head = mime.Head(
        sender=mail.sender,
        sender_name=unicodedata.normalize("NFC", mail.sender_name),
        to=notice.recipient,
        subject=unicodedata.normalize("NFC", parts.subject),
        date=now.astimezone(ZONE),
        message_id=notice.message_id,
        in_reply_to=notice.in_reply_to,
        references=_references(notice),
        list_id=f"dondoc-{notice.plan}.{mail.sender.rpartition('@')[2]}",
        reply_to=reply_address(mail, notice.token),
    )
    data = mime.build(head, parts.text, parts.html, parts.attachments)
    notice.subject = head.subject
    return data


def _references(notice: NoticeRow) -> str:
    """The conversation's root, then the mail that is answered."""
    ids = [*notice.thread.split(), *notice.in_reply_to.split()]
    return " ".join(dict.fromkeys(ids))


def reply_address(mail: Mail, token: str) -> str:
    """Where answers go; with the obligation's token where the mail service proved to accept it."""
    to = mail.reply_to or mail.sender
    if not (token and mail.plus_addressing):
        return to
    local, _, domain = to.rpartition("@")
    return f"{local}+{token}@{domain}"


def file_name(notice: NoticeRow, first_try: datetime) -> str:
    """``20260624-0710-vanthu_soyte.ninhbinh.example-12.eml``: ASCII, and the same on every try."""
    recipient = re.sub(r"[^A-Za-z0-9.@_-]", "_", notice.recipient).lstrip(".")[:80] or "_"
    return f"{first_try.astimezone(ZONE):%Y%m%d-%H%M}-{recipient.lower()}-{notice.id}.eml"

"""Queueing: a notice is owed once, whatever happens to the process that found it owed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import TextClause, bindparam, delete, text
from sqlalchemy.orm import Session, make_transient_to_detached

from config.settings import load_settings
from db import audit
from db.models import Base, NoticeItemRow, NoticeRow

NATURES = ("chase", "answer", "office")
R = TypeVar("R", bound=Base)


@dataclass(frozen=True)
class Item:
    """One step of one obligation; owed once per limit, ladder restart and recipient (ruling 16)."""

    obligation_id: int
    step: str
    effective_limit: datetime
    restart: int


@dataclass(frozen=True)
class NewNotice:
    """An e-mail to be owed. ``*`` stands for round or unit in a digest; none of the key is null."""

    plan: str
    round: str
    unit: str
    recipient: str
    kind: str
    occasion: str
    nature: str
    rung: int = 0
    context: dict[str, Any] = field(default_factory=dict)
    attachments: Sequence[dict[str, Any]] = ()
    items: Sequence[Item] = ()
    token: str = ""
    in_reply_to: str = ""
    thread: str = ""
    proposal_id: int | None = None


def queue(session: Session, notice: NewNotice, now: datetime, *, domain: str = "") -> NoticeRow | None:
    """Owe ``notice``; None where it, or every item of it for this recipient, is owed already.

    The Message-ID is fixed here. After ladders were restarted (going live) the occasion
    carries the restart, so that a cancelled notice of before does not stand in the way.
    """
    if notice.nature not in NATURES:
        raise ValueError(f"nature must be one of {NATURES}, not {notice.nature!r}")
    owed = _insert_notice(session, notice, now, domain or sender_domain())
    if owed is None:
        return None
    kept = [i for i in notice.items if _insert_item(session, owed.id, i, notice.recipient)]
    if notice.items and not kept:
        session.execute(delete(NoticeRow).where(NoticeRow.id == owed.id))
        return None
    audit.record(
        session,
        at=now,
        actor="system",
        action="notice.queued",
        subject=f"notice:{owed.id}",
        round=notice.round,
        unit=notice.unit,
        kind=notice.kind,
        rung=notice.rung,
        items=[[i.obligation_id, i.step, i.restart] for i in kept],
    )
    return owed


@cache
def sender_domain() -> str:
    """The domain of our own Message-IDs."""
    return load_settings().mail.sender.rpartition("@")[2]


def _insert_notice(session: Session, notice: NewNotice, now: datetime, domain: str) -> NoticeRow | None:
    restart = max((i.restart for i in notice.items), default=0)
    occasion = f"{notice.occasion}~{restart}" if restart else notice.occasion
    values = {
        "plan": notice.plan,
        "round": notice.round,
        "unit": notice.unit,
        "recipient": notice.recipient,
        "kind": notice.kind,
        "occasion": occasion,
        "nature": notice.nature,
        "rung": notice.rung,
        "context": notice.context,
        "attachments": list(notice.attachments),
        "token": notice.token,
        "in_reply_to": notice.in_reply_to,
        "thread": notice.thread or _conversation(notice, domain),
        "proposal_id": notice.proposal_id,
        "message_id": _message_id(notice, occasion, now, domain),
        "queued_at": now,
        "not_before": now,
        "state": "queued",
        "claimed_by": "",
        "lease_until": None,
        "subject": "",
        "eml_sha256": "",
    }
    return _insert_once(session, NoticeRow, values)


def _insert_item(session: Session, notice_id: int, item: Item, recipient: str) -> bool:
    values = {
        "notice_id": notice_id,
        "obligation_id": item.obligation_id,
        "step": item.step,
        "effective_limit": item.effective_limit,
        "restart": item.restart,
        "recipient": recipient,
        "dropped_at": None,
        "dropped_why": "",
        "revoked": 0,
    }
    return _insert_once(session, NoticeItemRow, values) is not None


def _insert_once(session: Session, table: type[R], values: dict[str, Any]) -> R | None:
    """The new row, or None where a unique row stands already (also one of a racing process)."""
    made = session.connection().scalar(_inserting(table), values)
    if made is None:
        return None
    row = table(id=made, **values)
    make_transient_to_detached(row)  # it stands in the table: what follows changes it, not inserts
    session.add(row)
    return row


@cache
def _inserting(table: type[Base]) -> TextClause:
    """As text, which SQLAlchemy compiles once: its own ON CONFLICT it compiles anew for every row."""
    columns = [c for c in table.__table__.columns if c.name != "id"]
    names, values = ", ".join(c.name for c in columns), ", ".join(f":{c.name}" for c in columns)
    return text(
        f"INSERT INTO {table.__tablename__} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING RETURNING id"
    ).bindparams(*(bindparam(c.name, type_=c.type) for c in columns))


def _message_id(notice: NewNotice, occasion: str, now: datetime, domain: str) -> str:
    """Same facts, same id; the instant keeps a rebuilt database from repeating an older one."""
    key = (notice.plan, notice.round, notice.unit, notice.recipient, notice.kind, occasion)
    seed = "\x1f".join([*key, now.isoformat()])
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{domain}>"


def _conversation(notice: NewNotice, domain: str) -> str:
    """A References root shared by all mail about one obligation; empty for digests."""
    obligations = {i.obligation_id for i in notice.items}
    if len(obligations) != 1 or notice.unit == "*":
        return ""
    seed = f"{notice.plan}\x1f{notice.round}\x1f{notice.unit}"
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:32]}.thread@{domain}>"

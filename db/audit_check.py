"""Does the audit still say what was written? Chain, ids, and the heads kept outside the database.

The chain alone cannot show that its end was cut off, or that all of it was written anew: that
takes heads which somebody else keeps. They are mailed daily (``tasks.system.audit_head``) and
each is a line of ``audit-heads.txt`` in the data folder: ``<row id> <hash> <instant>``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from .audit import GENESIS, digest
from .models import AuditRow

HEADS = "audit-heads.txt"
COLUMNS = tuple(AuditRow.__table__.columns)
PAGE = 1000
UNREADABLE = (ValueError, TypeError, OperationalError)  # no time, no JSON, no UTF-8: SQLite stores all that


@dataclass(frozen=True)
class Head:
    """The audit's last row at some instant. No row yet: id 0 and the genesis hash."""

    id: int
    hash: str


@dataclass(frozen=True)
class Tampering:
    """One sign of tampering: at which row, and what it shows (Vietnamese)."""

    row: int
    code: str  # changed, broken, gap, missing, other_head
    text: str


@dataclass(frozen=True)
class Unreadable:
    """A row that holds what no writer of ours leaves in it."""

    id: int
    previous: str = ""
    hash: str = ""
    at: None = None


@dataclass(frozen=True)
class Verified:
    rows: int
    head: Head
    newest: datetime | None  # instant of the last row
    signs: tuple[Tampering, ...]


def head(session: Session) -> Head:
    row = session.execute(select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)).first()
    return Head(row.id, row.hash) if row else Head(0, GENESIS)


def verify(session: Session, heads: Iterable[Head] = (), *, last: int = 0) -> Verified:
    """Read the whole audit once; ``heads`` are those known from outside the database.

    ``last``: only about so many rows at the end, for a quick look (0: all of them).
    Ids without a gap are demanded of SQLite only: a PostgreSQL sequence also skips the ids of
    transactions that were rolled back.
    """
    unbroken = session.get_bind().dialect.name == "sqlite"
    before = _before_the_last(session, last)
    wanted: dict[int, set[str]] = {}
    for h in heads:
        if h.id > before.id:
            wanted.setdefault(h.id, set()).add(h.hash)  # two heads that contradict each other both count
    signs: list[Tampering] = []
    newest, count, at = before, 0, None
    for row in _rows(session, before.id):
        signs += _signs_of(row, newest, unbroken)
        if wanted.pop(row.id, {row.hash}) != {row.hash}:
            signs.append(Tampering(row.id, "other_head", f"dòng {row.id}: mã khác với mã đã lưu bên ngoài"))
        newest, count, at = Head(row.id, row.hash), count + 1, row.at
    signs += [
        Tampering(number, "missing", f"thiếu dòng {number} đã được lưu mã bên ngoài") for number in wanted
    ]
    return Verified(count, newest, at, tuple(signs))


def knows(session: Session, known: Head) -> bool:
    """Is ``known`` a row of this audit?"""
    if not known.id:
        return True
    return session.scalar(select(AuditRow.hash).where(AuditRow.id == known.id)) == known.hash


def has_hash(session: Session, hash_: str) -> bool:
    """Is ``hash_``, as a mail gave it, the hash of a row here?"""
    return session.scalar(select(AuditRow.id).where(AuditRow.hash == hash_.strip().lower())) is not None


def _before_the_last(session: Session, number: int) -> Head:
    """The row that stands before the ``number`` last ones."""
    if not number:
        return Head(0, GENESIS)
    query = select(AuditRow.id, AuditRow.hash).order_by(AuditRow.id.desc()).offset(number).limit(1)
    row = session.execute(query).first()
    return Head(row.id, row.hash) if row else Head(0, GENESIS)


def _rows(session: Session, after: int) -> Iterator[Any]:
    """Plain rows with the names of ``AuditRow``: objects would cost five times as much."""
    while True:
        query = select(*COLUMNS).where(AuditRow.id > after).order_by(AuditRow.id)
        try:
            for row in session.execute(query.execution_options(yield_per=PAGE)):
                yield row
                after = row.id
            return
        except UNREADABLE:
            if session.get_bind().dialect.name != "sqlite" or not (page := _one_by_one(session, after)):
                raise
        yield from page
        after = page[-1].id


def _one_by_one(session: Session, after: int) -> list[Any]:
    """The next rows, so that one that cannot be read hides none of the others."""
    ids = select(AuditRow.id).where(AuditRow.id > after).order_by(AuditRow.id).limit(PAGE)
    return [_one(session, number) for number in session.scalars(ids).all()]


def _one(session: Session, number: int) -> Any:
    try:
        return session.execute(select(*COLUMNS).where(AuditRow.id == number)).one()
    except UNREADABLE:
        return Unreadable(number)


def _signs_of(row: Any, last: Head, unbroken: bool) -> Iterator[Tampering]:
    if unbroken and row.id != last.id + 1:
        yield Tampering(row.id, "gap", f"thiếu {row.id - last.id - 1} dòng trước dòng {row.id}")
    if row.previous != last.hash:
        yield Tampering(row.id, "broken", f"dòng {row.id} không nối tiếp dòng đứng trước nó")
    if _changed(row):
        yield Tampering(row.id, "changed", f"dòng {row.id} đã bị sửa nội dung")


def _changed(row: Any) -> bool:
    try:
        return isinstance(row, Unreadable) or digest(row) != row.hash
    except (ValueError, TypeError):  # bytes instead of words, half a character
        return True


def keep_head(data: Path, known: Head, now: datetime) -> None:
    """Add a line to ``audit-heads.txt``; nothing happens where it ends with this head already."""
    if not known.id or known in kept_heads(data)[-1:]:
        return
    data.mkdir(parents=True, exist_ok=True)
    with (data / HEADS).open("a", encoding="ascii") as file:
        file.write(f"{known.id} {known.hash} {now.astimezone(UTC).isoformat(timespec='seconds')}\n")
        file.flush()
        os.fsync(file.fileno())


def kept_heads(data: Path) -> list[Head]:
    """The heads of ``audit-heads.txt``; a line that is none is ``ValueError``."""
    try:
        lines = (data / HEADS).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    return [_parsed(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _parsed(number: int, line: str) -> Head:
    parts = line.split()
    if len(parts) < 2 or not parts[0].isdecimal() or len(parts[1]) != len(GENESIS):
        raise ValueError(f"{HEADS}, dòng {number}: không phải một mã nhật ký")
    return Head(int(parts[0]), parts[1])

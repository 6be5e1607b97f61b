"""From SQLite to PostgreSQL, once: copied, proved equal, and only the new one may send.

The old file is left as it was. What bars it is the identity outside the database
(``db.instance``): confirming the new one writes another id into the data folder.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from config.settings import Settings
from db import audit, instance, moving
from db.audit_check import Head, kept_heads, verify
from db.copies import is_sqlite
from db.migrate import head_revision, revision_of, upgrade
from db.models import NoticeRow
from db.session import make_engine, reading, writing

from .replay import digest, statuses_by_tables

TELL = 5  # tables or signs that a refusal names


class MoveError(RuntimeError):
    """Nothing was moved; the message says why and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Moved:
    rows: int
    audit_rows: int
    obligations: int


def move(settings: Settings, old: Path, now: datetime, *, by: str, reason: str) -> Moved:
    """Copy the SQLite file ``old`` into the empty PostgreSQL database of ``settings`` and confirm that.

    ``MoveError`` where anything differs or stands in the way; the new database then stays empty.
    Nobody may be writing: a running sender is refused, and writers wait while it is copied.
    """
    before = _settings_of(settings, old)
    source, target = make_engine(before.url), make_engine(settings.url)
    with ExitStack() as stack:
        stack.callback(source.dispose)
        stack.callback(target.dispose)
        if revision_of(source) != head_revision():
            raise MoveError(
                f"{old} chưa ở phiên bản này của chương trình: hãy bỏ DONDOC_DATABASE_URL, "
                "chạy dondoc init, rồi thử lại"
            )
        there = stack.enter_context(reading(source))
        _refuse_source(there, before, now)
        with target.connect() as connection:
            if full := moving.occupied(connection):
                raise MoveError(f"cơ sở dữ liệu mới phải trống; đã có: {', '.join(full[:TELL])}")
        upgrade(target)
        with writing(target) as here:
            moved = _copy(there, here, settings, now)
        with writing(target) as here:
            what = {"action": "database.moved", "subject": "database"}
            audit.record(here, at=now, actor=by, rows=moved.rows, reason=reason, **what)
            instance.confirm(here, settings, at=now, by=by, reason=reason)
    return moved


def _settings_of(settings: Settings, old: Path) -> Settings:
    if is_sqlite(settings.url):
        raise MoveError(
            "DONDOC_DATABASE_URL phải là cơ sở dữ liệu PostgreSQL mới, trống "
            "(có mật khẩu thì để trong tệp bí mật dondoc_database_url)"
        )
    if not old.is_file():
        raise MoveError(f"không có cơ sở dữ liệu SQLite {old}; chỉ ra bằng --from TỆP")
    return settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{old.resolve()}")})


def _refuse_source(session: Session, settings: Settings, now: datetime) -> None:
    """A database that may not send here is not made free by moving it; nor one that is sending."""
    if held := instance.belongs_here(session, settings):
        raise MoveError(f"cơ sở dữ liệu cũ đang bị giữ ({held}); hãy xác nhận nó trước: dondoc instance show")
    busy = select(func.count()).where(NoticeRow.state == "in_flight", NoticeRow.lease_until > now)
    if session.scalar(busy):
        raise MoveError("đang có tiến trình gửi thư: hãy dừng hẳn phần mềm, đợi vài phút rồi thử lại")
    if signs := verify(session, _heads(settings)).signs:
        raise MoveError(f"nhật ký của cơ sở dữ liệu cũ không nguyên vẹn: {signs[0].text}")


def _heads(settings: Settings) -> list[Head]:
    try:
        return kept_heads(settings.data)
    except (OSError, ValueError) as error:
        raise MoveError(str(error)) from error


def _copy(there: Session, here: Session, settings: Settings, now: datetime) -> Moved:
    """Copy, then prove it: rows, audit, statuses. Leaving by an error leaves nothing."""
    try:
        rows = moving.copy_rows(there.connection(), here.connection())
    except DataError as error:
        raise MoveError(f"PostgreSQL không nhận một giá trị của bản cũ: {error.orig}") from error
    if other := moving.unequal(there.connection(), here.connection()):
        raise MoveError(f"chép xong nhưng không giống bản cũ: bảng {', '.join(other[:TELL])}")
    proved = verify(here, _heads(settings))
    if proved.signs:
        raise MoveError(f"nhật ký không nguyên vẹn sau khi chép: {proved.signs[0].text}")
    before, after = statuses_by_tables(there, now), statuses_by_tables(here, now)
    if digest(before) != digest(after):
        raise MoveError("tình trạng tính trên bản mới khác bản cũ")
    return Moved(rows, proved.rows, len(after))

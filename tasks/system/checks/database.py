"""The database: there, of this version, of this place, unspoilt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import inspect, select, text

from config.settings import MailMode
from db import audit_check, controls, instance, triggers
from db.archive import Archive, ArchiveError
from db.migrate import head_revision, is_newer, revision_of
from db.models import AuditRow, FileRow, InboundRow
from db.session import reading
from tasks.chase.clock import doubt_of
from tasks.rules.words import show_moment
from tasks.system.drill import purged

from . import Look, Result, fault, ok, warn

WAL_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
SLACK = timedelta(minutes=5)
SAMPLE = 25
LAST_ROWS = 10_000  # a few seconds; dondoc audit verify reads them all


def version(look: Look) -> Iterator[Result]:
    if look.engine is None:
        return
    if not inspect(look.engine).has_table("audit"):
        yield fault("database.version", "cơ sở dữ liệu chưa được khởi tạo", "Chạy: dondoc init")
        return
    revision, newest = revision_of(look.engine), head_revision()
    if is_newer(look.engine):
        found = f"cơ sở dữ liệu ở phiên bản {revision}, mới hơn chương trình ({newest})"
        yield fault("database.version", found, "Dùng mã nguồn mới hơn; không chạy dondoc init.")
    elif revision != newest:
        found = f"cơ sở dữ liệu ở phiên bản {revision}, chương trình cần {newest}"
        mend = "Chạy: dondoc init (lệnh tự giữ một bản trước khi nâng cấp trong thư mục sao lưu)"
        yield fault("database.version", found, mend)
    else:
        yield ok("database.version", f"cơ sở dữ liệu {look.engine.dialect.name}, phiên bản {revision}")


def ready(look: Look) -> bool:
    """May the other checks of this module ask? (Tables of this version are there.)"""
    return look.engine is not None and revision_of(look.engine) == head_revision()


def engine_release(look: Look) -> Iterator[Result]:
    """SQLite before 3.51.3 (3.50.7, 3.44.6) can corrupt a database in WAL mode, rarely."""
    if look.engine is None:
        return
    if look.engine.dialect.name != "sqlite":
        with look.engine.connect() as connection:
            yield ok("database.release", f"PostgreSQL {connection.scalar(text('SHOW server_version'))}")
        return
    release = sqlite3.sqlite_version
    with look.engine.connect() as connection:
        mode = str(connection.scalar(text("PRAGMA journal_mode"))).lower()
    if mode == "wal" and not wal_is_safe(sqlite3.sqlite_version_info):
        mend = "Chạy: sqlite3 dondoc.db 'PRAGMA journal_mode=DELETE', hoặc nâng SQLite lên 3.51.3."
        yield fault("database.release", f"SQLite {release} có thể hỏng dữ liệu khi journal_mode=wal", mend)
    else:
        yield ok("database.release", f"SQLite {release}, journal_mode={mode}")


def wal_is_safe(release: tuple[int, ...]) -> bool:
    """3.51.3 and later, and the mended releases of the two older series."""
    newest = WAL_FIXED[0]
    return release >= newest or any(release[:2] == fixed[:2] and release >= fixed for fixed in WAL_FIXED[1:])


def integrity(look: Look) -> Iterator[Result]:
    if look.engine is None or look.engine.dialect.name != "sqlite":
        return
    with look.engine.connect() as connection:
        wrong = [str(r) for r in connection.scalars(text("PRAGMA quick_check(20)")) if r != "ok"]
    if wrong:
        mend = "Dừng hệ thống, khôi phục bản sao lưu gần nhất vào chỗ mới: dondoc restore"
        yield fault("database.integrity", "tệp cơ sở dữ liệu bị hỏng", mend, tuple(wrong))
    else:
        yield ok("database.integrity", "tệp cơ sở dữ liệu nguyên vẹn")


def rehearsal(look: Look) -> Iterator[Result]:
    if look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        marked = controls.is_rehearsal(session)
        sending = controls.sending_allowed(session)
    if marked:
        mend = "Để làm việc thật, lập thư mục dữ liệu mới: dondoc init --data THƯ_MỤC_MỚI"
        worst = fault if look.settings.mail.mode is MailMode.LIVE else warn
        yield worst("database.rehearsal", "cơ sở dữ liệu diễn tập: không bao giờ gửi thật được", mend)
    if not sending:
        mend = "Khi đã xử lý xong nguyên nhân, mở lại ở bàn điều hành (biểu mẫu sending)."
        yield warn("mail.paused", "việc gửi thư đang tạm dừng", mend)


def place(look: Look) -> Iterator[Result]:
    if look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        why = instance.belongs_here(session, look.settings)
        named = instance.of_database(session) is not None
    if why:
        mend = "Xem dondoc instance show; chắc chắn nơi cũ đã dừng thì chạy dondoc instance confirm."
        yield fault("instance", f"mọi thư bị giữ: {why}", mend)
    elif named:
        yield ok("instance", "cơ sở dữ liệu thuộc về nơi này")
    else:
        yield warn("instance", "cơ sở dữ liệu chưa có mã nhận dạng", "Chạy: dondoc init")


def audit(look: Look) -> Iterator[Result]:
    if look.engine is None or not ready(look):
        return
    with look.engine.connect() as connection:
        guarded = triggers.guarded(connection)
    if not guarded:
        mend = "Tìm ai đã gỡ; lập lại bằng cách nâng cấp từ bản sao lưu, rồi dondoc audit verify."
        yield fault("audit.guard", "nhật ký mất khóa chống sửa, xóa trong cơ sở dữ liệu", mend)
    try:
        kept = audit_check.kept_heads(look.settings.data)
    except (OSError, ValueError) as error:
        yield fault("audit.chain", f"không đọc được mã nhật ký: {error}", "Kiểm tra tệp audit-heads.txt.")
        return
    with reading(look.engine) as session:
        found = audit_check.verify(session, kept, last=LAST_ROWS)
    if found.signs:
        mend = "Chạy: dondoc audit verify; giữ nguyên hiện trạng và báo người phụ trách an toàn thông tin."
        lines = tuple(s.text for s in found.signs[:50])
        yield fault("audit.chain", f"{len(found.signs)} dấu hiệu nhật ký bị can thiệp", mend, lines)
    else:
        yield ok("audit.chain", f"nhật ký nguyên vẹn, đã xem {found.rows} dòng cuối")


def clock(look: Look) -> Iterator[Result]:
    """The newest row of the audit must not lie in the future; no witness may have disagreed."""
    if look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        newest = session.scalar(select(AuditRow.at).order_by(AuditRow.at.desc()).limit(1))
        doubt = doubt_of(session)
        if controls.is_rehearsal(session):
            yield ok("clock", "cơ sở dữ liệu diễn tập: không so đồng hồ")
            return
    if newest and newest > look.now + SLACK:
        found = f"đồng hồ máy chậm hơn việc đã ghi lúc {show_moment(newest)}"
        yield fault("clock", found, "Chỉnh giờ máy, bật đồng bộ thời gian (NTP) rồi chạy lại.")
    elif doubt:
        mend = "Chỉnh giờ máy, bật đồng bộ thời gian (NTP); giờ máy đúng thì ghi biểu clock_checked."
        yield fault("clock", f"chưa tin được, đang tạm giữ thư nhắc, đôn đốc: {doubt}", mend)
    else:
        yield ok("clock", f"đồng hồ máy: {show_moment(look.now)}")


def archive(look: Look) -> Iterator[Result]:
    """The newest files of the archive, read and compared with their hash."""
    if look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        hashes: list[str] = []
        for table in (FileRow, InboundRow):
            query = select(table.sha256).order_by(table.id.desc()).limit(SAMPLE)
            hashes += session.scalars(query)
        wanted = list(dict.fromkeys(hashes))
        gone = purged(session)
    store, damaged = Archive(look.settings.data / "archive"), []
    for sha256 in wanted:
        try:
            if sha256 not in gone:
                store.get(sha256)
        except (ArchiveError, OSError) as error:
            damaged.append(str(error))
    if damaged:
        mend = "Khôi phục kho lưu từ bản sao lưu gần nhất (dondoc backup verify kể bản nào còn đủ)."
        yield fault("archive", f"{len(damaged)} tệp trong kho lưu thiếu hoặc hỏng", mend, tuple(damaged))
    else:
        yield ok("archive", f"{len(wanted)} tệp mới nhất trong kho lưu nguyên vẹn")

"""Putting a backup back: for real into a new place, or aside to prove that it could be done."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.settings import Settings
from db import copies
from db.archive import Archive
from db.audit_check import HEADS, Head, kept_heads, verify
from db.migrate import head_revision, revision_of, upgrade
from db.models import AuditRow, EditionRow, FileRow, InboundRow, NoticeRow
from db.session import make_engine, reading

from . import manifest as manifests
from .manifest import ARCHIVE, BackupError, Manifest
from .replay import differences, digest, statuses_by_tables

PURGED = "privacy.purged"  # audit rows of the purge name the files that were removed on purpose


@dataclass(frozen=True)
class Drill:
    """What a backup proved to hold; empty ``problems``: everything needed is there and equal."""

    folder: Path
    manifest: Manifest
    audit_rows: int
    obligations: int
    files: int
    problems: list[str]


def restore(source: Path, settings: Settings) -> Manifest:
    """Put the backup ``source`` into the new data folder and empty database of ``settings``.

    ``BackupError`` where there is anything already, or the backup is damaged. The restored
    database is held until a person confirms it (``db.instance``).
    """
    manifest = manifests.read(source)
    _refuse(manifest, settings)
    problems = list(_damage(source, manifest))
    if problems:
        raise BackupError(f"bản sao lưu {source} bị hỏng: {problems[0]}")
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source / ARCHIVE, settings.data / ARCHIVE)
        if (source / HEADS).exists():
            shutil.copy2(source / HEADS, settings.data / HEADS)
        for folder in ("inbox", "outbox"):
            (settings.data / folder).mkdir(exist_ok=True)
        copies.put_back(source / manifest.database, settings.url)  # last: without it nothing starts
    except (OSError, copies.CopyError, SQLAlchemyError) as error:
        raise BackupError(f"không khôi phục được vào {settings.data}: {error}") from error
    return manifest


def _refuse(manifest: Manifest, settings: Settings) -> None:
    if settings.data.exists() and (not settings.data.is_dir() or any(settings.data.iterdir())):
        raise BackupError(f"{settings.data} đã có dữ liệu; không bao giờ ghi đè, hãy chọn thư mục mới")
    backend = "sqlite" if copies.is_sqlite(settings.url) else "postgresql"
    if backend != manifest.backend:
        raise BackupError(
            f"bản sao lưu là của {manifest.backend}, DONDOC_DATABASE_URL đang chỉ tới {backend}; "
            "hãy sửa cho khớp"
        )


def drill(folder: Path, url: str = "") -> Drill:
    """Restore aside, check integrity, files, audit; compare statuses with those of the backup's day.

    ``url``: for a PostgreSQL dump, a database on the server that may hold the trial one.
    """
    manifest = manifests.read(folder)
    problems = list(_damage(folder, manifest))
    rows = obligations = 0
    if not problems:
        try:
            with tempfile.TemporaryDirectory(prefix="dondoc-thu-") as aside:
                rows, obligations, found = _proved(folder, manifest, url, Path(aside))
            problems += found
        except (copies.CopyError, SQLAlchemyError, OSError, ValueError) as error:
            problems.append(f"không khôi phục thử được: {error}")
    return Drill(folder, manifest, rows, obligations, manifest.archive_files, problems)


def _damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Files that are missing or are not what the manifest says."""
    try:
        if manifests.sha256_of(folder / manifest.database) != manifest.database_sha256:
            yield f"{manifest.database} khác với lúc sao lưu"
        names = manifests.archive_names(folder / ARCHIVE)
        if manifests.digest_of(names) != manifest.archive_digest:
            yield f"kho lưu khác với lúc sao lưu: {len(names)} tệp thay vì {manifest.archive_files}"
        archive = Archive(folder / ARCHIVE)
        for name in names:
            if manifests.sha256_of(archive.path(name)) != name:
                yield f"tệp {name} trong kho lưu bị thay đổi"
    except OSError as error:
        yield f"không đọc được {error.filename}: {error.strerror}"


def _proved(folder: Path, manifest: Manifest, url: str, aside: Path) -> tuple[int, int, list[str]]:
    wanted = f"sqlite:///{aside / copies.SQLITE_FILE}" if manifest.backend == "sqlite" else url
    if not wanted or copies.is_sqlite(wanted) != (manifest.backend == "sqlite"):
        return 0, 0, ["bản sao lưu PostgreSQL: cần DONDOC_DATABASE_URL của một máy chủ để khôi phục thử"]
    with copies.scratch(wanted, aside) as scratch:
        copies.put_back(folder / manifest.database, scratch)
        engine = make_engine(scratch)
        try:
            return _compared(engine, folder, manifest)
        finally:
            engine.dispose()


def _compared(engine: Engine, folder: Path, manifest: Manifest) -> tuple[int, int, list[str]]:
    problems = copies.check(engine)
    if revision_of(engine) != manifest.schema:
        problems.append(
            f"phiên bản cơ sở dữ liệu {revision_of(engine)} khác với lúc sao lưu ({manifest.schema})"
        )
    if manifest.schema != head_revision():
        upgrade(engine)  # an older backup is read by today's program
    with reading(engine) as session:
        heads = [*kept_heads(folder), Head(manifest.audit_head_id, manifest.audit_head)]
        verified = verify(session, heads)
        problems += [f"nhật ký: {s.text}" for s in verified.signs]
        statuses = statuses_by_tables(session, manifest.at)
        if digest(statuses) != manifest.statuses:
            problems.append("tình trạng các đơn vị khác với lúc sao lưu")
        problems += [f"tình trạng khác với nhật ký: {d}" for d in differences(session, manifest.at)]
        names = set(manifests.archive_names(folder / ARCHIVE))
        lost = referenced(session) - names - purged(session)
        problems += [f"kho lưu thiếu tệp {name}" for name in sorted(lost)]
    return verified.rows, len(statuses), problems


def referenced(session: Session) -> set[str]:
    """Hashes of every archived file that a row speaks of."""
    columns = (InboundRow.sha256, FileRow.sha256, NoticeRow.eml_sha256)
    found = {h for column in columns for h in session.scalars(select(column).distinct())}
    lists: list[list[dict[str, Any]]] = [
        *session.scalars(select(EditionRow.files)),
        *session.scalars(select(NoticeRow.attachments)),
    ]
    found |= {str(entry["sha256"]) for entries in lists for entry in entries if entry.get("sha256")}
    return found - {""}


def purged(session: Session) -> set[str]:
    """Hashes of the files that a purge removed; their rows keep the hash."""
    rows = session.scalars(select(AuditRow.details).where(AuditRow.action == PURGED))
    return {h for details in rows for h in details.get("files", [])}

"""A backup beside the running system: the database, the archive of files, a manifest.

    backups/20260624-013000Z/   dondoc.db or dondoc.dump, archive/, audit-heads.txt, manifest.json

The identity of the installation stays behind on purpose (``db.instance``): what is restored
is held until a person confirms it. Settings and secrets are not copied either.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import copies
from db.archive import Archive
from db.audit_check import HEADS, head
from db.migrate import revision_in
from db.plans import plan_codes
from tasks.desk.alert import queue_alert
from tasks.office import Office

from . import manifest as manifests
from .drill import drill
from .manifest import ARCHIVE, BackupError, Manifest
from .replay import digest, statuses_by_tables
from .retention import prune

NAME = "%Y%m%d-%H%M%SZ"
PARTIAL = ".dang-ghi-"


@dataclass(frozen=True)
class Backup:
    folder: Path
    manifest: Manifest
    linked: int  # files of the archive that the backup before had already


def make_backup(office: Office, now: datetime, to: Path | None = None) -> Backup:
    """Back up into a new folder under ``to``; ``BackupError`` where that fails, nothing half remains."""
    root = to or office.settings.backups
    name = now.astimezone(UTC).strftime(NAME)
    target, partial = root / name, root / f"{PARTIAL}{name}"
    if target.exists():
        raise BackupError(f"đã có bản sao lưu {target}")
    before = newest(root)
    try:
        partial.mkdir(parents=True)
    except OSError as error:  # also: another backup of this very second is being written there
        raise BackupError(f"không sao lưu được vào {root}: {error}") from error
    try:
        database = partial / copies.file_name(office.settings.url)
        with copies.dumped(office.engine, office.settings.url, database) as session:
            # the archive second: its files are stored before their rows
            linked = _copy_archive(office.archive, partial / ARCHIVE, before / ARCHIVE if before else None)
            manifest = _describe(session, database, partial / ARCHIVE, now)
        if (office.data / HEADS).exists():
            shutil.copy2(office.data / HEADS, partial / HEADS)
        manifests.write(partial, manifest)
        partial.rename(target)
    except (OSError, SQLAlchemyError, copies.CopyError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupError(f"không sao lưu được vào {root}: {error}") from error
    return Backup(target, manifest, linked)


def existing(root: Path) -> list[Path]:
    """Finished backups under ``root``, oldest first."""
    if not root.is_dir():
        return []
    return sorted(f for f in root.iterdir() if not f.name.startswith(".") and (f / manifests.FILE).is_file())


def newest(root: Path) -> Path | None:
    found = existing(root)
    return found[-1] if found else None


def _copy_archive(archive: Archive, target: Path, before: Path | None) -> int:
    """Bytes are copied once; what the backup before holds is hard-linked. How many were linked.

    Never a link to the running archive: damage there must not reach the backup.
    """
    target.mkdir()
    old = Archive(before) if before else None
    new, linked = Archive(target), 0
    for name in manifests.archive_names(archive.root):
        path = new.path(name)
        path.parent.mkdir(exist_ok=True)
        if old and _link(old.path(name), path):
            linked += 1
        else:
            shutil.copy2(archive.path(name), path)
    return linked


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # not there, or a file system without hard links
        return False
    return True


def _describe(session: Session, database: Path, archive: Path, now: datetime) -> Manifest:
    """``session`` sees what is in the copy, nothing later."""
    known, names = head(session), manifests.archive_names(archive)
    return Manifest(
        created_at=now.isoformat(),
        schema=revision_in(session) or "",
        backend=session.get_bind().dialect.name,
        plans=plan_codes(session),
        database=database.name,
        database_sha256=manifests.sha256_of(database),
        audit_head_id=known.id,
        audit_head=known.hash,
        statuses=digest(statuses_by_tables(session, now)),
        archive_files=len(names),
        archive_bytes=sum(Archive(archive).path(n).stat().st_size for n in names),
        archive_digest=manifests.digest_of(names),
    )


@dataclass(frozen=True)
class Night:
    """What a night's backup came to; ``problems`` were told to the operators."""

    folder: Path | None
    removed: tuple[str, ...]
    problems: tuple[str, ...]


def nightly_backup(office: Office, now: datetime) -> Night:
    """Back up, prove it by restoring it aside, remove what retention no longer keeps.

    Never raises for what can go wrong with disks and databases: it tells the operators.
    """
    folder, removed, problems = None, [], []
    try:
        folder = make_backup(office, now).folder
        problems = drill(folder, office.settings.url).problems
        if not problems:
            kept = office.settings.backup
            removed = prune(existing(office.settings.backups), kept.keep_daily, kept.keep_weekly)
    except (BackupError, OSError) as error:
        problems = [str(error)]
    if problems:
        advice = "Kiểm tra ổ đĩa và thư mục sao lưu, sau đó chạy: dondoc backup, dondoc backup verify"
        occasion = f"backup-{now.astimezone(UTC):%Y-%m-%d}"
        queue_alert(office, "Sao lưu hằng đêm không đạt", problems[:20], advice, now, occasion=occasion)
    return Night(folder, tuple(removed), tuple(problems))

"""What a backup says about itself: ``manifest.json``, written last, so a backup without it is none."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "manifest.json"
ARCHIVE = "archive"
FORMAT = 1


class BackupError(RuntimeError):
    """A backup cannot be made, read or restored; the message says why and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Manifest:
    created_at: str  # ISO instant
    schema: str  # revision of the migrations
    backend: str  # sqlite, postgresql
    plans: list[str]
    database: str  # file name
    database_sha256: str
    audit_head_id: int
    audit_head: str
    statuses: str  # digest over every obligation's status at created_at
    archive_files: int
    archive_bytes: int
    archive_digest: str  # SHA-256 over the sorted names of the archive's files
    format: int = FORMAT

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.created_at)


def write(folder: Path, manifest: Manifest) -> None:
    with (folder / FILE).open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """``BackupError`` where ``folder`` is not a backup that this program can read."""
    try:
        values: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        found = Manifest(**values)
        _check(found)
    except OSError as error:
        raise BackupError(f"{folder} không phải một bản sao lưu (thiếu {FILE}: {error.strerror})") from None
    except (ValueError, TypeError):
        raise BackupError(f"{folder}/{FILE} không đọc được; bản sao lưu này không dùng được") from None
    if found.format != FORMAT:
        raise BackupError(f"{folder}: bản sao lưu của phiên bản khác (format {found.format})")
    return found


def _check(found: Manifest) -> None:
    """``TypeError``, ``ValueError`` where a value is not what its field is for."""
    for field in fields(found):
        kind = str(field.type).partition("[")[0]
        if type(getattr(found, field.name)).__name__ != kind:
            raise TypeError(field.name)
    if found.at.tzinfo is None:
        raise ValueError("created_at")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive_names(root: Path) -> list[str]:
    """Hashes of the files of an archive folder (``ab/cdef…``), sorted; unfinished files left out."""
    if not root.is_dir():
        return []
    return sorted(
        f"{folder.name}{file.name}"
        for folder in root.iterdir()
        if folder.is_dir() and len(folder.name) == 2
        for file in folder.iterdir()
        if len(file.name) == 62
    )


def digest_of(names: list[str]) -> str:
    return hashlib.sha256("\n".join(names).encode("ascii")).hexdigest()

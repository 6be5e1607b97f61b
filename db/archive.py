"""The archive: every byte that arrived or left, stored once under its SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class ArchiveError(OSError):
    """A stored file is missing or its bytes no longer match its name."""


class Archive:
    """Content-addressed files under ``root/ab/cdef…``; written whole or not at all."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self.durable = durable  # False: a play on a virtual clock, see db.session

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:]

    def put(self, data: bytes) -> str:
        """Store ``data`` durably and return its SHA-256 (hex)."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                if self.durable:
                    file.flush()
                    os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if self.durable:
            _sync_folder(target.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes, verified; ``ArchiveError`` where they are missing or damaged."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise ArchiveError(f"kho lưu thiếu tệp {sha256}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ArchiveError(f"tệp {sha256} trong kho lưu đã bị thay đổi")
        return data


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut (not possible, nor needed, on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The drop folder: files at any depth, read where they lie. ``.eml`` files are mails.

A file that is still being written waits, and makes the reading incomplete: it may be
somebody's answer. One that cannot be opened does not hide the others: they are read, and the
reading is not complete. Links are not followed; nothing outside the folder is ever read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from tasks.intake.arrival import Times, file_time

from . import LITTER, ChannelError, Found, Seen

UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart", ".download")
SETTLE_SECONDS = 0.2  # a file whose size or time changes in this span is still being written
FRESH = timedelta(minutes=10)  # an unfinished file older than this was abandoned
BEGINNING = 64 * 1024


@dataclass(frozen=True)
class _Entry:
    path: Path
    name: str  # relative, with "/"
    size: int
    mtime_ns: int

    @property
    def modified(self) -> datetime | None:
        return file_time(self.mtime_ns / 1e9)

    def fresh(self, now: datetime, span: timedelta) -> bool:
        """Written within ``span`` of ``now``: before it, or after it by another machine's clock."""
        return self.modified is not None and abs(now - self.modified) < span


class Folder:
    name = "folder"
    settles = False
    validator = ""

    def __init__(self, root: Path, now: datetime, *, max_bytes: int = 60 * 1024 * 1024) -> None:
        self.root = root
        self.now = now
        self.max_bytes = max_bytes

    def read(self, seen: Seen) -> Iterator[Found]:
        faults: list[OSError] = []
        entries, waiting = self._entries(faults)
        fresh = [e for e in entries if not seen(_stamp(e))]
        if fresh:
            time.sleep(SETTLE_SECONDS)
        for entry in fresh:
            try:
                data = self._bytes(entry)
            except OSError as fault:
                faults.append(fault)
                continue
            if data is None or _cut_short(entry, data, self.now):
                waiting += 1
            elif not seen(_content(entry, data)):
                yield self._found(entry, data)
        if faults:
            raise ChannelError(f"không đọc được {len(faults)} mục trong thư mục nhận: {faults[0].strerror}")
        if waiting:
            raise ChannelError(f"còn {waiting} tệp đang được ghi vào thư mục nhận")

    def _entries(self, faults: list[OSError]) -> tuple[list[_Entry], int]:
        """Plain files in order of name, and the number of fresh unfinished ones; ``faults``: what
        could not be looked into."""
        entries, unfinished = [], 0
        for path in self._paths(faults):
            try:
                entry = self._entry(path)
            except OSError as fault:
                faults.append(fault)
                continue
            if entry is None:
                continue
            if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
                unfinished += entry.fresh(self.now, FRESH)
            else:
                entries.append(entry)
        return entries, unfinished

    def _paths(self, faults: list[OSError]) -> Iterator[Path]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:  # a link to a drive that is not there, a file in its place
            raise ChannelError(f"không mở được thư mục nhận: {error.strerror}") from error
        for folder, folders, names in os.walk(self.root, onerror=faults.append, followlinks=False):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            yield from (Path(folder) / name for name in sorted(names) if not name.startswith(LITTER))

    def _entry(self, path: Path) -> _Entry | None:
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return _Entry(path, path.relative_to(self.root).as_posix(), status.st_size, status.st_mtime_ns)

    def _bytes(self, entry: _Entry) -> bytes | None:
        """The content, or None while the file changes. Raises ``OSError`` where it cannot be opened."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(entry.path, flags), "rb") as file:
                data = file.read(BEGINNING if entry.size > self.max_bytes else -1)
                after = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        return data if (after.st_size, after.st_mtime_ns) == (entry.size, entry.mtime_ns) else None

    def _found(self, entry: _Entry, data: bytes) -> Found:
        mail = entry.name.lower().endswith(".eml")
        return Found(
            reference=f"{_stamp(entry)}|{_content(entry, data)}",
            kind="mail" if mail else "file",
            data=data,
            times=Times(modified=entry.modified),
            name=entry.path.name,
            place=entry.name,
            flag="too_large" if entry.size > self.max_bytes else "",
        )

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: files stay where the office put them."""


def _stamp(entry: _Entry) -> str:
    return sha256(
        f"{entry.name}|{entry.size}|{entry.mtime_ns}".encode("utf-8", "surrogateescape")
    ).hexdigest()[:24]


def _content(entry: _Entry, data: bytes) -> str:
    """Path and content: a file that a program merely touched is the same file."""
    return sha256(entry.name.encode("utf-8", "surrogateescape") + b"\0" + sha256(data).digest()).hexdigest()[
        :32
    ]


def _cut_short(entry: _Entry, data: bytes, now: datetime) -> bool:
    """A fresh Office or PDF file without its end is probably still being copied."""
    if not entry.fresh(now, timedelta(minutes=1)) or len(data) < entry.size:
        return False
    if entry.size == 0:
        return True
    if data[:4] == b"PK\x03\x04":
        return b"PK\x05\x06" not in data[-66_000:]
    return data[:5] == b"%PDF-" and b"%%EOF" not in data[-2048:]

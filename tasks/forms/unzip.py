"""Open a zip from strangers: every name, size and checksum is checked before a byte is believed.

Python's ``zipfile`` and calamine's reader may disagree about a crafted archive, so members are
inflated here, to the declared size and not a byte more.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

MAX_MEMBERS = 2_000
MAX_TOTAL = 48 * 1024 * 1024  # inflated bytes of one workbook; a form has 0.15 MB
MAX_RATIO = 400  # inflated against deflated, for members over 1 MB

_BROKEN = (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OverflowError, EOFError)


class Refused(Exception):
    """A file that will not be opened; ``code`` is a finding of the catalogue."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Archive:
    data: bytes
    members: dict[str, zipfile.ZipInfo]

    def read(self, name: str) -> bytes:
        """The content of a member. Raises ``Refused`` where it is not what the directory declares."""
        info = self.members[name]
        start = _content_start(self.data, info)
        raw = self.data[start : start + info.compress_size]
        if len(raw) != info.compress_size:
            raise Refused("truncated")
        content = raw if info.compress_type == zipfile.ZIP_STORED else _inflate(raw, info.file_size)
        if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
            raise Refused("corrupt", detail="nội dung sai tổng kiểm tra")
        return content


def _content_start(data: bytes, info: zipfile.ZipInfo) -> int:
    head = data[info.header_offset : info.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\3\4":
        raise Refused("truncated")
    name_length, extra_length = (int(n) for n in struct.unpack("<HH", head[26:30]))
    name = data[info.header_offset + 30 : info.header_offset + 30 + name_length]
    said = info.orig_filename
    if name != said.encode("utf-8", "replace") and name != said.encode("cp437", "replace"):
        raise Refused("corrupt", detail="tên thành phần không khớp")
    return info.header_offset + 30 + name_length + extra_length


def _inflate(raw: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        content = inflater.decompress(raw, size + 1)
    except zlib.error as error:
        raise Refused("truncated") from error
    if len(content) > size or inflater.unconsumed_tail:
        raise Refused("bomb")
    if not inflater.eof and not _ends(inflater, content, size):
        raise Refused("truncated")
    return content


def _ends(inflater: zlib._Decompress, content: bytes, size: int) -> bool:
    """A stream whose last block came together with its last byte."""
    try:
        return len(content) == size and not inflater.decompress(b"", 1) and inflater.eof
    except zlib.error:
        return False


def open_archive(data: bytes) -> Archive:
    """The members of a zip. Raises ``Refused`` for an archive that is broken or unsafe."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except _BROKEN as error:
        raise Refused("truncated") from error
    if len(infos) > MAX_MEMBERS:
        raise Refused("bomb")
    names: set[str] = set()
    for info in infos:
        _check_name(info.filename, names)
        _check_member(info)
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise Refused("bomb")
    return Archive(data, {info.filename: info for info in infos})


def _check_name(name: str, seen: set[str]) -> None:
    lower = name.lower()
    if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name:
        raise Refused("unsafe_names")
    if lower in seen:
        raise Refused("unsafe_names")
    seen.add(lower)


def _check_member(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        raise Refused("encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("corrupt", detail="cách nén lạ")
    if info.file_size > 1024 * 1024 and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise Refused("bomb")

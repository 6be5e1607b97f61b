"""A zip whose members are patched without being compressed again.

A member of the template is cut at its slots. The pieces between them are deflated once, each ending
on a byte boundary (full flush); a slot's text goes in as a stored block. Joined, they are one valid
deflate stream, so a workbook costs a few copies and one CRC instead of a compression.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Fill = Mapping[str, bytes]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = (1 << 5) | 1  # 1980-01-01, as xlsxwriter writes it
_FINAL = b"\x03\x00"  # an empty last block
_STORED = struct.Struct("<BHH")
_STORED_MAX = 0xFFFF


@dataclass(frozen=True)
class Piece:
    plain: bytes
    packed: bytes


@dataclass(frozen=True)
class Member:
    """``pieces`` and slot names in turn: piece, slot, piece, … ; no slot: a ready member."""

    name: bytes
    pieces: tuple[Piece, ...]
    slots: tuple[str, ...]
    crc: int
    size: int


def _pack(plain: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)


def _ready(plain: bytes) -> Piece:
    """A member without slots, whole."""
    return Piece(plain, _pack(plain) + _FINAL)


def _stored(data: bytes) -> bytes:
    if 0 < len(data) <= _STORED_MAX:
        return _STORED.pack(0, len(data), len(data) ^ 0xFFFF) + data
    blocks = [data[i : i + _STORED_MAX] for i in range(0, len(data), _STORED_MAX)]
    return b"".join(_STORED.pack(0, len(b), len(b) ^ 0xFFFF) + b for b in blocks)


def take_apart(data: bytes, cut: Callable[[bytes], tuple[list[bytes], list[str]]]) -> list[Member]:
    """The members of the zip ``data``; ``cut`` splits a member's content at its slots."""
    members = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            plain = archive.read(info)
            parts, slots = cut(plain)
            pieces = tuple(Piece(p, _pack(p)) for p in parts) if slots else (_ready(plain),)
            name = info.filename.encode("ascii")
            members.append(Member(name, pieces, tuple(slots), zlib.crc32(plain), len(plain)))
    return members


def _body(member: Member, fill: Fill) -> tuple[bytes, int, int]:
    """Deflated bytes, CRC and plain size of ``member`` with its slots filled."""
    if not member.slots:
        return member.pieces[0].packed, member.crc, member.size
    packed, plain = [member.pieces[0].packed], [member.pieces[0].plain]
    for slot, piece in zip(member.slots, member.pieces[1:], strict=True):
        value = fill[slot]
        packed += (_stored(value), piece.packed)
        plain += (value, piece.plain)
    packed.append(_FINAL)
    content = b"".join(plain)
    return b"".join(packed), zlib.crc32(content), len(content)


def put_together(members: list[Member], fill: Fill) -> bytes:
    """A zip of ``members`` with their slots filled."""
    out: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for member in members:
        body, crc, size = _body(member, fill)
        sizes = (crc, len(body), size, len(member.name))
        head = _LOCAL.pack(b"PK\3\4", 20, 0, 8, 0, _DATE, *sizes, 0) + member.name
        entry = _CENTRAL.pack(b"PK\1\2", 20, 20, 0, 8, 0, _DATE, *sizes, 0, 0, 0, 0, 0, offset)
        directory.append(entry + member.name)
        out += (head, body)
        offset += len(head) + len(body)
    listing = b"".join(directory)
    end = _END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(listing), offset, 0)
    return b"".join((*out, listing, end))

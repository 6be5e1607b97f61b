"""What an arriving file is, by its content; the name decides only between plain texts."""

from __future__ import annotations

from tasks.forms.kinds import Kind
from tasks.forms.unzip import Archive, Refused, open_archive

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_OTHERS = {"ppt/presentation.xml", "visio/document.xml", "index/document.iwa"}  # zips that nobody unpacks
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sniff(data: bytes, name: str) -> tuple[Kind, Archive | None]:
    """The kind of a file, and its zip where it is one. Raises ``Refused`` for a broken or locked file."""
    if not data:
        raise Refused("empty_file")
    head = data[:1024].lstrip()
    if head.startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return Kind.PDF, None
    if data.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08")):
        archive = open_archive(data)
        return _zip_kind(archive), archive
    if data.startswith(_OLE):
        return _ole_kind(data, name), None
    if data.startswith(_IMAGES):
        return Kind.IMAGE, None
    if data.startswith(_ARCHIVES):
        return Kind.ARCHIVE, None
    if name.lower().endswith((".csv", ".txt", ".tsv")) and not _binary(data):
        return Kind.CSV, None
    if data.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")):
        return Kind.XLS, None  # a bare BIFF stream, as very old programs write it
    return Kind.UNREADABLE, None


def _binary(data: bytes) -> bool:
    """Plain text holds no NUL, unless it is UTF-16 with its mark."""
    return b"\0" in data[:65536] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _zip_kind(archive: Archive) -> Kind:
    names = {name.lower() for name in archive.members}
    if "xl/workbook.xml" in names:
        return Kind.XLSM if _has_macros(names) else Kind.WORKBOOK
    if "xl/workbook.bin" in names:
        raise Refused("binary_workbook")
    if "encrypted-package" in names:  # an OpenDocument file with a password, as LibreOffice 24.8 writes it
        raise Refused("encrypted")
    if "word/document.xml" in names:
        return Kind.DOCX
    if "content.xml" in names and "mimetype" in names:
        mime = archive.read("mimetype") if "mimetype" in archive.members else b""
        return Kind.ODS if b"spreadsheet" in mime else Kind.DOCX if b"text" in mime else Kind.UNREADABLE
    return Kind.UNREADABLE if names & _OTHERS else Kind.ARCHIVE


def _has_macros(names: set[str]) -> bool:
    return any(n.endswith("vbaproject.bin") or n.startswith("xl/macrosheets/") for n in names)


def _ole_kind(data: bytes, name: str) -> Kind:
    """Names of an OLE file's streams stand in its directory in UTF-16.

    A Word file may hold a sheet and a workbook a text: where both have their stream, the name decides.
    """

    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    def names(stream: str) -> bool:
        """An entry of the directory: 64 bytes of name, then its length [MS-CFB, 2.6.1]."""
        entry = stream.encode("utf-16-le")
        return entry.ljust(64, b"\0") + (len(entry) + 2).to_bytes(2, "little") in data

    if holds("EncryptedPackage"):
        raise Refused("encrypted")
    sheet = names("Workbook") or names("Book")
    if names("WordDocument") and not (sheet and not name.lower().endswith(".doc")):
        return Kind.DOC
    if sheet or holds("Workbook") or holds("Book"):
        return Kind.XLS
    return Kind.DOC if holds("WordDocument") else Kind.UNREADABLE

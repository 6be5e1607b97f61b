"""What the files of an item are: expanded, sniffed and, for workbooks, asked who they are."""

from __future__ import annotations

import hashlib
import re
import time
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from tasks.forms.read import read
from tasks.forms.types import SPREADSHEETS, Identity, Kind
from tasks.rules.tokens import find_tokens
from tasks.rules.viet import clean

from .headers import decode_text, file_name
from .mail import Part

MAX_MEMBERS = 200
MAX_UNPACKED = 60 * 1024 * 1024
MAX_LOOKED_AT = 160  # files of one item that are opened: a province has 145 units
MAX_NAMELESS = 20  # of them without an identity: a heap of files is left to a person
MAX_SECONDS = 60  # for all files of one item, however slow each is
SHEET_NAMES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
UTF8_NAME = 0x800
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml", "Index/Document.iwa")
BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, LookupError, NotImplementedError, RuntimeError,
    EOFError, OverflowError,
)  # fmt: skip
_MARKING = re.compile(r"(?m)^[^\w\n]*(?:TUYỆT MẬT|TỐI MẬT|MẬT)[^\w\n]*$")
_MARKING_ASCII = re.compile(r"(?i)^(tuyet mat|toi mat|mat)$")


@dataclass(frozen=True)
class Look:
    """One file as intake sees it."""

    name: str
    data: bytes
    sha256: str
    kind: Kind
    identity: Identity | None = None
    classified: bool = False
    torn: tuple[str, ...] = ()  # unit codes, where the workbook's two identities differ
    form: bool = False  # the tables of a form stand in it

    @property
    def spreadsheet(self) -> bool:
        """A workbook, or what was meant to be one (locked, cut short); a stray note is none."""
        if self.kind is Kind.CSV:
            return self.form
        return self.kind in SPREADSHEETS or (
            self.kind is Kind.UNREADABLE and self.name.lower().endswith(SHEET_NAMES)
        )

    @property
    def stray(self) -> bool:
        """A plain text that mail programs add by themselves (ATT00001.txt, a footer of a list)."""
        return self.kind is Kind.CSV and not self.form and not self.name.lower().endswith((".csv", ".tsv"))

    @property
    def tokens(self) -> tuple[str, ...]:
        return find_tokens(self.name)


def look_at(parts: Iterable[Part]) -> tuple[list[Look], set[str]]:
    """Every file once, archives opened; flags: too_many_files.

    An archive with files in it is kept beside them only where nothing could be taken out.
    """
    looks: dict[str, Look] = {}
    flags: set[str] = set()
    start = time.monotonic()
    for part in _unpacked(parts):
        nameless = sum(look.identity is None for look in looks.values())
        late = time.monotonic() - start > MAX_SECONDS
        if late or nameless >= MAX_NAMELESS or len(looks) >= MAX_LOOKED_AT:
            flags.add("too_many_files")
            break
        sha256 = hashlib.sha256(part.data).hexdigest()
        if sha256 not in looks:
            looks[sha256] = _look(part, sha256)
    return list(looks.values()), flags


def _look(part: Part, sha256: str) -> Look:
    name = file_name(part.name)
    reading = read(part.data, name)
    torn = {
        v.partition(",")[0]
        for f in reading.findings
        if f.code == "identity_conflict"
        for v in f.params.values()
    }
    return Look(
        name=name,
        data=part.data,
        sha256=sha256,
        kind=reading.kind,
        identity=reading.identity,
        classified=reading.classified or marked(name),
        torn=tuple(sorted(torn)),
        form=bool(reading.tables),
    )


def marked(text: str) -> bool:
    """Does a line of ``text`` consist of a secrecy marking alone (ruling 20)?"""
    text = clean(text[:400_000])
    if _MARKING.search(text):
        return True
    stem = text.rpartition(".")[0] if "\n" not in text else ""
    return bool(stem and (_MARKING.fullmatch(stem.upper()) or _MARKING_ASCII.match(stem)))


def _unpacked(parts: Iterable[Part]) -> Iterable[Part]:
    for part in parts:
        inner = _members(part.data) if part.data[:4] == b"PK\x03\x04" else []
        yield from inner or [part]


def _members(data: bytes) -> list[Part]:
    """The files of a plain .zip; empty for Office files, locked or absurd archives."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir()]
            names = {i.filename for i in infos}
            if names & set(_OFFICE) or len(infos) > MAX_MEMBERS or any(i.flag_bits & 1 for i in infos):
                return []
            wanted = [i for i in infos if not _is_litter(i.filename)]
            if sum(i.file_size for i in wanted) > MAX_UNPACKED:
                return []
            return [Part(file_name(_member_name(i)), _read(archive, i)) for i in wanted]
    except BROKEN_ZIP:
        return []


def _member_name(info: zipfile.ZipInfo) -> str:
    """Without its UTF-8 mark a name was read as CP437; what wrote it meant UTF-8 or Windows-1258."""
    if info.flag_bits & UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        return decode_text(info.filename.encode("cp437"))
    except UnicodeEncodeError:
        return info.filename


def _is_litter(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last.startswith((".", "~$")) or last == "Thumbs.db"


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        data = member.read(MAX_UNPACKED + 1)
    if len(data) > MAX_UNPACKED:
        raise ValueError("archive member is larger than it says")
    return data

"""Read whatever arrived. Bad content becomes a finding; nothing here raises or hangs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from tasks.forms.calamine import read_sheets
from tasks.forms.child import read_in_child
from tasks.forms.docx_text import paragraphs
from tasks.forms.extract import Names, as_text, extract
from tasks.forms.guard import Scan, scan_archive
from tasks.forms.layout import HIDDEN, PROPERTY
from tasks.forms.sheets import Sheet
from tasks.forms.sniff import sniff
from tasks.forms.types import SPREADSHEETS, Identity, Kind, Reading
from tasks.forms.unzip import Archive, Refused
from tasks.rules import legacy_text, viet
from tasks.rules.findings import Finding

MAX_BYTES = 50 * 1024 * 1024  # QĐ 161/2025/QĐ-UBND, Điều 8.4
Item = TypeVar("Item")
_MARKS = frozenset({"mật", "tối mật", "tuyệt mật"})
_HINT = re.compile(r"m\S{1,4}t\b", re.I)  # "mật" composed, decomposed or in a legacy font
_INSTEAD = {
    Kind.PDF: Finding("pdf_instead"),
    Kind.DOCX: Finding("docx_instead"),
    Kind.DOC: Finding("docx_instead"),
    Kind.ARCHIVE: Finding("zip_archive"),
    Kind.IMAGE: Finding("wrong_type", params={"kind": "tệp ảnh"}),
    Kind.UNREADABLE: Finding("wrong_type", params={"kind": "tệp không rõ định dạng"}),
}


def read(data: bytes, name: str) -> Reading:
    """Everything that the file ``data`` (called ``name`` by its sender) says."""
    if len(data) > MAX_BYTES:
        params = {"size": str(len(data) // 1024 // 1024), "limit": str(MAX_BYTES // 1024 // 1024)}
        return Reading(Kind.UNREADABLE, findings=(Finding("too_large", params=params),))
    kind = Kind.UNREADABLE
    try:
        kind, archive = sniff(data, name)
        if kind in SPREADSHEETS:
            return _workbook(data, kind, archive)
        return _other(kind, archive)
    except Refused as refused:
        if refused.code == "empty_file":
            kind = Kind.EMPTY
        elif kind is Kind.WORKBOOK:
            kind = Kind.UNREADABLE
        return Reading(kind, findings=(Finding(refused.code, params=refused.params),))


def _other(kind: Kind, archive: Archive | None) -> Reading:
    """A file that is no workbook; a Word file's text is searched for a mark of secrecy."""
    marked = kind is Kind.DOCX and archive is not None and any(is_mark(p) for p in paragraphs(archive))
    findings = (Finding("classified", was="MẬT"), _INSTEAD[kind]) if marked else (_INSTEAD[kind],)
    return Reading(kind, findings=findings, classified=marked)


def _workbook(data: bytes, kind: Kind, archive: Archive | None) -> Reading:
    findings: list[Finding] = []
    scan: Scan | None = None
    if archive is not None and kind in (Kind.WORKBOOK, Kind.XLSM):
        scan = scan_archive(archive)
        findings += [Finding("macros")] if scan.macros else []
        findings += [Finding("external_links")] if scan.links else []
    sheets = read_sheets(data, scan) if kind is Kind.WORKBOOK else read_in_child(data, kind)
    secret = _classified(sheets)
    hidden = _identity_sheets(sheets)
    identity, doubt = _identity(hidden, scan.properties.get(PROPERTY, "") if scan else "")
    out = extract([s for s in sheets if s.name != HIDDEN], _names([r for rows in hidden for r in rows]))
    findings += [*secret, *doubt, *out.findings]
    if not out.tables:
        findings.append(Finding("unknown_form"))
    said = any(n.section != "remark" for n in out.narrative)
    return Reading(
        kind=kind, identity=identity, blank=not (out.figures or out.progress or said),
        figures=_once(out.figures, lambda f: (f.indicator, f.field, f.value, f.flag, f.raw)),
        progress=_once(out.progress, lambda p: (p.assignment, p.result, p.state, p.difficulty, p.proposal)),
        narrative=_once(out.narrative, lambda n: (n.section, n.key, n.text, n.body)),
        findings=tuple(findings), classified=bool(secret), tables=frozenset(out.tables),
        where=out.where, claims=out.claims, sheets=tuple(s.name for s in sheets),
    )  # fmt: skip


def _once(items: list[Item], says: Callable[[Item], object]) -> tuple[Item, ...]:
    """What a copied sheet says a second time is said once."""
    first: dict[object, Item] = {}
    for item in items:
        first.setdefault(says(item), item)
    return tuple(first.values())


def is_mark(text: str) -> bool:
    """Does a cell or line consist of a mark of secrecy alone (ruling 20)?"""
    if not text or len(text) > 40 or not _HINT.search(text):
        return False
    bare = legacy_text.to_unicode(viet.one_line(text))[0].strip(" ()[]\"'.:;*-–")
    return bare.lower() in _MARKS and bare[:1] == bare[:1].upper()


def _classified(sheets: list[Sheet]) -> list[Finding]:
    for sheet in sheets:
        for row in sheet.rows:
            for value in row:
                if isinstance(value, str) and _HINT.search(value) and any(map(is_mark, value.splitlines())):
                    return [Finding("classified", sheet.name, was=value[:40])]
    return []


def _identity_sheets(sheets: list[Sheet]) -> list[list[list[str]]]:
    """The rows of every identity sheet as texts; known by its first cell, whatever the sheet is called."""
    return [
        [[as_text(v) for v in row] for row in sheet.rows]
        for sheet in sheets
        if sheet.name == HIDDEN or any(row and row[0] == PROPERTY for row in sheet.rows[:1])
    ]


def _identity(identities: list[list[list[str]]], carried: str) -> tuple[Identity | None, list[Finding]]:
    """Identity from the hidden sheets and the custom property; where they differ, none counts.

    A second hidden sheet comes with the sheets of another workbook that a program put together."""
    found = [i for rows in identities if (i := _in_sheet(rows))]
    parts = carried.split("|")
    if len(parts) == 5 and all(parts):
        found.append(Identity(*parts))
    different = list(dict.fromkeys(found))
    if len(different) > 1:
        names = ("one", "two", *map(str, range(3, len(different) + 1)))
        params = {n: f"{i.unit}, {i.round}" for n, i in zip(names, different, strict=True)}
        return None, [Finding("identity_conflict", params=params)]
    return (different[0], []) if different else (None, [Finding("no_identity")])


def _in_sheet(rows: list[list[str]]) -> Identity | None:
    pairs = {row[0]: row[1] for row in rows if len(row) > 1}
    keys = ("plan", "round", "unit", "token", "form")
    return Identity(*(pairs[k] for k in keys)) if all(pairs.get(k) for k in keys) else None


def _names(hidden: list[list[str]]) -> Names:
    names = Names()
    for row in hidden:
        if len(row) > 2 and row[0] in ("indicator", "assignment"):
            names.by_code[row[1].lower()] = row[1]
            names.by_name.setdefault(viet.fold(row[2]), row[1])
            if row[0] == "indicator" and len(row) > 3:
                names.uom[row[1]] = row[3]
    return names

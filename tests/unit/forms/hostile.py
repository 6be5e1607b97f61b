"""Files that want to crash, stall or escape: what arrives from strangers."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping

from tasks.forms.build import build
from tests.unit.forms.samples import filled, spec

GOOD = filled(spec())
SHEET = "xl/worksheets/sheet2.xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def members(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_parts(changes: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    parts = members()
    for name, change in changes.items():
        parts[name] = change if isinstance(change, bytes) else change(parts.get(name, b""))
    return packed(parts)


def sheet(rows: str) -> bytes:
    return with_parts({SHEET: f"<worksheet {_NS}><sheetData>{rows}</sheetData></worksheet>".encode()})


def _doctype(content: bytes) -> bytes:
    head = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return content.replace(b"?>\n", b"?>\n" + head, 1) if b"?>\n" in content else head + content


def _lies_about_size() -> bytes:
    """The directory declares 100 bytes; the stream inflates to 40 MB."""
    data = bytearray(with_parts({SHEET: b"<a>" + b" " * 40_000_000 + b"</a>"}))
    for info in zipfile.ZipFile(io.BytesIO(bytes(data))).infolist():
        if info.filename == SHEET:
            struct.pack_into("<L", data, info.header_offset + 22, 100)
    at = data.find(SHEET.encode(), data.rfind(SHEET.encode()) - 60)
    struct.pack_into("<L", data, at - 46 + 24, 100)
    return bytes(data)


def _encrypted_flag() -> bytes:
    data = bytearray(GOOD)
    data[data.find(b"PK\1\2") + 8] |= 1
    return bytes(data)


def _shared_bomb() -> bytes:
    """One text of 4 MB in a hundred thousand cells: 400 GB when laid out."""
    cells = "".join(f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
                    for r in range(1, 10_001))  # fmt: skip
    text = f"<sst {_NS}><si><t>{'x' * 4_000_000}</t></si></sst>".encode()
    body = f"<worksheet {_NS}><sheetData>{cells}</sheetData></worksheet>".encode()
    return with_parts({"xl/sharedStrings.xml": text, SHEET: body})


def _many_sheets(count: int) -> bytes:
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count + 1))
    rels = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    return with_parts(
        {"xl/workbook.xml": f"<workbook {_NS} {rels}><sheets>{sheets}</sheets></workbook>".encode()}
    )


def _duplicate_member() -> bytes:
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(SHEET.upper(), b"<a/>")
    return buffer.getvalue()


def _nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


def corpus() -> dict[str, tuple[bytes, str, str]]:
    """Name → (bytes, file name, code of the finding that must be among those given)."""
    inner = packed({"a.xlsx": GOOD})
    return {
        "nothing": (b"", "a.xlsx", "empty_file"),
        "pdf": (b"%PDF-1.7\n%\xe2\xe3", "bao cao.xlsx", "pdf_instead"),
        "pdf behind junk": (b"\n\n  %PDF-1.4", "a.xlsx", "pdf_instead"),
        "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.xlsx", "wrong_type"),
        "rar": (b"Rar!\x1a\x07\x00" + b"\0" * 50, "a.xlsx", "zip_archive"),
        "zip of a workbook": (inner, "a.zip", "zip_archive"),
        "word": (packed({"word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}), "a.docx", "docx_instead"),
        "text": (b"hello", "a.xlsx", "wrong_type"),
        "html called xls": (b"<html><table><tr><td>1", "a.xls", "wrong_type"),
        "old word": (OLE + bytes(600) + "WordDocument".encode("utf-16-le") + bytes(600), "a.doc", "docx_instead"),
        "password": (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "a.xlsx", "encrypted"),
        "hollow xls": (OLE + bytes(600) + "Workbook".encode("utf-16-le") + bytes(5000), "a.xls", "corrupt"),
        "cut in half": (GOOD[: len(GOOD) // 2], "a.xlsx", "truncated"),
        "last byte missing": (GOOD[:-1], "a.xlsx", "truncated"),
        "only a zip head": (b"PK\3\4" + bytes(100), "a.xlsx", "truncated"),
        "presentation": (packed({"[Content_Types].xml": b"<x/>", "ppt/presentation.xml": b"<x/>"}), "a.pptx",
                         "wrong_type"),
        "drawing": (packed({"mimetype": b"application/vnd.oasis.opendocument.graphics", "content.xml": b"<x/>"}),
                    "a.odg", "wrong_type"),
        "password of LibreOffice": (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                                            "encrypted-package": b"x"}), "a.ods", "encrypted"),
        "empty zip": (b"PK\5\6" + bytes(18), "a.xlsx", "zip_archive"),
        "encrypted member": (_encrypted_flag(), "a.xlsx", "encrypted"),
        "doctype in a sheet": (with_parts({SHEET: _doctype}), "a.xlsx", "doctype"),
        "doctype in the styles": (with_parts({"xl/styles.xml": _doctype}), "a.xlsx", "doctype"),
        "doctype in a part nobody reads": (with_parts({"xl/extra.xml": _doctype(b"<a/>")}), "a.xlsx", "doctype"),
        "doctype in utf-16": (
            with_parts({SHEET: '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a []><a/>'.encode("utf-16")}),
            "a.xlsx", "doctype"),
        "zip bomb": (with_parts({"xl/media/a.bin": bytes(45_000_000)}), "a.xlsx", "bomb"),
        "too much in total": (
            packed(members() | {f"xl/media/{n}.bin": random.Random(n).randbytes(900_000) for n in range(57)},
                   zipfile.ZIP_STORED), "a.xlsx", "bomb"),
        "declared size is a lie": (_lies_about_size(), "a.xlsx", "bomb"),
        "shared text bomb": (_shared_bomb(), "a.xlsx", "bomb"),
        "three thousand members": (packed({f"f{n}": b"" for n in range(3000)}), "a.xlsx", "bomb"),
        "sparse giant": (
            sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
            "a.xlsx", "too_many_cells"),
        "giant address": (sheet('<row r="1"><c r="ZZZZ1"><v>1</v></c></row>'), "a.xlsx", "corrupt"),
        "row beyond the sheet": (sheet('<row r="9"><c r="A99999999999"><v>1</v></c></row>'), "a.xlsx", "corrupt"),
        "address in small letters": (sheet('<row r="1"><c r="a1"><v>1</v></c></row>'), "a.xlsx", "corrupt"),
        "shared text that is not there": (sheet('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'), "a.xlsx", "corrupt"),
        "twenty thousand sheets": (_many_sheets(20_000), "a.xlsx", "too_many_sheets"),
        "one part for all sheets": (_many_sheets(3), "a.xlsx", ""),
        "path upwards": (packed(members() | {"../../etc/cron.d/x": b"x"}), "a.xlsx", "unsafe_names"),
        "absolute path": (packed(members() | {"/etc/passwd": b"x"}), "a.xlsx", "unsafe_names"),
        "windows path": (packed(members() | {"C:\\x.dll": b"x"}), "a.xlsx", "unsafe_names"),
        "same part twice": (_duplicate_member(), "a.xlsx", "unsafe_names"),
        "not xml": (with_parts({SHEET: b"\x00\x01\x02"}), "a.xlsx", "corrupt"),
        "deep nesting": (with_parts({SHEET: _nested(200_000)}), "a.xlsx", ""),
        "no workbook part": (packed({k: v for k, v in members().items() if k != "xl/workbook.xml"}), "a.xlsx",
                             "zip_archive"),
        "macros": (packed(members() | {"xl/vbaProject.bin": OLE}), "a.xlsx", "macros"),
        "macros, called xlsm": (packed(members() | {"xl/vbaProject.bin": OLE}), "a.xlsm", "macros"),
        "links to other files": (packed(members() | {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "a.xlsx",
                                 "external_links"),
        "hollow ods": (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}),
                       "a.ods", "corrupt"),
        "ods with a doctype": (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                                       "content.xml": _doctype(b"<a/>")}), "a.ods", "doctype"),
        "csv of nothing": (b"\xef\xbb\xbf", "a.csv", "unknown_form"),
        "endless csv": (b"a;" * 2_000_000, "a.csv", "too_many_cells"),
        "another workbook": (build(spec())[:0] + packed(members() | {
            SHEET: f"<worksheet {_NS}><sheetData/></worksheet>".encode()}), "a.xlsx", ""),
    }  # fmt: skip


def mutations(seed: int, count: int) -> list[bytes]:
    """``GOOD`` with bytes changed, cut, repeated; half of them inside a part, with right checksums."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        if n % 2:
            parts = members()
            name = rng.choice(sorted(parts))
            parts[name] = mutated(parts[name], rng)
            made.append(packed(parts))
        else:
            made.append(mutated(GOOD, rng))
    return made


def mutated(data: bytes, rng: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        kind, at = rng.randrange(4), rng.randrange(max(1, len(content)))
        if kind == 0 and content:
            content[at % len(content)] = rng.randrange(256)
        elif kind == 1:
            del content[at : at + rng.randint(1, 60)]
        elif kind == 2:
            content[at:at] = content[at : at + rng.randint(1, 60)]
        else:
            content[at:at] = rng.choice(
                [b"<", b">", b"\0", b"&", b"9999999999", b"<c r='XFD1048576'><v>1</v></c>", b"]]>"]
            )
    return bytes(content)

"""The guard before calamine: an .xlsx is parsed by expat, every part of it, before it is read.

It refuses what would crash or stall the reader (sparse giants, bombs, DOCTYPE), and collects what
the reader drops: error cells, formulas without a stored result, cells shown as a percentage.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from tasks.forms.sheets import Place, column_index, parse_address
from tasks.forms.unzip import Archive, Refused, open_archive
from tasks.forms.xmlscan import check_xml, elements, new_parser, parse

MAX_SHEETS = 64
MAX_AREA = 1_000_000  # cells of the box around a sheet's content: what calamine lays out in memory
MAX_CELLS = 400_000
MAX_TEXT_COPIES = 256 * 1024 * 1024  # cells × longest shared text
_BUILTIN_PERCENT = {9, 10}
_QUOTED = re.compile(r'"[^"]*"|\\.')
_LETTERS = re.compile(r"[A-Z]{1,3}$")


@dataclass
class SheetScan:
    """What expat saw in one sheet."""

    cells: int = 0
    letters: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    percent: set[Place] = field(default_factory=set)
    special: dict[Place, str] = field(default_factory=dict)


@dataclass
class Scan:
    """``sheets``: name → what was seen, in the workbook's order; ``links``: formulas into other files."""

    sheets: dict[str, SheetScan]
    macros: bool = False
    links: bool = False
    properties: dict[str, str] = field(default_factory=dict)


def scan(data: bytes) -> Scan:
    """Guard the .xlsx (or .xlsm) ``data``. Raises ``Refused``."""
    return scan_archive(open_archive(data))


def scan_archive(archive: Archive) -> Scan:
    names = {name.lower(): name for name in archive.members}
    if "xl/workbook.xml" not in names:
        raise Refused("corrupt", detail="không có sổ làm việc")
    targets = _targets(
        archive.read(names["xl/workbook.xml"]), _read(archive, names, "xl/_rels/workbook.xml.rels")
    )
    if len(targets) > MAX_SHEETS:
        raise Refused("too_many_sheets", count=str(len(targets)), limit=str(MAX_SHEETS))
    percent = _percent_styles(_read(archive, names, "xl/styles.xml"))
    seen: dict[str, SheetScan] = {}
    for lower, name in names.items():
        if lower in targets.values():
            seen[lower] = _scan_sheet(archive.read(name), percent)
        elif lower.endswith((".xml", ".rels")):
            check_xml(archive.read(name))
        elif lower.endswith(".vml"):
            _check_drawing(archive.read(name))
    shared = (
        archive.members[names["xl/sharedstrings.xml"]].file_size if "xl/sharedstrings.xml" in names else 0
    )
    cells = sum(s.cells for s in seen.values())
    if cells > MAX_CELLS or cells * min(shared, _longest(archive, names, shared, cells)) > MAX_TEXT_COPIES:
        raise Refused("bomb")
    return Scan(
        {name: seen[part] for name, part in targets.items() if part in seen},
        macros=any(n.endswith("vbaproject.bin") or n.startswith("xl/macrosheets/") for n in names),
        links=any(n.startswith("xl/externallinks/") for n in names),
        properties=_properties(_read(archive, names, "docprops/custom.xml")),
    )


def _check_drawing(content: bytes) -> None:
    """Excel itself writes an unclosed ``<br>`` into text boxes, which nobody reads; no DOCTYPE though."""
    try:
        check_xml(content)
    except Refused as refused:
        if refused.code != "corrupt":
            raise


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name → the member that holds it, of an archive that passed the guard."""
    names = {name.lower(): name for name in archive.members}
    relations = _read(archive, names, "xl/_rels/workbook.xml.rels")
    targets = _targets(archive.read(names["xl/workbook.xml"]), relations)
    return {sheet: names[part] for sheet, part in targets.items() if part in names}


def _read(archive: Archive, names: dict[str, str], lower: str) -> bytes:
    return archive.read(names[lower]) if lower in names else b""


def _targets(workbook: bytes, relations: bytes) -> dict[str, str]:
    """Sheet name → its part's lower-case name."""
    parts = {}
    for _, attributes, _text in elements(relations, "Relationship"):
        target = unquote(attributes.get("Target", ""))
        if attributes.get("TargetMode") != "External":
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            parts[attributes.get("Id", "")] = path.lower()
    return {
        attributes.get("name", ""): parts.get(attributes.get("id", ""), "")
        for _, attributes, _text in elements(workbook, "sheet")
    }


def _percent_styles(styles: bytes) -> set[str]:
    """Indexes (as attribute text) of the cell styles that show a percentage."""
    percent = set(_BUILTIN_PERCENT)
    indexes: set[str] = set()
    count, inside = 0, False

    def start(name: str, attributes: list[str]) -> None:
        nonlocal count, inside
        local = name.rsplit(":", 1)[1] if ":" in name else name
        if local == "numFmt":
            pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
            if "%" in _QUOTED.sub("", pairs.get("formatCode", "")) and pairs.get("numFmtId", "").isdigit():
                percent.add(int(pairs["numFmtId"]))
        elif local in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            inside = local == "cellXfs"
        elif local == "xf" and inside:
            pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
            number = pairs.get("numFmtId", "0")
            if number.isdigit() and int(number) in percent:
                indexes.add(str(count))
            count += 1

    if styles:
        parser = new_parser()
        parser.StartElementHandler = start
        parse(parser, styles)
    return indexes


def _properties(custom: bytes) -> dict[str, str]:
    """Custom properties of the document, as texts."""
    return {a.get("name", ""): text for _, a, text in elements(custom, "property")}


def _longest(archive: Archive, names: dict[str, str], shared: int, cells: int) -> int:
    """Bytes of the longest shared text; measured only where the cheap bound is not enough."""
    if cells * shared <= MAX_TEXT_COPIES:
        return shared
    texts = elements(_read(archive, names, "xl/sharedstrings.xml"), "si")
    return max((len(text) for _, _, text in texts), default=0) * 4


def _scan_sheet(content: bytes, percent: set[str]) -> SheetScan:
    scanner = _SheetScanner(percent)
    parser = scanner.parser = new_parser()
    parser.ordered_attributes = False  # a mapping, made by expat, is quicker asked than a list
    parser.StartElementHandler = scanner.start
    parse(parser, content)
    scanner.finish()
    _check_area(scanner.seen)
    return scanner.seen


def _check_area(seen: SheetScan) -> None:
    """Refuse a box around the content that calamine would lay out cell by cell."""
    if not seen.letters:
        return
    if not all(_LETTERS.match(x) for x in seen.letters) or not all(
        x.isascii() and x.isdigit() for x in seen.numbers
    ):
        raise Refused("corrupt", detail="địa chỉ ô không hợp lệ")
    columns = [column_index(x) for x in seen.letters]
    rows = [int(x) for x in seen.numbers if len(x) < 9] or [0]
    height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
    if len(rows) != len(seen.numbers) or min(rows) < 1 or max(rows) > 1_048_576 or max(columns) > 16_383:
        raise Refused("corrupt", detail="địa chỉ ô không hợp lệ")
    if height * width > MAX_AREA:
        last = max(seen.letters, key=column_index)
        raise Refused("too_many_cells", cell_seen=f"{last}{max(rows)}")


class _SheetScanner:
    """Expat's handler for one sheet. Only cells with content count; styled empty ones are many."""

    parser: expat.XMLParserType

    def __init__(self, percent: set[str]) -> None:
        self.seen = SheetScan()
        self._percent = percent
        self._ref = ""
        self._error = self._text_result = self._stored = False
        self._formula: list[str] | None = None
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            if self._error or self._formula is not None:
                self.finish()
            self._cell(attributes)
        elif name == "v" or name == "is":
            self._content()
            self._stored = True
            if self._error or self._formula is not None:
                self._text = []
                self.parser.CharacterDataHandler = self._text.append
        elif name == "f":
            self._content()
            self._formula = self._text = []
            self.parser.CharacterDataHandler = self._formula.append
        elif ":" in name:
            self.start(name.rsplit(":", 1)[1], attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        ref = self._ref = attributes.get("r", "")
        kind = attributes.get("t", "")
        self._error, self._text_result, self._stored = kind == "e", kind == "str", False
        if ref and attributes.get("s", "") in self._percent and kind in ("", "n"):
            self.seen.percent.add(_place(ref))

    def _content(self) -> None:
        """The current cell has content: remember its column and row for the box."""
        ref = self._ref
        if not ref:
            raise Refused("corrupt", detail="ô không có địa chỉ")
        letters = ref.rstrip("0123456789")
        self.seen.letters.add(letters)
        self.seen.numbers.add(ref[len(letters) :])
        self.seen.cells += 1

    def finish(self) -> None:
        """Close a cell whose text was wanted."""
        self.parser.CharacterDataHandler = None
        if not self._ref or not (self._error or self._formula is not None):
            return
        formula = self._formula
        value = "" if self._text is formula else "".join(self._text).strip()
        if self._error:
            self.seen.special[_place(self._ref)] = value or "#N/A"
        elif not value and not (self._text_result and self._stored):  # =IF(…;"") has a result: nothing
            self.seen.special[_place(self._ref)] = "=" + ("".join(formula or []).strip() or "…")
        self._error, self._formula = False, None


def _place(ref: str) -> Place:
    try:
        return parse_address(ref)
    except ValueError as error:
        raise Refused("corrupt", detail="địa chỉ ô không hợp lệ") from error

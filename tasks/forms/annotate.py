"""The unit's own workbook, given back with the cells in question coloured and commented.

Only styles and comments are added; no value, formula or stored result is touched. That is why the
parts are edited as XML: loading and saving with a library would drop stored results and drawings.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from lxml import etree

from tasks.forms.comments import add_comments
from tasks.forms.guard import scan_archive, sheet_parts
from tasks.forms.kinds import Kind
from tasks.forms.ooxml import MAIN, Package, q
from tasks.forms.sheets import column_index, parse_address
from tasks.forms.sniff import sniff
from tasks.forms.unzip import Refused
from tasks.rules.findings import Finding, Severity, severity, wording

COLOURS = {Severity.MUST_FIX: "FFFFC7CE", Severity.PLEASE_EXPLAIN: "FFFFEB9C"}
_FIRST = "A1"  # where findings without a cell are written
MOST = 2_000  # findings that are marked: nobody reads more, and a form with rows without end has them


def annotate(data: bytes, name: str, findings: Iterable[Finding]) -> bytes | None:
    """``data`` with marks and comments; ``None`` where it is no .xlsx that passes the guard."""
    try:
        kind, archive = sniff(data, name)
        if kind is not Kind.WORKBOOK or archive is None:
            return None
        scan_archive(archive)
        parts = sheet_parts(archive)
        package = Package({n: archive.read(n) for n in archive.members if not n.endswith("/")})
        for sheet, wanted in _by_sheet(findings, list(parts)).items():
            _mark(package, parts[sheet], wanted)
    except (Refused, etree.LxmlError, KeyError, ValueError, IndexError):
        return None
    return package.pack({n: i.date_time for n, i in archive.members.items()})


def _by_sheet(findings: Iterable[Finding], sheets: list[str]) -> dict[str, dict[str, list[Finding]]]:
    """Sheet → cell → findings. What has no cell stands at the top of its sheet, or of the first."""
    places: dict[str, dict[str, list[Finding]]] = {}
    for finding in islice(findings, MOST):
        sheet = finding.sheet if finding.sheet in sheets else sheets[0]
        cell = finding.cell if finding.sheet in sheets and _is_cell(finding.cell) else _FIRST
        places.setdefault(sheet, {}).setdefault(cell, []).append(finding)
    return places


def _is_cell(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def _mark(package: Package, part: str, wanted: dict[str, list[Finding]]) -> None:
    """Colour the cells of one sheet and write the comments."""
    rows = _Rows(package.xml(part))
    styles = _Styles(package)
    for address, findings in wanted.items():
        fixes = any(severity(f) is Severity.MUST_FIX for f in findings)
        cell = rows.cell(address)
        level = Severity.MUST_FIX if fixes else Severity.PLEASE_EXPLAIN
        cell.set("s", str(styles.coloured(int(cell.get("s", "0")), COLOURS[level])))
    texts = {address: "\n".join(wording(f) for f in findings) for address, findings in wanted.items()}
    add_comments(package, part, texts)


class _Rows:
    """The rows of one sheet by their numbers: looking for each anew takes hours in a long sheet."""

    def __init__(self, root: etree._Element) -> None:
        data = root.find(q("sheetData"))
        if data is None:
            raise KeyError("sheetData")
        self._data = data
        self._rows = {int(row.get("r", "0")): row for row in data}

    def cell(self, address: str) -> etree._Element:
        """The cell at ``address``, made where the sheet does not have it."""
        place = parse_address(address)
        row = self._row(place[0] + 1)
        for position, cell in enumerate(row):
            reference = cell.get("r", "")
            if reference == address:
                return cell
            if column_index(reference.rstrip("0123456789")) > place[1]:
                return _insert(row, position, q("c"), address)
        return _insert(row, len(row), q("c"), address)

    def _row(self, number: int) -> etree._Element:
        if number not in self._rows:
            before = sum(n < number for n in self._rows)
            self._rows[number] = _insert(self._data, before, q("row"), str(number))
        return self._rows[number]


def _insert(parent: etree._Element, position: int, tag: str, reference: str) -> etree._Element:
    element = etree.Element(tag, r=reference)
    parent.insert(position, element)
    return element


class _Styles:
    """Copies of cell styles that differ in their fill only."""

    def __init__(self, package: Package) -> None:
        self._root = package.xml(package.find("xl/styles.xml"))
        self._made: dict[tuple[int, str], int] = {}

    def coloured(self, style: int, colour: str) -> int:
        """Index of style ``style`` filled with ``colour`` (ARGB)."""
        if (style, colour) not in self._made:
            formats = self._root.find(q("cellXfs"))
            if formats is None:
                raise KeyError("cellXfs")
            base = formats[style] if style < len(formats) else formats[0]
            copy = etree.fromstring(etree.tostring(base))
            copy.set("fillId", str(self._fill(colour)))
            copy.set("applyFill", "1")
            formats.append(copy)
            formats.set("count", str(len(formats)))
            self._made[style, colour] = len(formats) - 1
        return self._made[style, colour]

    def _fill(self, colour: str) -> int:
        fills = self._root.find(q("fills"))
        if fills is None:
            raise KeyError("fills")
        for index, fill in enumerate(fills):
            front = fill.find(f"{q('patternFill')}/{q('fgColor')}")
            if front is not None and front.get("rgb") == colour:
                return index
        xml = (
            f'<fill xmlns="{MAIN}"><patternFill patternType="solid"><fgColor rgb="{colour}"/>'
            '<bgColor indexed="64"/></patternFill></fill>'
        )
        fills.append(etree.fromstring(xml))
        fills.set("count", str(len(fills)))
        return len(fills) - 1

"""An .ods: guarded like an .xlsx, and its percentages and errors found beside calamine's values."""

from __future__ import annotations

from tasks.forms.guard import MAX_AREA
from tasks.forms.sheets import Place, Sheet
from tasks.forms.unzip import Archive, Refused, open_archive
from tasks.forms.xmlscan import check_xml, new_parser, parse

MAX_REPEAT = 16_384
_ERRORS = ("#", "Err:")


def check_ods(data: bytes) -> Archive:
    """Its members, every XML part checked. Raises ``Refused``."""
    archive = open_archive(data)
    for name in archive.members:
        if name.lower().endswith((".xml", ".rdf")):
            check_xml(archive.read(name))
    if "META-INF/manifest.xml" in archive.members and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise Refused("encrypted")
    return archive


def mark(sheets: list[Sheet], archive: Archive) -> list[Sheet]:
    """``sheets`` with percentages and error texts from content.xml."""
    walker = _Walker()
    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = walker.start, walker.end
    parser.CharacterDataHandler = walker.text
    parse(parser, archive.read("content.xml"))
    for sheet in sheets:
        sheet.percent = walker.percent.get(sheet.name, set())
        sheet.special = walker.errors.get(sheet.name, {})
    return sheets


class _Walker:
    """Follows rows, columns and their repeats through content.xml."""

    def __init__(self) -> None:
        self.percent: dict[str, set[Place]] = {}
        self.errors: dict[str, dict[Place, str]] = {}
        self._name, self._row, self._col = "", 0, 0
        self._row_repeat, self._col_repeat = 1, 1
        self._formula, self._shown = False, ""
        self._seen = 0

    def start(self, name: str, attributes: list[str]) -> None:
        if name == "table:table":
            self._name, self._row = (
                dict(zip(attributes[::2], attributes[1::2], strict=True)).get("table:name", ""),
                0,
            )
        elif name == "table:table-row":
            self._row_repeat, self._col = _repeat(attributes, "table:number-rows-repeated"), 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._start_cell(dict(zip(attributes[::2], attributes[1::2], strict=True)), attributes)

    def _start_cell(self, pairs: dict[str, str], attributes: list[str]) -> None:
        self._col_repeat = _repeat(attributes, "table:number-columns-repeated")
        self._formula, self._shown = "table:formula" in pairs, ""
        content = "office:value-type" in pairs
        if content:
            self._seen += min(self._row_repeat, 2 * MAX_AREA) * self._col_repeat
            if self._seen > MAX_AREA:
                raise Refused("too_many_cells", cell_seen=f"dòng {self._row + 1}")
        if pairs.get("office:value-type") == "percentage" and self._row_repeat <= MAX_REPEAT:
            places = self.percent.setdefault(self._name, set())
            for col in range(self._col, self._col + min(self._col_repeat, MAX_REPEAT)):
                places.update((row, col) for row in range(self._row, self._row + self._row_repeat))

    def text(self, data: str) -> None:
        if self._formula:
            self._shown += data

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            if self._formula and self._shown.strip().startswith(_ERRORS):
                self.errors.setdefault(self._name, {})[(self._row, self._col)] = self._shown.strip()
            self._formula = False
            self._col += self._col_repeat
        elif name == "table:table-row":
            self._row += self._row_repeat


def _repeat(attributes: list[str], key: str) -> int:
    for k in range(0, len(attributes), 2):
        if attributes[k] == key and attributes[k + 1].isdigit():
            return int(attributes[k + 1][:9])
    return 1

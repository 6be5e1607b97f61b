"""Building blocks of a document in the form of Nghị định 30/2020/NĐ-CP, Phụ lục I.

Used by ``make_templates.py`` only. Measures: points for type, millimetres for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
PAGE, MARGINS = (210, 297), {"top": 20, "bottom": 20, "left": 30, "right": 15}
TEXT_WIDTH = 165  # 210 - 30 - 15
LANDSCAPE_WIDTH = 247  # 297 - 20 - 30
BODY = 14


def element(tag: str, **attributes: object) -> Any:
    """<w:tag w:name="value"/>"""
    node = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        node.set(qn(f"w:{name.rstrip('_')}"), str(value))
    return node


def new_document() -> Any:
    doc = Document()
    for paragraph in list(doc.paragraphs):
        paragraph._element.getparent().remove(paragraph._element)
    _normal(doc)
    for name, options in STYLES.items():
        _style(doc, name, **options)
    _page(doc.sections[0])
    _unstretched(doc)
    return doc


def _unstretched(doc: Any) -> None:
    """A unit's own line break ends a justified line without drawing its words apart."""
    doc.settings.element.find(qn("w:compat")).insert(0, element("doNotExpandShiftReturn"))


STYLES: dict[str, dict[str, Any]] = {
    # body: justified, first line 1,27 cm, at least 6 pt between paragraphs, spacing single to 1,5
    "VB Đoạn": {"align": ALIGN.JUSTIFY, "indent": 12.7, "before": 6, "line": 1.0},
    "VB Gạch": {"align": ALIGN.JUSTIFY, "indent": 12.7, "before": 6, "line": 1.0},
    "VB Mục": {"bold": True, "indent": 12.7, "before": 6, "line": 1.0, "keep": True, "align": ALIGN.JUSTIFY},
    "VB Khoản": {
        "bold": True,
        "indent": 12.7,
        "before": 6,
        "line": 1.0,
        "keep": True,
        "align": ALIGN.JUSTIFY,
    },
    "VB Giữa": {"align": ALIGN.CENTER},
    "VB Bảng": {"size": 11, "before": 1, "after": 1},
    "VB Bảng giữa": {"size": 11, "before": 1, "after": 1, "align": ALIGN.CENTER},
    "VB Bảng số": {"size": 11, "before": 1, "after": 1, "align": ALIGN.RIGHT},
    "VB Nơi nhận": {"size": 11},
    "VB Ghi chú": {"size": 12, "italic": True, "before": 4, "align": ALIGN.JUSTIFY},
}


def _fonts(properties: Any) -> None:
    fonts = properties.get_or_add_rFonts()
    for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{slot}"), FONT)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _normal(doc: Any) -> None:
    normal = doc.styles["Normal"]
    normal.font.size = Pt(BODY)
    properties = normal.element.get_or_add_rPr()
    _fonts(properties)
    properties.append(element("lang", val="vi-VN", eastAsia="vi-VN", bidi="vi-VN"))
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.widow_control = True
    defaults = doc.styles.element.find(qn("w:docDefaults"))
    for lang in defaults.iter(qn("w:lang")):
        for slot in ("val", "eastAsia", "bidi"):
            lang.set(qn(f"w:{slot}"), "vi-VN")


def _style(
    doc: Any, name: str, *, align: Any = None, indent: float = 0, before: float = 0, after: float = 0,
    line: float = 1.0, size: float = BODY, bold: bool = False, italic: bool = False, keep: bool = False,
) -> None:  # fmt: skip
    style = doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = doc.styles["Normal"]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, italic
    form = style.paragraph_format
    form.alignment, form.line_spacing = align, line
    form.first_line_indent = Mm(indent)
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.keep_with_next, form.widow_control = keep, True


def _page(section: Any, *, landscape: bool = False) -> None:
    """A4, margins 20/20/30/15; page number centred in the top margin, not on page 1, from 1."""
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    for side, size in MARGINS.items():
        setattr(section, f"{side}_margin", Mm(size))
    section.orientation = WD_ORIENT.PORTRAIT
    if landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(PAGE[1]), Mm(PAGE[0])
        section.left_margin, section.right_margin = Mm(20), Mm(30)
        section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    numbers = section._sectPr.find(qn("w:pgNumType"))
    if numbers is None:
        numbers = element("pgNumType")
        section._sectPr.append(numbers)
    numbers.set(qn("w:start"), "1")


def page_numbers(doc: Any) -> None:
    """The header with the page number; later sections inherit it."""
    paragraph = doc.sections[0].header.paragraphs[0]
    paragraph.style = doc.styles["VB Giữa"]
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(13)
        if kind:
            run._element.append(element("fldChar", fldCharType=kind))
        else:
            code = element("instrText")
            code.text = text
            run._element.append(code)


def new_section(doc: Any, *, landscape: bool) -> None:
    """A new page set-up; the paragraph that ends the old one takes no room."""
    section = doc.add_section(WD_SECTION.NEW_PAGE)
    _flat(doc.paragraphs[-1])
    _page(section, landscape=landscape)


def _flat(paragraph: Any) -> None:
    paragraph.paragraph_format.line_spacing = Pt(1)
    mark = element("rPr")
    mark.append(element("sz", val=2))
    paragraph._element.get_or_add_pPr().insert_element_before(mark, "w:sectPr", "w:pPrChange")


def text(
    where: Any, words: str, *, size: float | None = None, bold: bool = False, italic: bool = False,
    align: Any = None, before: float = 0, style: str | None = None, keep: bool = False,
) -> Any:  # fmt: skip
    """Append a paragraph; in a fresh cell its empty first paragraph is used."""
    paragraphs = getattr(where, "paragraphs", [])
    fresh = where.__class__.__name__ == "_Cell" and len(paragraphs) == 1 and not paragraphs[0].runs
    paragraph = paragraphs[0] if fresh else where.add_paragraph()
    if style:
        paragraph.style = style
    run = paragraph.add_run(words)
    run.bold, run.italic = bold or None, italic or None
    if size:
        run.font.size = Pt(size)
    form = paragraph.paragraph_format
    if align is not None:
        form.alignment = align
    if before:
        form.space_before = Pt(before)
    if keep:
        form.keep_with_next = True
    return paragraph


def rule(where: Any, width: float, room: float, *, before: float = 0, keep: bool = False) -> None:
    """A solid line ``width`` mm long, centred in ``room`` mm: the border of an almost flat paragraph."""
    paragraph = text(where, "", before=before, keep=keep)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm((room - width) / 2)
    form.line_spacing = Pt(2)
    border = element("pBdr")
    border.append(element("bottom", val="single", sz=6, space=0, color="000000"))
    properties = paragraph._element.get_or_add_pPr()
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    mark = element("rPr")
    mark.append(element("sz", val=4))
    properties.append(mark)


def layout(doc: Any, *widths: float) -> Sequence[Any]:
    """One row of cells without borders or inner margins, fixed widths; never split over pages."""
    table = doc.add_table(1, len(widths))
    _fixed(table, widths, border=False)
    table.rows[0]._tr.get_or_add_trPr().append(element("cantSplit"))
    return table.rows[0].cells


def _fixed(table: Any, widths: Sequence[float], *, border: bool) -> None:
    properties = table._tbl.tblPr
    table.autofit = False
    for old in properties.findall(qn("w:tblW")):
        properties.remove(old)
    properties.append(element("tblW", w=int(sum(widths) * 56.7), type="dxa"))
    if border:
        borders = element("tblBorders")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            borders.append(element(side, val="single", sz=4, space=0, color="000000"))
        properties.append(borders)
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=60 if border else 0, type="dxa"))
    properties.append(margins)
    _ordered(properties)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


TBLPR = ("tblStyle", "tblW", "jc", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook")


def _ordered(properties: Any) -> None:
    """Word refuses children of tblPr in another order than the schema's."""
    rank = {qn(f"w:{name}"): n for n, name in enumerate(TBLPR)}
    for child in sorted(properties, key=lambda c: rank.get(c.tag, 99)):
        properties.remove(child)
        properties.append(child)


def grid(
    doc: Any, widths: Sequence[float], headings: Sequence[str], loop: str, cells: Sequence[str],
    *, styles: Sequence[str] = (), group: str = "",
) -> None:  # fmt: skip
    """A table that docxtpl repeats: a heading row (repeated on every page), then a row per item.

    ``loop``: "r in phu_luc_1"; with ``group`` ("nhom") each item of the outer loop has a merged
    row of its own before its rows.
    """
    table = doc.add_table(1, len(widths))
    _fixed(table, widths, border=True)
    for cell, words in zip(table.rows[0].cells, headings, strict=True):
        text(cell, words, bold=True, style="VB Bảng giữa", keep=True)
    top = table.rows[0]._tr.get_or_add_trPr()
    top.append(element("cantSplit"))
    top.append(element("tblHeader"))
    if group:
        _control(table, f"{{%tr for {group} in {loop.split(' in ')[1]} %}}", widths)
        _group_row(table, f"{{{{ {group}.ten }}}}", widths)
        loop = f"{loop.split(' in ')[0]} in {group}.dong"
    _control(table, f"{{%tr for {loop} %}}", widths)
    row = _row(table, widths)
    for n, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
        text(cell, words, style=styles[n] if styles else "VB Bảng")
    _control(table, "{%tr endfor %}", widths)
    if group:
        _control(table, "{%tr endfor %}", widths)


def _row(table: Any, widths: Sequence[float]) -> Any:
    row = table.add_row()
    row._tr.get_or_add_trPr().append(element("cantSplit"))
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Mm(width)
    return row


def _control(table: Any, words: str, widths: Sequence[float]) -> None:
    text(_row(table, widths).cells[0], words, style="VB Bảng")


def _group_row(table: Any, words: str, widths: Sequence[float]) -> None:
    row = _row(table, widths)
    merged = row.cells[0].merge(row.cells[-1])
    text(merged, words, bold=True, style="VB Bảng", keep=True)

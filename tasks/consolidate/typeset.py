"""A PDF without an office suite: the finished .docx read back and set by typst.

Understands what our templates use: paragraphs, alignment, bold and italic, tables with merged
cells, pictures, sections. Every text travels as a string literal, never as markup.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

FONTS = '("Times New Roman", "Liberation Serif", "Tinos", "DejaVu Serif", "Libertinus Serif")'
ALIGN = {"CENTER": "center", "RIGHT": "right", "JUSTIFY": "left", "LEFT": "left"}
EMU_MM = 36_000
# the page number, centred in the top margin, not on the first page of a section
NUMBER = (
    "context { let n = counter(page).get().first(); "
    "if n > 1 { align(center, text(13pt)[#n]) } }"
)


def typeset(docx: bytes, at: datetime) -> bytes:
    """The PDF; the same document and ``at`` give the same bytes."""
    import typst
    from docx import Document

    document = Document(io.BytesIO(docx))
    with tempfile.TemporaryDirectory(prefix="dondoc-typst-") as folder:
        lines = [
            f'#set text(font: {FONTS}, size: 14pt, lang: "vi", fallback: true)',
            "#set par(spacing: 0.9em, leading: 0.62em)",
            *_sections(document, Path(folder)),
        ]
        source = Path(folder) / "document.typ"
        source.write_text("\n".join(lines), encoding="utf-8")
        made = typst.compile(str(source), root=folder, format="pdf", timestamp=int(at.timestamp()))
    assert isinstance(made, bytes)
    return made


def literal(text: str) -> str:
    """A typst string: what a unit wrote cannot become a command."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", " ")
    return f'"{escaped}"'


def _sections(document: Any, folder: Path) -> Iterator[str]:
    """One page set-up per section: numbers start again, none on its first page."""
    blocks: list[list[str]] = [[]]
    for item in document.iter_inner_content():
        blocks[-1].extend(_block(document, item, folder))
        if item._element.xpath("./w:pPr/w:sectPr"):
            blocks.append([])
    for section, lines in zip(document.sections, blocks, strict=False):
        sides = ", ".join(
            f"{side}: {getattr(section, f'{side}_margin').mm:.0f}mm"
            for side in ("top", "bottom", "left", "right")
        )
        size = f"width: {section.page_width.mm:.0f}mm, height: {section.page_height.mm:.0f}mm"
        yield f"#set page({size}, margin: ({sides}), header: {NUMBER})"
        yield "#counter(page).update(1)"
        yield from lines


def _block(document: Any, item: Any, folder: Path) -> Iterator[str]:
    if item.__class__.__name__ == "Table":
        yield _table(document, item, folder)
    elif item._element.xpath("./w:pPr/w:pBdr"):
        yield "#align(center, line(length: 40mm, stroke: 0.6pt))"
    else:
        yield _paragraph(document, item, folder)


def _paragraph(document: Any, paragraph: Any, folder: Path) -> str:
    runs = "".join(_run(document, paragraph, r, folder) for r in paragraph.runs)
    style = paragraph.style
    align = paragraph.alignment if paragraph.alignment is not None else style.paragraph_format.alignment
    name = getattr(align, "name", "LEFT")
    indent = style.paragraph_format.first_line_indent
    first = f"#h({indent.mm:.1f}mm)" if indent and indent > 0 and runs else ""
    justify = "true" if name == "JUSTIFY" else "false"
    return f"#align({ALIGN.get(name, 'left')})[#par(justify: {justify})[{first}{runs}]]"


def _run(document: Any, paragraph: Any, run: Any, folder: Path) -> str:
    pictures = "".join(_picture(document, p, folder) for p in run._element.xpath(".//pic:pic"))
    text = run.text
    if not text:
        return pictures
    style = paragraph.style.font
    size = (run.font.size or style.size).pt if run.font.size or style.size else 14
    bold = run.bold if run.bold is not None else style.bold
    italic = run.italic if run.italic is not None else style.italic
    weight = "bold" if bold else "regular"
    slant = "italic" if italic else "normal"
    return f'{pictures}#text(size: {size:g}pt, weight: "{weight}", style: "{slant}", {literal(text)})'


def _picture(document: Any, picture: Any, folder: Path) -> str:
    part = document.part.related_parts[picture.xpath(".//a:blip/@r:embed")[0]]
    target = folder / Path(part.partname).name
    target.write_bytes(part.blob)
    width = int(picture.xpath(".//a:ext/@cx")[0]) / EMU_MM
    return f'#image("{target.name}", width: {width:.0f}mm)'


def _table(document: Any, table: Any, folder: Path) -> str:
    """Rows with their own cells only (a merged cell once), the heading repeated."""
    widths = ", ".join(f"{int(c.get(_w('w'))) / 56.7:.1f}fr" for c in table._tbl.tblGrid.gridCol_lst)
    border = "0.5pt" if table._tbl.tblPr.xpath("./w:tblBorders") else "none"
    head: list[str] = []
    body: list[str] = []
    for row in table.rows:
        place = head if row._tr.xpath("./w:trPr/w:tblHeader") else body
        for cell in _cells(row):
            inner = "".join(_paragraph(document, p, folder) if not p._element.xpath("./w:pPr/w:pBdr")
                            else "#align(center, line(length: 40%, stroke: "
                                 "0.6pt))" for p in cell.paragraphs)  # fmt: skip
            place.append(f"table.cell(colspan: {cell.grid_span})[{inner}]")
    header = f"table.header({', '.join(head)}), " if head else ""
    inset = "3pt" if border != "none" else "0pt"
    return f"#table(columns: ({widths},), stroke: {border}, inset: {inset}, {header}{', '.join(body)})"


def _cells(row: Any) -> Iterator[Any]:
    seen = None
    for cell in row.cells:
        if cell._tc is not seen:
            seen = cell._tc
            yield cell


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))

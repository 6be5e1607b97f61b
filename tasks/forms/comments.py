"""Comments in a sheet: the comments part, and the drawing that Excel wants beside it."""

# ruff: noqa: E501 (the drawing is one text)

from __future__ import annotations

from lxml import etree

from tasks.forms.ooxml import DOC_RELS, MAIN, Package, q
from tasks.forms.sheets import parse_address

AUTHOR = "Sở Khoa học và Công nghệ"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_V, _O, _X = (
    "urn:schemas-microsoft-com:vml",
    "urn:schemas-microsoft-com:office:office",
    "urn:schemas-microsoft-com:office:excel",
)
_NEW_VML = f"""<xml xmlns:v="{_V}" xmlns:o="{_O}" xmlns:x="{_X}"><o:shapelayout v:ext="edit">\
<o:idmap v:ext="edit" data="1"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" \
path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>\
</v:shapetype></xml>"""
_SHAPE = """<v:shape xmlns:v="{v}" xmlns:o="{o}" xmlns:x="{x}" id="_x0000_s{id}" type="#_x0000_t202" \
style="position:absolute;margin-left:60pt;margin-top:2pt;width:260pt;height:{height}pt;z-index:{z};visibility:hidden" \
fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>\
<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>\
<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{col}</x:Column></x:ClientData></v:shape>"""
_AFTER_LEGACY = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
                 "tableParts", "extLst")  # fmt: skip


def add_comments(package: Package, part: str, texts: dict[str, str]) -> None:
    """Write ``texts`` (cell → text) as comments of the sheet ``part``, beside those it has."""
    root = _comments_part(package, part)
    drawing = _drawing(package, part)
    listed = root.find(q("commentList"))
    if listed is None:
        listed = etree.SubElement(root, q("commentList"))
    author = _author(root)
    existing = {c.get("ref"): c for c in listed}
    for number, (cell, text) in enumerate(texts.items()):
        if cell in existing:
            _extend(existing[cell], text)
            continue
        comment = etree.SubElement(listed, q("comment"), ref=cell, authorId=str(author))
        _run(etree.SubElement(comment, q("text")), text)
        drawing.append(etree.fromstring(_shape(cell, text, len(drawing) + number)))


def _comments_part(package: Package, part: str) -> etree._Element:
    name = package.related(part, "comments")
    if name is None:
        name = package.free_name("xl/comments{}.xml")
        package.add(name, f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'.encode())
        package.relate(part, "comments", name)
        package.declare(name, _COMMENTS_TYPE)
    return package.xml(name)


def _author(root: etree._Element) -> int:
    authors = root.find(q("authors"))
    if authors is None:
        authors = etree.Element(q("authors"))
        root.insert(0, authors)
    etree.SubElement(authors, q("author")).text = AUTHOR
    return len(authors) - 1


def _run(text: etree._Element, words: str) -> None:
    run = etree.SubElement(text, q("r"))
    look = etree.SubElement(run, q("rPr"))
    etree.SubElement(look, q("sz"), val="10")
    etree.SubElement(look, q("rFont"), val="Times New Roman")
    content = etree.SubElement(run, q("t"))
    content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    content.text = words


def _extend(comment: etree._Element, words: str) -> None:
    """The unit's own comment stays; ours follows it."""
    text = comment.find(q("text"))
    _run(text if text is not None else etree.SubElement(comment, q("text")), f"\n{AUTHOR}: {words}")


def _drawing(package: Package, part: str) -> etree._Element:
    name = package.related(part, "vmlDrawing")
    sheet = package.xml(part)
    if name is None or sheet.find(q("legacyDrawing")) is None:
        name = package.free_name("xl/drawings/vmlDrawing{}.vml")
        package.add(name, _NEW_VML.encode())
        package.declare_extension("vml", _VML_TYPE)
        element = etree.Element(q("legacyDrawing"))
        element.set(f"{{{DOC_RELS}}}id", package.relate(part, "vmlDrawing", name))
        after = [e for e in sheet if etree.QName(e).localname in _AFTER_LEGACY]
        sheet.insert(sheet.index(after[0]) if after else len(sheet), element)
    return package.xml(name)


def _shape(cell: str, text: str, number: int) -> str:
    row, col = parse_address(cell)
    lines = sum(1 + len(part) // 48 for part in text.split("\n"))
    anchor = f"{col + 1}, 15, {row}, 2, {col + 5}, 15, {row + 2 + lines // 2}, 4"
    return _SHAPE.format(v=_V, o=_O, x=_X, id=70_000 + number, z=number + 1, height=20 + 14 * lines,
                         anchor=anchor, row=row, col=col)  # fmt: skip

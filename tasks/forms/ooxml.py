"""The parts of an .xlsx as XML trees: namespaces, relations, content types."""

from __future__ import annotations

import io
import posixpath
import zipfile

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOC_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def q(name: str) -> str:
    """A name of the spreadsheet namespace, as lxml writes it."""
    return f"{{{MAIN}}}{name}"


def parse(content: bytes) -> etree._Element:
    """XML that the guard has passed; entities and the network stay off all the same.

    Comments and instructions are left out: they would stand among rows and cells and be none.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(content, parser)


class Package:
    """Parts of a workbook; those opened as XML are written back when it is packed."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts
        self._trees: dict[str, etree._Element] = {}
        self._lower = {name.lower(): name for name in parts}

    def find(self, name: str) -> str:
        """The part called ``name`` in whatever case. Raises ``KeyError``."""
        return self._lower[name.lower()]

    def xml(self, name: str) -> etree._Element:
        if name not in self._trees:
            self._trees[name] = parse(self.parts[name])
        return self._trees[name]

    def add(self, name: str, content: bytes) -> None:
        self.parts[name] = content
        self._lower[name.lower()] = name

    def free_name(self, pattern: str) -> str:
        """The first of ``pattern`` with 1, 2, 3 … that no part has."""
        number = 1
        while pattern.format(number).lower() in self._lower:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> etree._Element:
        """The relations of ``part``, an empty set where it has none."""
        folder, name = posixpath.split(part)
        path = f"{folder}/_rels/{name}.rels"
        if path.lower() not in self._lower:
            self.add(path, f'<Relationships xmlns="{RELS}"/>'.encode())
        return self.xml(self.find(path))

    def related(self, part: str, kind: str) -> str | None:
        """The part that ``part`` refers to as ``kind`` (the last word of the relation's type)."""
        for relation in self.relations(part):
            if relation.get("Type", "").endswith("/" + kind):
                target = relation.get("Target", "")
                base = "" if target.startswith("/") else posixpath.dirname(part)
                path = posixpath.normpath(posixpath.join(base, target.lstrip("/")))
                return self._lower.get(path.lower())
        return None

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relation from ``part`` to the part ``target``; its id."""
        relations = self.relations(part)
        used = {r.get("Id") for r in relations}
        number = next(n for n in range(1, len(used) + 2) if f"rIdDD{n}" not in used)
        attributes = {"Id": f"rIdDD{number}", "Type": f"{DOC_RELS}/{kind}", "Target": f"/{target}"}
        etree.SubElement(relations, f"{{{RELS}}}Relationship", attributes)
        return f"rIdDD{number}"

    def declare(self, part: str, content_type: str) -> None:
        """Declare a part's content type."""
        types = self.xml(self.find("[Content_Types].xml"))
        attributes = {"PartName": f"/{part}", "ContentType": content_type}
        etree.SubElement(types, f"{{{TYPES}}}Override", attributes)

    def declare_extension(self, extension: str, content_type: str) -> None:
        types = self.xml(self.find("[Content_Types].xml"))
        if not any(t.get("Extension", "").lower() == extension for t in types):
            types.insert(
                0, etree.Element(f"{{{TYPES}}}Default", Extension=extension, ContentType=content_type)
            )

    def pack(self, dates: dict[str, tuple[int, int, int, int, int, int]]) -> bytes:
        """The zip; parts keep the dates they came with."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                if name in self._trees:
                    tree = self._trees[name]
                    content = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
                info = zipfile.ZipInfo(
                    name, max(dates.get(name, (1980, 1, 1, 0, 0, 0)), (1980, 1, 1, 0, 0, 0))
                )
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
        return buffer.getvalue()

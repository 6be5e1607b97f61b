"""XML from strangers, through expat: no DOCTYPE, no entities of their own, well-formed or refused."""

from __future__ import annotations

from xml.parsers import expat

from tasks.forms.unzip import Refused


def new_parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise Refused("doctype")


def parse(parser: expat.XMLParserType, content: bytes) -> None:
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused("corrupt", detail="XML không hợp lệ") from error


def check_xml(content: bytes) -> None:
    """Well-formed and without DOCTYPE, else ``Refused``."""
    parse(new_parser(), content)


def elements(content: bytes, *wanted: str) -> list[tuple[str, dict[str, str], str]]:
    """(local name, attributes, text) of the elements named ``wanted``, in document order."""
    found: list[tuple[str, dict[str, str], list[str]]] = []
    depth: list[int] = []  # open wanted elements, as indexes into ``found``

    def start(name: str, attributes: list[str]) -> None:
        local = name.rsplit(":", 1)[-1]
        if local in wanted:
            pairs = zip(attributes[::2], attributes[1::2], strict=True)
            found.append((local, {k.rsplit(":", 1)[-1]: v for k, v in pairs}, []))
            depth.append(len(found) - 1)

    def end(name: str) -> None:
        if depth and name.rsplit(":", 1)[-1] == found[depth[-1]][0]:
            depth.pop()

    def text(data: str) -> None:
        for index in depth:
            found[index][2].append(data)

    if content:
        parser = new_parser()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text
        parse(parser, content)
    return [(name, attributes, "".join(parts)) for name, attributes, parts in found]

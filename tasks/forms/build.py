"""Pre-filled workbooks, thousands of them: one template per shape, patched per unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from xml.sax.saxutils import escape

from config.plan import Form
from tasks.forms.layout import Layout, Slot, layout, shape, slot_values
from tasks.forms.render import render
from tasks.forms.types import FormSpec
from tasks.forms.zipparts import Member, put_together, take_apart

NAME_LENGTH = 50  # QĐ 161/2025/QĐ-UBND, Điều 8.4
_PREFIX = {Form.QUARTERLY: "BaoCao", Form.KPI_PLAN: "KeHoachKPI", Form.FREE: "DotXuat"}
_NOT_NAME = re.compile(r"[^A-Za-z0-9-]+")

# Stand-ins in the template. A figure's stand-in is a number, so that its cell is a number's cell.
_TEXT_MARK = re.compile(rb"@@slot:([a-z0-9_.]+)@@")
_NUMBER_MARK = re.compile(rb"><v>9000000(\d{5})\.5</v></c>")
_ESCAPED_BY_WRITER = re.compile("_x[0-9a-fA-F]{4}_")


def build(spec: FormSpec) -> bytes:
    """The .xlsx of ``spec``, equal cell for cell to ``build_slowly``."""
    values = slot_values(spec)
    if any(isinstance(v, str) and _ESCAPED_BY_WRITER.search(v) for v in values.values()):
        return build_slowly(spec)  # the one kind of text that xlsxwriter writes in its own way
    return put_together(_template(shape(spec)), {name: _fill(value) for name, value in values.items()})


def build_slowly(spec: FormSpec) -> bytes:
    """The same workbook written by xlsxwriter alone: what ``build`` must equal."""
    values = slot_values(spec)
    return render(_layout(shape(spec)), lambda slot: values[slot.name])


def build_many(specs: Iterable[FormSpec]) -> Iterator[bytes]:
    return (build(spec) for spec in specs)


def file_name(spec: FormSpec) -> str:
    """ASCII, no special characters, at most 50 characters, different for every unit and round."""
    i = spec.identity
    stem = "_".join((_PREFIX[spec.form], _plain(i.round), _plain(i.unit)))
    if len(stem) + 5 <= NAME_LENGTH and _plain(i.round) == i.round and _plain(i.unit) == i.unit:
        return stem + ".xlsx"
    digest = sha256(f"{i.round}|{i.unit}".encode()).hexdigest()[:8]
    return f"{stem[: NAME_LENGTH - 14]}_{digest}.xlsx"


def _plain(code: str) -> str:
    return _NOT_NAME.sub("-", code)


@lru_cache(maxsize=64)
def _layout(form: FormSpec) -> Layout:
    return layout(form)


@lru_cache(maxsize=64)
def _template(form: FormSpec) -> list[Member]:
    return take_apart(render(_layout(form), _stand_in), _cut)


def _stand_in(slot: Slot) -> str | float:
    if slot.number:
        return float(f"9000000{int(slot.name.split('.')[1]):05d}.5")
    return f"@@slot:{slot.name}@@"


def _cut(content: bytes) -> tuple[list[bytes], list[str]]:
    """Split a member at its stand-ins; a figure's whole cell end is the slot's text."""
    parts, slots, start = [], [], 0
    marks = [*_TEXT_MARK.finditer(content), *_NUMBER_MARK.finditer(content)]
    for mark in sorted(marks, key=lambda m: m.start()):
        parts.append(content[start : mark.start()])
        name = mark[1].decode()
        slots.append(f"last.{int(name)}" if mark.re is _NUMBER_MARK else name)
        start = mark.end()
    return [*parts, content[start:]], slots


def _fill(value: str | float | None) -> bytes:
    """What stands in the XML: a text, or the end of a figure's cell (empty where there is none)."""
    if value is None:
        return b"/>"
    if isinstance(value, str):
        return escape(value).encode()
    return f"><v>{value:.16G}</v></c>".encode()

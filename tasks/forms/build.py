"""Pre-filled workbooks, thousands of them: one template per shape, patched per unit."""

from __future__ import annotations

import re
from collections.abc import Callable
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

# Stand-ins in the template. A figure's stand-in is a number, so that its cell is a number's cell;
# a height's is a multiple of 0.75 points, for xlsxwriter counts in pixels.
_TEXT_MARK = re.compile(rb"@@slot:([a-z0-9_.]+)@@")
_NUMBER_MARK = re.compile(rb"><v>9000000(\d{5})\.5</v></c>")
_HEIGHT_MARK = re.compile(rb'(?<= ht=")9(\d{4})(?=")')
_DIGITS = re.compile(r"\d+")
_ESCAPED_BY_WRITER = re.compile("_x[0-9a-fA-F]{4}_")


def build(spec: FormSpec) -> bytes:
    """The .xlsx of ``spec``, equal cell for cell to ``build_slowly``."""
    values = slot_values(spec)
    if any(isinstance(v, str) and _ESCAPED_BY_WRITER.search(v) for v in values.values()):
        return build_slowly(spec)  # the one kind of text that xlsxwriter writes in its own way
    return put_together(_template(shape(spec)), {n: _fill(n, v) for n, v in values.items()})


def build_slowly(spec: FormSpec) -> bytes:
    """The same workbook written by xlsxwriter alone: what ``build`` must equal."""
    values = slot_values(spec)
    return render(_layout(shape(spec)), lambda slot: values[slot.name])


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
    number = _DIGITS.search(slot.name)
    if not slot.number or number is None:
        return f"@@slot:{slot.name}@@"
    return (
        90000.0 + 3 * int(number[0])
        if slot.name.endswith(".height")
        else float(f"9000000{int(number[0]):05d}.5")
    )


def _cut(content: bytes) -> tuple[list[bytes], list[str]]:
    """Split a member at its stand-ins; a figure's whole cell end is the slot's text."""
    parts, slots, start = [], [], 0
    marks = [m for pattern in _SLOT_OF for m in pattern.finditer(content)]
    for mark in sorted(marks, key=lambda m: m.start()):
        parts.append(content[start : mark.start()])
        slots.append(_SLOT_OF[mark.re](mark[1].decode()))
        start = mark.end()
    return [*parts, content[start:]], slots


_SLOT_OF: dict[re.Pattern[bytes], Callable[[str], str]] = {
    _TEXT_MARK: str,
    _NUMBER_MARK: lambda digits: f"last.{int(digits)}",
    _HEIGHT_MARK: lambda digits: f"a{int(digits) // 3}.height",
}


def _fill(name: str, value: str | float | None) -> bytes:
    """What stands in the XML: a text, a height, or the end of a figure's cell (empty for none)."""
    if value is None:
        return b"/>"
    if isinstance(value, str):
        return escape(value).encode()
    return b"%g" % value if name.endswith(".height") else f"><v>{value:.16G}</v></c>".encode()

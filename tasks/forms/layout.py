"""Where everything stands in a form, without any file format.

A layout depends only on a form's *shape*: round, indicators, number of assignments. What differs
from unit to unit is a ``Slot``, so thousands of workbooks share one template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from config.plan import Form
from tasks.forms import columns as c
from tasks.forms.guide import FREE_GUIDE, KPI_GUIDE, QUARTERLY_GUIDE
from tasks.forms.spec import vn_date
from tasks.forms.types import AssignmentRow, FormSpec, IndicatorRow
from tasks.rules import viet

HIDDEN = "_dondoc"
PROPERTY = "dondoc"
LONGEST = 8000  # characters of one text; Excel ends at 32,767
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")

FIRST_ROW = 5  # heading row of the first table of a sheet (0-based)


@dataclass(frozen=True)
class Slot:
    """A value that differs from unit to unit; ``number``: a figure or nothing, else a text."""

    name: str
    number: bool = False


Value = str | float | Slot | None


@dataclass(frozen=True)
class Cell:
    row: int
    col: int
    value: Value
    style: str
    to_col: int = -1  # merged up to this column
    column: c.Column | None = None  # for its drop-down and prompt


@dataclass(frozen=True)
class SheetLayout:
    name: str
    cells: tuple[Cell, ...]
    widths: tuple[float, ...]
    heights: dict[int, float | Slot] = field(default_factory=dict)
    heading_row: int = -1
    hidden: bool = False


@dataclass(frozen=True)
class Layout:
    sheets: tuple[SheetLayout, ...]
    title: str
    shape: FormSpec


def safe(text: str) -> str:
    """A text fit for a cell: NFC, no control characters, not endless, never empty."""
    return _CONTROL.sub("", viet.clean(text))[:LONGEST].strip() or "–"


def height_for(texts: Iterable[tuple[str, float]], least: float = 31.5) -> float:
    """Points that a row needs for (text, column width) cells, in whole pixels of 0.75 points.

    No office program does it for a file that it has not saved itself.
    Times New Roman 11 takes a little less than the width of the default font's digit.
    """
    needed = (sum(1 + int(len(part) / (1.08 * width)) for part in t.split("\n")) for t, width in texts)
    lines = max(needed, default=1)
    return float(max(least, min(408.0, 15.0 * lines + 3.0)))


_ANY_ASSIGNMENT = AssignmentRow("", "", "", "", None)


def shape(spec: FormSpec) -> FormSpec:
    """``spec`` without what differs from unit to unit; hashable, the key of a template."""
    return replace(
        spec,
        identity=replace(spec.identity, unit="", token=""),
        unit_name="",
        indicators=tuple(i if i.last is None else replace(i, last=None) for i in spec.indicators),
        assignments=(_ANY_ASSIGNMENT,) * len(spec.assignments),
    )


def slot_values(spec: FormSpec) -> dict[str, str | float | None]:
    """The value of every slot of ``spec``'s layout."""
    i = spec.identity
    values: dict[str, str | float | None] = {
        "unit_name": safe(spec.unit_name),
        "unit": safe(i.unit),
        "token": safe(i.token),
        "identity": "|".join((i.plan, i.round, i.unit, i.token, i.form)),
    }
    values |= {f"last.{n}": row.last for n, row in enumerate(spec.indicators)}
    for n, a in enumerate(spec.assignments):
        values[f"a{n}.code"], values[f"a{n}.name"] = safe(a.code), safe(a.title)
        values[f"a{n}.document"], values[f"a{n}.lead"] = safe(a.document), safe(a.lead)
        values[f"a{n}.due"] = vn_date(a.due) if a.due else "–"
        values[f"a{n}.last"] = safe(a.last_state)
        texts = ((str(values[f"a{n}.{key}"]), width) for key, width in _ASSIGNMENT_WIDTHS)
        values[f"a{n}.height"] = height_for(texts)
    return values


def layout(form: FormSpec) -> Layout:
    """The layout of a shape (see ``shape``)."""
    sheets = {Form.QUARTERLY: _quarterly, Form.KPI_PLAN: _kpi_plan, Form.FREE: _free}[form.form](form)
    return Layout(
        (*sheets, _identity_sheet(form)), f"{form.round_title[:1].upper()}{form.round_title[1:]}", form
    )


def _quarterly(form: FormSpec) -> list[SheetLayout]:
    sheets = [_guide(form, QUARTERLY_GUIDE)]
    sheets.append(_sheet(form, c.INDICATORS, "KẾT QUẢ THỰC HIỆN CHỈ TIÊU", _indicator_rows(form.indicators)))
    rows = [_assignment_row(n) for n in range(len(form.assignments))]
    if rows:
        sheets.append(_sheet(form, c.ASSIGNMENTS, "KẾT QUẢ THỰC HIỆN NHIỆM VỤ", rows))
    sheets.append(_text_sheet(form, "Thuyết minh", "PHẦN THUYẾT MINH", _section_rows(c.QUARTERLY_SECTIONS)))
    return sheets


def _kpi_plan(form: FormSpec) -> list[SheetLayout]:
    tasks: list[dict[str, Value]] = [
        {"stt": str(n + 1) if k == 0 else "", "code": i.code, "name": safe(i.name) if k == 0 else ""}
        for n, i in enumerate(form.indicators)
        for k in range(3)
    ]
    return [
        _guide(form, KPI_GUIDE),
        _sheet(form, c.KPI_TARGETS, "CHỈ TIÊU VÀ CÁCH ĐO LƯỜNG", _indicator_rows(form.indicators)),
        _sheet(form, c.KPI_TASKS, "NHIỆM VỤ, GIẢI PHÁP CHỦ YẾU", tasks),
        _text_sheet(form, "Thuyết minh", "PHẦN THUYẾT MINH", _section_rows(c.KPI_SECTIONS), proposals=False),
    ]


def _free(form: FormSpec) -> list[SheetLayout]:
    asked = form.content or (form.round_title,)
    rows: list[dict[str, Value]] = [{"stt": str(n), "name": safe(text)} for n, text in enumerate(asked, 1)]
    return [
        _guide(form, FREE_GUIDE),
        _text_sheet(form, "Báo cáo", "NỘI DUNG BÁO CÁO", rows + _section_rows(c.FREE_SECTIONS)),
    ]


def _indicator_rows(indicators: tuple[IndicatorRow, ...]) -> list[dict[str, Value]]:
    return [
        {"stt": str(n + 1), "code": i.code, "name": safe(i.name), "uom": safe(i.uom), "target": i.target,
         "last": Slot(f"last.{n}", number=True)}
        for n, i in enumerate(indicators)
    ]  # fmt: skip


_ASSIGNMENT_WIDTHS = [
    (x.key, x.width) for x in c.ASSIGNMENTS.columns if x.key in ("code", "name", "document", "lead", "last")
]


def _row_heights(table: c.Table, rows: list[dict[str, Value]]) -> dict[int, float | Slot]:
    """Heights below the headings: by the texts that stand there, or by the unit's own."""
    heights: dict[int, float | Slot] = {}
    for n, row in enumerate(rows, FIRST_ROW + 1):
        code = row.get("code")
        if isinstance(code, Slot):
            heights[n] = Slot(code.name.replace(".code", ".height"), number=True)
        else:
            texts = [(row.get(x.key), x.width) for x in table.columns]
            heights[n] = height_for((v, width) for v, width in texts if isinstance(v, str))
    return heights


def _assignment_row(n: int) -> dict[str, Value]:
    keys = ("code", "name", "document", "lead", "due", "last")
    return {"stt": str(n + 1)} | {key: Slot(f"a{n}.{key}") for key in keys}


def _section_rows(sections: tuple[c.Section, ...]) -> list[dict[str, Value]]:
    return [{"stt": s.number, "name": s.label} for s in sections]


def _heading(form: FormSpec, name: str, title: str, last: int) -> Iterator[Cell]:
    """The four lines above a table: unit and number of the table, title, period, instruction."""
    half = max(1, last // 2)
    yield Cell(0, 0, Slot("unit_name"), "unit", half)
    yield Cell(0, half + 1, name, "corner", last)
    yield Cell(1, 0, title, "title", last)
    period = f"; số liệu {form.period_text}" if form.period_text else ""
    yield Cell(2, 0, f"({form.round_title[:1].upper()}{form.round_title[1:]}{period})", "subtitle", last)
    yield Cell(3, 0, f"Chỉ điền các ô nền vàng. Thời hạn gửi: {form.limit_text}.", "hint", last)


def _table(form: FormSpec, table: c.Table, rows: list[dict[str, Value]], top: int) -> Iterator[Cell]:
    for col, column in enumerate(table.columns):
        yield Cell(top, col, column.heading.format(year=form.year, end=form.period_end), "heading")
    for n, row in enumerate(rows, 1):
        for col, column in enumerate(table.columns):
            value = row.get(column.key)
            yield Cell(top + n, col, None if value == "" else value, column.kind, column=column)


def _sheet(form: FormSpec, table: c.Table, title: str, rows: list[dict[str, Value]]) -> SheetLayout:
    last = len(table.columns) - 1
    cells = [*_heading(form, table.title, f"{table.title.upper()}. {title}", last)]
    cells += _table(form, table, rows, FIRST_ROW)
    below = FIRST_ROW + len(rows) + 2
    cells.append(Cell(below, 1, "NGƯỜI LẬP BIỂU", "sign", 3))
    cells.append(Cell(below, last - 3, "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "sign", last))
    widths = tuple(x.width for x in table.columns)
    heights = {FIRST_ROW: 62.0} | _row_heights(table, rows)
    return SheetLayout(table.title, tuple(cells), widths, heights, FIRST_ROW)


def _text_sheet(
    form: FormSpec, name: str, title: str, rows: list[dict[str, Value]], *, proposals: bool = True
) -> SheetLayout:
    """Sections to be written, and below them the table of proposals with the body asked."""
    cells = [*_heading(form, name, title, 3)]
    for n, cell in enumerate(_table(form, c.SECTIONS, rows, FIRST_ROW)):
        cells.append(replace(cell, to_col=3) if n % 3 == 2 else cell)
    heights: dict[int, float | Slot] = {FIRST_ROW + n: 62.0 for n in range(1, len(rows) + 1)}
    if proposals:
        top = FIRST_ROW + len(rows) + 3
        cells.append(Cell(top - 1, 0, "ĐỀ XUẤT, KIẾN NGHỊ", "caption", 3))
        cells += _table(form, c.PROPOSALS, [{"stt": str(n)} for n in range(1, 6)], top)
        heights |= {top + n: 29.0 for n in range(1, 6)}
    return SheetLayout(name, tuple(cells), (6, 48, 40, 50), heights, FIRST_ROW)


def _guide(form: FormSpec, lines: tuple[str, ...]) -> SheetLayout:
    cells = [
        Cell(0, 0, safe(form.issuer), "issuer", 1),
        Cell(2, 0, "HƯỚNG DẪN ĐIỀN BIỂU", "title", 1),
        Cell(3, 0, f"{form.round_title[:1].upper()}{form.round_title[1:]}", "subtitle", 1),
        Cell(5, 0, "Đơn vị", "label"), Cell(5, 1, Slot("unit_name"), "fact"),
        Cell(6, 0, "Thời hạn gửi", "label"), Cell(6, 1, form.limit_text, "fact"),
        Cell(7, 0, "Kỳ số liệu", "label"), Cell(7, 1, form.period_text or "–", "fact"),
    ]  # fmt: skip
    cells += [Cell(9 + n, 0, f"{n + 1}. {line}", "line", 1) for n, line in enumerate(lines)]
    heights: dict[int, float | Slot] = {
        9 + n: height_for([(line, 100)], 19.0) for n, line in enumerate(lines)
    }
    return SheetLayout("Hướng dẫn", tuple(cells), (20, 80), {0: 34.0, **heights})


def _identity_sheet(form: FormSpec) -> SheetLayout:
    """What the reader needs to know the form again, whatever happens to the visible sheets."""
    i = form.identity
    pairs: list[tuple[Value, ...]] = [
        (PROPERTY, "1"), ("plan", i.plan), ("round", i.round), ("unit", Slot("unit")),
        ("token", Slot("token")),
        ("form", i.form),
    ]  # fmt: skip
    pairs += [("indicator", row.code, safe(row.name), safe(row.uom)) for row in form.indicators]
    pairs += [("assignment", Slot(f"a{n}.code"), Slot(f"a{n}.name")) for n in range(len(form.assignments))]
    cells = tuple(Cell(r, k, value, "plain") for r, row in enumerate(pairs) for k, value in enumerate(row))
    return SheetLayout(HIDDEN, cells, (12, 20, 40), hidden=True)

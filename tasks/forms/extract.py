"""From a form's tables to figures, progress and texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tasks.forms.columns import SECTIONS_BY_START
from tasks.forms.sheets import CellValue, Sheet
from tasks.forms.states import official_state
from tasks.forms.tables import Found, Row, find_tables, rows_of
from tasks.forms.types import FigureRead, NarrativeRead, ProgressRead
from tasks.rules import legacy_text, viet
from tasks.rules.figures import Flag, is_error, read_number
from tasks.rules.findings import Finding

FIGURE_FIELDS = ("numerator", "denominator", "result", "cumulative")
TARGET_FIELDS = ("target_q2", "target_q3", "target_q4")
COUNTED = ("numerator", "denominator")  # counts, whatever the indicator's unit of measure
_KPI_TEXTS = {"task": "tasks", "product": "product", "lead": "lead", "coop": "coop", "due": "due",
              "resources": "resources", "mechanism": "mechanism"}  # fmt: skip


_CHOSEN = ("state", "basis", "claim")  # from a list: what is wrong there is told by its own check
_COLUMN_OF = {"result_text": "result", "proposal_text": "proposal"}  # of an assignment's row


@dataclass
class Names:
    """Codes and folded names that the form itself carries, to know a row by either."""

    by_name: dict[str, str] = field(default_factory=dict)
    by_code: dict[str, str] = field(default_factory=dict)  # folded code → code
    uom: dict[str, str] = field(default_factory=dict)

    def code(self, row: Row) -> str:
        """The row's code: as typed, or found by the row's name; "" where neither is there."""
        typed = viet.one_line(str(row.value("code") or ""))
        known = self.by_code.get(typed.lower())
        if known:
            return known
        name = row.value("name")
        return self.by_name.get(viet.fold(name), typed) if isinstance(name, str) else typed


@dataclass
class Extract:
    """What was read so far."""

    figures: list[FigureRead] = field(default_factory=list)
    progress: list[ProgressRead] = field(default_factory=list)
    narrative: list[NarrativeRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    where: dict[str, tuple[str, str]] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    def text(self, row: Row, key: str) -> str:
        """A cell as text; one in a legacy font is converted, one that shows an error is none: both told."""
        value = row.value(key)
        if not isinstance(value, str):
            return as_text(value)
        text, encoding = legacy_text.to_unicode(viet.clean(value))
        if key not in _CHOSEN and (row.unread(key) or is_error(text)):
            # Excel takes "- Đã ban hành" for a formula, and "#NAME?" is all that is left of it.
            self._tell(Finding("text_error", *row.place(key), value))
            return ""
        if encoding:
            params = {"encoding": encoding.value.upper(), "name": text}
            self._tell(Finding("legacy_text", *row.place(key), value, params))
        return text

    def _tell(self, finding: Finding) -> None:
        """Once, however often the cell is asked for."""
        place = (finding.code, finding.sheet, finding.cell)
        if place not in self._told:
            self._told.add(place)
            self.findings.append(finding)

    def uncoded(self, row: Row, *keys: str) -> None:
        """A row that a unit added under a name of its own: what it says is told, not summed up."""
        name = row.value("name")
        if isinstance(name, str) and viet.fold(name) and any(as_text(row.value(k)).strip() for k in keys):
            self._tell(Finding("uncoded_row", *row.place("name"), name))

    def mark(self, row: Row, code: str, *keys: str) -> None:
        """Remember where the cells of a row stand (the first row of a code)."""
        for key in keys:
            self.where.setdefault(f"{key}:{code}", row.place(_COLUMN_OF.get(key, key)))


def as_text(value: CellValue) -> str:
    """A number or date typed where a text belongs."""
    if value is None or value == "":
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return f"{value.day}/{value.month}/{value.year}"
    return str(value)


def extract(sheets: list[Sheet], names: Names) -> Extract:
    out = Extract()
    for sheet in sheets:
        tables = find_tables(sheet, names.by_code)
        bottom = sheet.top + len(sheet.rows)
        for n, found in enumerate(tables):
            until = tables[n + 1].row if n + 1 < len(tables) else bottom
            out.tables.add(found.table.key)
            _READERS[found.table.key](out, found, until, names)
    return out


def _indicators(out: Extract, found: Found, until: int, names: Names) -> None:
    for row in rows_of(found, until):
        code = names.code(row)
        if not code:
            out.uncoded(row, *FIGURE_FIELDS)
            continue
        out.mark(row, code, *FIGURE_FIELDS, "claim", "remark", "basis")
        remark, source, basis = (out.text(row, k) for k in ("remark", "source", "basis"))
        uom = names.uom.get(code) or as_text(row.value("uom"))
        for key in FIGURE_FIELDS:
            own = "" if key in COUNTED else uom
            if figure := _figure(row, key, code, own, basis=basis, source=source, remark=remark):
                out.figures.append(figure)
        if claim := out.text(row, "claim"):
            out.claims.setdefault(code, claim)
        if remark:
            out.narrative.append(NarrativeRead("remark", code, remark, *row.place("remark")))


def _figure(
    row: Row, key: str, code: str, uom: str, *, source: str, remark: str, basis: str = ""
) -> FigureRead | None:
    """A figure with what else its row says; ``None`` for an empty cell."""
    value = row.value(key)
    if value is None or value == "":
        return None
    number = read_number(value, uom=uom, number_format="0%" if row.percent(key) else None)
    if number.flag == Flag.BLANK:
        return None
    sheet, cell = row.place(key)
    return FigureRead(
        code, key, number.raw, number.value, str(number.flag), uom, sheet, cell, number.note,
        basis, source, remark,
    )  # fmt: skip


def _assignments(out: Extract, found: Found, until: int, names: Names) -> None:
    for row in rows_of(found, until):
        code = names.code(row)
        if not code:
            out.uncoded(row, "result", "state")
            continue
        out.mark(row, code, "state", "progress", "result_text", "difficulty", "proposal_text")
        texts = [out.text(row, k) for k in ("result", "state", "difficulty", "proposal")]
        if any(texts):
            result, typed, difficulty, proposal = texts
            state = official_state(typed) or typed
            read = ProgressRead(
                code, result, state, difficulty, proposal, *row.place("state"), raw_state=typed
            )
            out.progress.append(read)


def _sections(out: Extract, found: Found, until: int, _names: Names) -> None:
    for row in rows_of(found, until):
        label = viet.fold(as_text(row.value("name")))
        section = next((s for start, s in SECTIONS_BY_START.items() if label.startswith(start)), None)
        number = as_text(row.value("stt")).strip(". ")
        if "de xuat kien nghi" in (label, viet.fold(number)):
            return  # the caption of the next table
        if not label or not (section or number.isdigit()):
            continue
        name, key = (section.key, "") if section else ("content", number)
        out.where.setdefault(f"{name}:{key}", row.place("answer"))
        if text := out.text(row, "answer"):
            out.narrative.append(NarrativeRead(name, key, text, *row.place("answer")))


def _proposals(out: Extract, found: Found, until: int, _names: Names) -> None:
    for number, row in enumerate(rows_of(found, until), 1):
        text, body, reason = (out.text(row, k) for k in ("name", "body", "reason"))
        if text:
            place = row.place("name")
            out.narrative.append(
                NarrativeRead("proposal", str(number), text, *place, body=body, reason=reason)
            )


def _kpi_targets(out: Extract, found: Found, until: int, names: Names) -> None:
    for row in rows_of(found, until):
        code = names.code(row)
        if not code:
            out.uncoded(row, *TARGET_FIELDS)
            continue
        uom = names.uom.get(code) or as_text(row.value("uom"))
        out.mark(row, code, *TARGET_FIELDS, "method", "intermediate")
        out.where[f"intermediate:{code}"] = row.place("target_q2")
        remark, source = out.text(row, "remark"), out.text(row, "source")
        read = (_figure(row, key, code, uom, source=source, remark=remark) for key in TARGET_FIELDS)
        figures = [f for f in read if f]
        out.figures += figures
        if figures:
            said = "; ".join(f"quý {f.field[-1]}: {f.raw}" for f in figures)
            out.narrative.append(NarrativeRead("intermediate", code, said, *row.place("target_q2")))
        for key in ("method", "measure", "source", "remark"):
            if text := out.text(row, key):
                out.narrative.append(NarrativeRead(key, code, text, *row.place(key)))


def _kpi_tasks(out: Extract, found: Found, until: int, names: Names) -> None:
    code = ""
    for row in rows_of(found, until):
        code = names.code(row) or code  # a row inserted without a code continues the one above
        if not code:
            continue
        for key, section in _KPI_TEXTS.items():
            out.where.setdefault(f"{section}:{code}", row.place(key))
            if text := out.text(row, key):
                out.narrative.append(NarrativeRead(section, code, text, *row.place(key)))


_READERS = {
    "indicators": _indicators,
    "assignments": _assignments,
    "sections": _sections,
    "proposals": _proposals,
    "kpi_targets": _kpi_targets,
    "kpi_tasks": _kpi_tasks,
}

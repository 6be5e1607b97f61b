"""Cross-checks of the quarterly figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.forms.types import FigureRead, FormSpec, IndicatorRow, Reading
from tasks.rules.digits import vietnamese
from tasks.rules.figures import Flag, is_share
from tasks.rules.findings import Finding

_PARTS = {"numerator": "tử số", "denominator": "mẫu số"}
_BY_FLAG = {
    Flag.AMBIGUOUS: "figure_ambiguous",
    Flag.GT: "figure_bound",
    Flag.GTE: "figure_bound",
    Flag.LT: "figure_bound",
    Flag.LTE: "figure_bound",
    Flag.RANGE: "figure_range",
    Flag.MULTI_VALUE: "figure_multi",
    Flag.MET_NO_NUMBER: "figure_no_number",
    Flag.NOT_MET_NO_NUMBER: "figure_no_number",
    Flag.IN_PROGRESS: "figure_no_number",
    Flag.NOT_STARTED: "figure_no_number",
    Flag.NO_DATA: "figure_no_data",
    Flag.NOT_APPLICABLE: "figure_not_applicable",
    Flag.ZERO_OR_MISSING: "figure_ambiguous",
    Flag.TEXT: "figure_text",
    Flag.UNIT_MISMATCH: "figure_unit",
    Flag.DATE_MANGLED: "figure_date",
    Flag.EXCEL_ERROR: "figure_error",
    Flag.FORMULA_NO_CACHE: "figure_formula",
    Flag.LEGACY_ENCODING: "figure_legacy",
}
_NOT_A_VALUE = frozenset({Flag.AMBIGUOUS, Flag.UNIT_MISMATCH, Flag.TEXT})
_SETTLED_BY_REMARK = frozenset(
    {
        "figure_no_data",
        "figure_not_applicable",
        "figure_bound",
        "figure_range",
        "figure_multi",
        "fall",
        "jump",
        "target_copied",
        "denominator_zero",
        "cumulative_missing",
        "part_missing",
        "claim_not_met",
        "part_unreadable",
    }
)

Row = dict[str, FigureRead]


def check_figures(reading: Reading, spec: FormSpec, last: Mapping[str, float]) -> list[Finding]:
    """Findings about the indicators asked in ``spec``; a note in the row settles a question."""
    rows = _rows(reading)
    findings: list[Finding] = list(_duplicates(reading, spec))
    for indicator in spec.indicators:
        row = rows.get(indicator.code, {})
        remark = _remark(reading, indicator.code)
        found = list(_row(reading, indicator, row, remark, last.get(indicator.code)))
        findings += [f for f in found if not (remark and f.code in _SETTLED_BY_REMARK)]
    findings += _unknown(reading, spec)
    return [*findings, *_same_as_last(reading, rows, last)]


def _rows(reading: Reading) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for figure in reading.figures:
        rows.setdefault(figure.indicator, {}).setdefault(figure.field, figure)
    return rows


def _remark(reading: Reading, code: str) -> str:
    return next((n.text for n in reading.narrative if n.section == "remark" and n.key == code), "")


def _row(
    reading: Reading, indicator: IndicatorRow, row: Row, remark: str, last: float | None
) -> Iterator[Finding]:
    name = {"name": indicator.name, "uom": indicator.uom}
    main = row.get("cumulative") or row.get("result")
    if main is None:
        sheet, cell = reading.where.get(f"cumulative:{indicator.code}", ("", ""))
        yield Finding("figure_no_data" if remark and not row else "figure_missing", sheet, cell, params=name)
        return
    for key in ("cumulative", "result"):
        if key in row:
            yield from _value(row[key], indicator, name)
    if "cumulative" not in row:
        sheet, cell = reading.where.get(f"cumulative:{indicator.code}", (main.sheet, main.cell))
        yield Finding("cumulative_missing", sheet, cell, params=name)
    yield from _parts(row, indicator, main, name)
    if _usable(main):
        yield from _against_last(row, last, name)
        yield from _against_target(reading, indicator, row, main, name)


def _usable(figure: FigureRead) -> bool:
    return figure.value is not None and figure.flag not in _NOT_A_VALUE


def _finding(code: str, figure: FigureRead, params: dict[str, str]) -> Finding:
    return Finding(code, figure.sheet, figure.cell, figure.raw, params)


def _value(figure: FigureRead, indicator: IndicatorRow, name: dict[str, str]) -> Iterator[Finding]:
    """What the number reader's flag means for an answer."""
    if figure.flag == Flag.OUT_OF_RANGE and figure.value is not None:
        yield _finding("figure_negative" if figure.value < 0 else "share_over_100", figure, name)
    elif figure.flag == Flag.GTE and "mục tiêu" in figure.note:
        yield _finding("figure_target_text", figure, name)
    elif code := _BY_FLAG.get(Flag(figure.flag)):
        value = vietnamese(figure.value) if figure.value is not None else ""
        yield _finding(code, figure, name | {"value": value, "unicode": figure.note})


def _parts(row: Row, indicator: IndicatorRow, main: FigureRead, name: dict[str, str]) -> Iterator[Finding]:
    """Numerator and denominator, against each other and against the result."""
    if not is_share(indicator.uom):
        return
    half = len(row.keys() & _PARTS.keys()) == 1 and _usable(main) and main.flag != Flag.RATIO
    for key, part in _PARTS.items():
        if key in row and not _usable(row[key]) and row[key].flag != Flag.NOT_APPLICABLE:
            yield _finding("part_unreadable", row[key], name | {"part": part})
        elif key not in row and half:
            yield _finding("part_missing", main, name | {"part": part})
    top, bottom = row.get("numerator"), row.get("denominator")
    if top is None or bottom is None or not _usable(top) or not _usable(bottom):
        return
    assert top.value is not None and bottom.value is not None
    if bottom.value == 0:
        yield _finding("denominator_zero", bottom, name)
    elif top.value > bottom.value:
        yield _finding("numerator_over_denominator", top, name | {"denominator": bottom.raw})
    else:
        yield from _ratio(row, 100 * top.value / bottom.value, name)


def _ratio(row: Row, computed: float, name: dict[str, str]) -> Iterator[Finding]:
    """The ratio must be the cumulative value or that of the quarter, to the precision written."""
    mains = [row[k] for k in ("cumulative", "result") if k in row and _usable(row[k])]
    if not mains or any(abs((m.value or 0) - computed) <= _precision(m.raw) for m in mains):
        return
    params = {"numerator": row["numerator"].raw, "denominator": row["denominator"].raw}
    yield _finding("result_not_ratio", mains[0], name | params | {"computed": vietnamese(round(computed, 2))})


def _precision(raw: str) -> float:
    """Half of the last written digit, with a little room: "75" covers 74.4 to 75.6."""
    digits = raw.replace(",", ".").rsplit(".", 1)
    decimals = sum(c.isdigit() for c in digits[1]) if len(digits) == 2 else 0
    return 0.6 * 10.0 ** -min(decimals, 2)


def _against_last(row: Row, last: float | None, name: dict[str, str]) -> Iterator[Finding]:
    figure = row.get("cumulative")
    if last is None or figure is None or figure.value is None or not _usable(figure):
        return
    params = name | {"last": vietnamese(last)}
    if figure.value < last - 1e-9:
        yield _finding("fall", figure, params)
    elif last > 0 and figure.value > 5 * last and figure.value - last > 30:
        yield _finding("jump", figure, params)


def _against_target(
    reading: Reading, indicator: IndicatorRow, row: Row, main: FigureRead, name: dict[str, str]
) -> Iterator[Finding]:
    assert main.value is not None
    exact = main.flag in (Flag.OK, Flag.DOT_DECIMAL, Flag.APPROX)
    if exact and main.value == indicator.target and not row.keys() & _PARTS.keys():
        yield _finding("target_copied", main, name)
    claim = reading.claims.get(indicator.code, "")
    met = main.value >= indicator.target
    if claim.lower() in ("đạt", "chưa đạt") and met != (claim.lower() == "đạt"):
        sheet, cell = reading.where.get(f"claim:{indicator.code}", (main.sheet, main.cell))
        params = {"value": vietnamese(main.value), "target": vietnamese(indicator.target)}
        yield Finding("claim_not_met", sheet, cell, claim, name | params)


def _same_as_last(reading: Reading, rows: dict[str, Row], last: Mapping[str, float]) -> Iterator[Finding]:
    """Every value as last quarter: probably last quarter's file."""
    pairs = [
        (rows[code]["cumulative"], value)
        for code, value in last.items()
        if "cumulative" in rows.get(code, {})
    ]
    same = len(pairs) >= 2 and all(figure.value == value for figure, value in pairs)
    if same and not any(_remark(reading, figure.indicator) for figure, _ in pairs):
        yield _finding("same_as_last", pairs[0][0], {"count": str(len(pairs))})


def _duplicates(reading: Reading, spec: FormSpec) -> Iterator[Finding]:
    """One indicator in two rows that contradict each other."""
    seen: dict[tuple[str, str], FigureRead] = {}
    names = {i.code: i.name for i in spec.indicators}
    for figure in reading.figures:
        first = seen.setdefault((figure.indicator, figure.field), figure)
        if (first.value, first.flag) != (figure.value, figure.flag):
            yield _finding("duplicate_row", figure, {"name": names.get(figure.indicator, figure.indicator)})


def _unknown(reading: Reading, spec: FormSpec) -> Iterator[Finding]:
    asked = {i.code for i in spec.indicators}
    told: set[str] = set()
    for figure in reading.figures:
        if figure.indicator not in asked and figure.indicator not in told:
            told.add(figure.indicator)
            yield Finding("unknown_row", figure.sheet, figure.cell, figure.indicator)

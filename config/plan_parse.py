"""Raw rows → typed rows; each keeps the line it came from. Bad rows become faults, good ones go on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from config.plan import (
    Assignment,
    Contact,
    Holiday,
    Indicator,
    Member,
    Policy,
    Round,
    Unit,
)
from config.plan_faults import Fault, did_you_mean, explain, is_list
from config.plan_read import KeyPath, RawTable, RawToml

TOML = "plan.toml"
TABLES: dict[str, type[BaseModel]] = {
    "units": Unit,
    "contacts": Contact,
    "members": Member,
    "indicators": Indicator,
    "assignments": Assignment,
    "holidays": Holiday,
}
NEEDED = ("units", "members")  # other tables name their rows
SECTIONS = ("plan", "area_owner", "ladder", "chasing", "rounds")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Located(Generic[M]):
    """A valid row and its place: line of the CSV file, or key path in plan.toml."""

    value: M
    file: str
    line: int
    path: KeyPath = ()


@dataclass
class Parsed:
    """What could be read of a folder, and every fault met on the way."""

    toml: RawToml
    policy: Policy | None = None
    rounds: list[Located[Round]] = field(default_factory=list)
    units: list[Located[Unit]] = field(default_factory=list)
    contacts: list[Located[Contact]] = field(default_factory=list)
    members: list[Located[Member]] = field(default_factory=list)
    indicators: list[Located[Indicator]] = field(default_factory=list)
    assignments: list[Located[Assignment]] = field(default_factory=list)
    holidays: list[Located[Holiday]] = field(default_factory=list)
    codes: dict[str, frozenset[str]] = field(default_factory=dict)  # also of faulty rows
    round_days: list[date] = field(default_factory=list)  # openings, limits, consolidations; the same
    faults: list[Fault] = field(default_factory=list)

    def blame(self, row: Located[Any], name: str, advice: str, found: str | None = None) -> None:
        """Record a fault of ``row`` in its field ``name`` (empty: the row as a whole)."""
        line = self.toml.line_of((*row.path, name)) if row.path else row.line
        if found is None:
            found = _shown(getattr(row.value, name, ""))
        self.faults.append(Fault(row.file, line, name, found, advice))

    def blame_policy(self, path: KeyPath, advice: str, found: str = "") -> None:
        self.faults.append(Fault(TOML, self.toml.line_of(path), str(path[-1]), found, advice))


def parse(toml: RawToml, tables: dict[str, RawTable]) -> Parsed:
    """Type every row; no reference between rows is looked at here."""
    parsed = Parsed(toml, faults=list(toml.faults))
    _parse_toml(parsed)
    for name, model in TABLES.items():
        table = tables[name]
        parsed.faults += table.faults
        rows = []
        for raw in table.rows:
            value = _parse_row(model, f"{name}.csv", raw.line, raw.cells, parsed.faults)
            if value is not None:
                rows.append(Located(value, f"{name}.csv", raw.line))
        setattr(parsed, name, rows)
        if name in NEEDED and not table.rows and not table.faults:
            parsed.faults.append(Fault(f"{name}.csv", 1, "", "", "Bảng chưa có dòng nào; hãy điền."))
        parsed.codes[name] = frozenset(r.cells.get("code", "") for r in table.rows) - {""}
    return parsed


def _parse_row(model: type[M], file: str, line: int, cells: dict[str, str], faults: list[Fault]) -> M | None:
    bad_dates = [n for n in cells if _is_date(model, n) and cells[n] and not _iso(cells[n])]
    for name in bad_dates:
        faults.append(Fault(file, line, name, cells[name], date_advice(cells[name])))
    for name, sign in ((n, invisible(c)) for n, c in cells.items()):
        if sign:
            advice = f"Có ký tự không nhìn thấy (mã U+{ord(sign):04X}); hãy xoá ô rồi gõ lại."
            faults.append(Fault(file, line, name, _shown(cells[name]).replace(sign, "")[:80], advice))
    data = {n: _value(model, n, c) for n, c in cells.items() if c or _may_be_blank(model, n)}
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for e in error.errors():
            name = str(e["loc"][0]) if e["loc"] else _named_field(e, model)
            if name not in bad_dates:
                faults.append(Fault(file, line, name, _shown(cells.get(name, ""))[:80], explain(e, model)))
        return None


def _value(model: type[BaseModel], name: str, cell: str) -> Any:
    """A cell holds one line: what Excel broke into several is joined."""
    cell = " ".join(cell.split())
    if is_list(model, name):
        return tuple(p.strip() for p in cell.split(";") if p.strip())
    if _is_date(model, name) and not _iso(cell):
        return "?"  # pydantic would read bare digits as seconds since 1970
    return cell


def invisible(cell: str) -> str:
    """The first sign that no mail and no Word document should carry, or ""."""
    return next((c for c in cell if not (c.isprintable() or c.isspace())), "")


def _may_be_blank(model: type[BaseModel], name: str) -> bool:
    """A required but possibly blank text, such as a name that the plan does not give."""
    info = model.model_fields[name]
    return info.annotation is str and info.is_required() and not info.metadata


def _is_date(model: type[BaseModel], name: str) -> bool:
    annotation = model.model_fields[name].annotation
    return annotation in (date, date | None)


def _iso(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", cell))


def date_advice(found: str) -> str:
    """How to write the date that was meant (``15/5/2026`` → ``2026-05-15``)."""
    parts = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", found)
    meant = f"{parts[3]}-{int(parts[2]):02}-{int(parts[1]):02}" if parts else "2026-05-15"
    return f"Ngày phải viết NĂM-THÁNG-NGÀY, ví dụ {meant}."


def _parse_toml(parsed: Parsed) -> None:
    data = parsed.toml.data
    for key in data:
        if key not in SECTIONS:
            parsed.blame_policy((key,), f"Không có mục tên này.{did_you_mean(key, SECTIONS)}", key)
    rounds = data.get("rounds", [])
    rounds = rounds if isinstance(rounds, list) else []
    codes = (str(r.get("code", "")) for r in rounds if isinstance(r, dict))
    parsed.codes["rounds"] = frozenset(codes) - {""}
    days = (r.get(k) for r in rounds if isinstance(r, dict) for k in ("opens", "limit", "consolidates"))
    parsed.round_days = sorted(d for d in days if type(d) is date)
    if parsed.toml.faults:
        return
    if not rounds:
        parsed.blame_policy(("rounds",), "Chưa có đợt báo cáo nào; mỗi đợt là một khối [[rounds]].")
    section = data.get("plan", {})
    settings = {k: data[k] for k in SECTIONS[1:4] if k in data}
    if not isinstance(section, dict):
        section = {}
    parsed.policy = _parse_toml_part(parsed, Policy, {**section, **settings}, ())
    for index, item in enumerate(rounds):
        path: KeyPath = ("rounds", index)
        value = _parse_toml_part(parsed, Round, item, path)
        if value is not None:
            parsed.rounds.append(Located(value, TOML, parsed.toml.line_of(path), path))


def _parse_toml_part(parsed: Parsed, model: type[M], data: Any, path: KeyPath) -> M | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for e in error.errors():
            loc = tuple(p for p in e["loc"] if p != "[key]")
            broken = e["type"] == "value_error"  # by a validator of the whole table at ``loc``
            inner = _model_at(model, loc if broken else loc[:-1])
            where = path + loc
            if model is Policy and (not loc or loc[0] not in SECTIONS):
                where = ("plan", *loc)
            name = (_named_field(e, inner) if broken else "") or (str(loc[-1]) if loc else "")
            where += (name,) if broken else ()
            found = "" if e["type"] in ("missing", "value_error") else _shown(e["input"])[:80]
            advice = explain(e, inner)
            parsed.faults.append(Fault(TOML, parsed.toml.line_of(where), name, found, advice))
        return None


def _model_at(model: type[BaseModel], loc: KeyPath) -> type[BaseModel]:
    """The innermost model on the way: (ladder, rungs, 0) → Rung."""
    for part in loc:
        info = model.model_fields.get(str(part))
        inner = _models_in(info.annotation) if info else []
        model = inner[0] if inner else model
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _models_in(a)]


def _named_field(error: Any, model: type[BaseModel]) -> str:
    """The first field that a validator's message names: "… (opens < limit)" → opens."""
    words = re.findall(r"\w+", error["msg"])
    return next((w for w in words if w in model.model_fields), "")


def _shown(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "; ".join(_shown(v) for v in value)
    return "" if value is None or isinstance(value, dict) else str(value)

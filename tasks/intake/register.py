"""The document register (QLVB&ĐH) from its .xlsx export: a channel that a person reads (ruling 12).

A row proves that a document arrived, not what is in it: it becomes a claim with the register's
own arrival time, which holds its unit until the operator records or assigns it. A row without a
time that can be read, of a sender that could be two units, or of one that looks like a unit and is
none, waits for a person too: a row passed over in silence could escalate whoever wrote it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Plan, Round
from db import audit
from db.models import InboundRow, ObligationRow, RoundRow
from db.session import writing
from tasks.forms.calamine import read_sheets
from tasks.forms.child import read_in_child
from tasks.forms.guard import scan_archive
from tasks.forms.sheets import CellValue
from tasks.forms.sniff import sniff
from tasks.forms.types import SPREADSHEETS, Kind
from tasks.forms.unzip import Refused
from tasks.office import Office
from tasks.rules.tokens import find_tokens
from tasks.rules.viet import fold, one_line

from .decide import REGISTER, DecisionError, record_register_reading
from .outcome import Outcome
from .recognise import Recognition
from .register_dates import instant
from .settle import recognition

COLUMNS = {
    "number": ("so ky hieu", "so va ky hieu", "so ki hieu", "so hieu"),
    "arrived": ("ngay den", "thoi gian den", "thoi diem den", "ngay nhan", "ngay gio den"),
    "issued": ("ngay van ban", "ngay ban hanh", "ngay ky", "ngay vb"),
    "issuer": ("co quan ban hanh", "noi ban hanh", "don vi ban hanh", "co quan gui", "noi gui", "tac gia"),
    "summary": ("trich yeu", "trich yeu noi dung", "noi dung", "noi dung trich yeu"),
}
NEEDED = ("number", "arrived", "issuer", "summary")
HEADER_ROWS = 30
_QUARTER = re.compile(r"\bquy (iv|iii|ii|i|[1-4])\b\D{0,12}(20\d\d)\b")
# A sender that is no unit of the plan by its name, and may be one that somebody abbreviated.
_LIKE_A_UNIT = re.compile(r"(ubnd|uy ban nhan dan|so|xa|phuong|cong an|thanh tra|van phong|ban quan ly)\b")
_SHORT = ((re.compile(r"\bp\b"), "phuong"), (re.compile(r"\bx\b"), "xa"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


@dataclass(frozen=True)
class Entry:
    """One row of the register. ``arrived``: the register's own instant (a bare date: its first instant);
    None where it cannot be read, or lies in the future."""

    number: str
    arrived: datetime | None
    issuer: str
    summary: str
    issued: str = ""


@dataclass(frozen=True)
class RegisterRead:
    rows: int
    claims: int  # a unit's document about a round it owes
    unknown: int  # not clear of whom, when or about what: a person looks
    known: int  # read before
    skipped: int  # letters of others, or of units that owe nothing
    faults: tuple[str, ...]  # rows that could not be read, in Vietnamese


def read_register_xlsx(
    office: Office, data: bytes, by: str, now: datetime, *, through: datetime | None = None
) -> RegisterRead:
    """Take the rows of a register export as items; ``DecisionError`` where it is no register.

    ``through``: the operator also declares the register as checked up to that instant.
    """
    entries, faults = read_entries(data)
    sha256 = office.archive.put(data)
    counts = {"claim": 0, "unknown": 0, "known": 0, "skipped": 0}
    with writing(office.engine) as session:
        owed = _owed(session, office.plan)
        for entry in entries:
            if entry.arrived and entry.arrived > now:
                faults.append(f"văn bản số {entry.number}: ngày đến ở tương lai")
                entry = replace(entry, arrived=None)
            counts[_take(session, office, entry, owed, by, now)] += 1
        audit.record(
            session, at=now, actor=by, action="register.imported", subject=REGISTER, sha256=sha256, **counts
        )
        if through is not None:
            record_register_reading(session, through, by, now)
    return RegisterRead(
        rows=len(entries),
        claims=counts["claim"],
        unknown=counts["unknown"],
        known=counts["known"],
        skipped=counts["skipped"],
        faults=tuple(faults),
    )


def read_entries(data: bytes) -> tuple[list[Entry], list[str]]:
    """(rows, faults) of the first sheet that has the register's headings."""
    try:
        kind, archive = sniff(data, "so-van-ban.xlsx")
        if kind not in SPREADSHEETS:
            raise DecisionError("tệp không phải bảng tính .xlsx, .xls hoặc .ods")
        guarded = kind is Kind.WORKBOOK and archive is not None
        sheets = (
            read_sheets(data, scan_archive(archive)) if guarded and archive else read_in_child(data, kind)
        )
    except Refused as refused:
        raise DecisionError(f"không đọc được tệp xuất của sổ văn bản đến ({refused.code})") from None
    for sheet in sheets:
        found = _columns(sheet.rows)
        if found:
            top, columns = found
            return _entries(sheet.rows[top + 1 :], columns, sheet.top + top + 2)
    raise DecisionError("không tìm thấy các cột: số ký hiệu, ngày đến, cơ quan ban hành, trích yếu")


def _columns(rows: list[list[CellValue]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(rows[:HEADER_ROWS]):
        heads = [fold(str(v)) if v is not None else "" for v in row]
        columns = {
            key: next(i for i, h in enumerate(heads) if h in names)
            for key, names in COLUMNS.items()
            if any(h in names for h in heads)
        }
        if all(key in columns for key in NEEDED):
            return number, columns
    return None


def _entries(
    rows: list[list[CellValue]], columns: Mapping[str, int], first: int
) -> tuple[list[Entry], list[str]]:
    entries, faults = [], []
    for number, row in enumerate(rows, first):
        cells = {key: row[i] if i < len(row) else None for key, i in columns.items()}
        if not any(_text(v) for v in cells.values()):
            continue
        arrived = instant(cells["arrived"])
        if arrived is None:
            faults.append(f'dòng {number}: ngày đến "{_text(cells["arrived"])[:40]}" không đọc được')
        texts = {key: _text(cells.get(key)) for key in ("number", "issuer", "summary", "issued")}
        entries.append(Entry(arrived=arrived, **texts))
    return entries, faults


def _text(value: CellValue) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return one_line(str(value)) if value is not None else ""


@dataclass(frozen=True)
class _Owed:
    obligation: int
    unit: str
    round: Round
    token: str


def _owed(session: Session, plan: Plan) -> list[_Owed]:
    query = (
        select(ObligationRow, RoundRow.definition)
        .join(RoundRow, (RoundRow.plan == ObligationRow.plan) & (RoundRow.code == ObligationRow.round))
        .where(ObligationRow.plan == plan.code)
        .order_by(ObligationRow.id)
    )
    return [_Owed(o.id, o.unit, Round.model_validate(d), o.token) for o, d in session.execute(query).tuples()]


def _take(session: Session, office: Office, entry: Entry, owed: list[_Owed], by: str, now: datetime) -> str:
    """Store one row; what it was taken for: claim, unknown, known, skipped."""
    found = _found(entry, _units(office.plan, entry.issuer), owed)
    if found is None:
        return "skipped"
    undated = () if entry.arrived else ("undated",)  # read again with its time, it is another item
    key = "\x1f".join([entry.number, entry.issuer, entry.summary, *undated])
    reference = hashlib.sha256(key.encode()).hexdigest()[:32]
    query = select(InboundRow.id).where(InboundRow.channel == REGISTER, InboundRow.reference == reference)
    if session.scalar(query):
        return "known"
    inbound = _store(session, office, entry, reference, by, now)
    recognition(session, inbound.id, None, found, "register", now)
    return found.outcome.value


def _found(entry: Entry, units: tuple[str, ...], owed: list[_Owed]) -> Recognition | None:
    """What the row is taken for; None where it concerns nobody who owes something."""
    tokens = find_tokens(entry.summary)
    mine = [o for o in owed if o.unit in units or o.token in tokens]
    asked = [o for o in mine if o.token in tokens or _speaks_of(entry.summary, o.round)]
    reason = "register_entry" if entry.arrived else "register_undated"
    if not mine:
        unclear = not units and _LIKE_A_UNIT.match(fold(entry.issuer))
        told = unclear and any(_speaks_of(entry.summary, o.round) for o in owed)
        return Recognition(Outcome.UNKNOWN, reason="register_sender") if told else None
    if not asked and not re.search(r"\b(bao cao|ke hoach|kpi|chi tieu)\b", fold(entry.summary)):
        return None
    hints = tuple(sorted({o.unit for o in mine}))
    if len(asked) == 1 and hints == units and len(units) == 1 and entry.arrived:
        return Recognition(Outcome.CLAIM, asked[0].obligation, hints, reason)
    return Recognition(Outcome.UNKNOWN, None, hints, reason)


def _store(
    session: Session, office: Office, entry: Entry, reference: str, by: str, now: datetime
) -> InboundRow:
    arrived = entry.arrived or now
    told = entry.arrived.isoformat() if entry.arrived else "?"
    text = "\n".join([entry.number, entry.issued, told, entry.issuer, entry.summary])
    row = InboundRow(
        channel=REGISTER,
        reference=reference,
        sha256=office.archive.put(text.encode()),
        size=len(text.encode()),
        kind="register",
        arrived_at=arrived,
        arrived_how="person",
        arrival_doubt=False,
        recorded_at=now,
        sender="",
        subject=f"{entry.number}: {entry.summary}"[:500],
        message_id="",
        automatic=True,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="inbound.stored",
        subject=f"inbound:{row.id}",
        channel=REGISTER,
        sha256=row.sha256,
        arrived_at=arrived.isoformat(),
        how="person",
    )
    return row


def _units(plan: Plan, issuer: str) -> tuple[str, ...]:
    """The units that may have issued the document: named exactly, or inside a longer name."""
    folded = fold(issuer)
    for short, whole in _SHORT:  # "UBND P. Nam Định"
        folded = short.sub(whole, folded)
    names = [(fold(n), u.code) for u in plan.units for n in (u.name, u.letter_name, *u.alt_names)]
    exact = {code for name, code in names if name == folded}
    inside = {code for name, code in names if re.search(rf"\b{re.escape(name)}\b", folded)}
    return tuple(sorted(exact or inside))


def _speaks_of(summary: str, round_: Round) -> bool:
    """Is the round's title, or its quarter and year, named in the summary of a document?"""
    said = fold(summary)
    if fold(round_.title) in said or fold(round_.short) in said:
        return True
    quarters = set(_quarters(said))
    return bool(quarters & set(_quarters(fold(round_.title)))) and round_.area.value == "general"


def _quarters(folded: str) -> Iterator[tuple[str, str]]:
    for number, year in _QUARTER.findall(folded):
        yield _ROMAN.get(number, number), year


__all__ = ["Entry", "RegisterRead", "read_entries", "read_register_xlsx"]

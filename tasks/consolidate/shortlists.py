"""Facts for people who decide: whom to look at for khen thưởng (l.127) and for kiểm tra (l.125).

A shortlist is no verdict. Every row says why the unit is on it; a unit without facts is on neither.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from tasks.rules.status import LATE, State

from .assignments import Progress
from .digest import Digest
from .entries import Entry, Kind, entries
from .frames import rows_of
from .indicators import reaches
from .words import amount, number, two

JUMP = 30.0  # percentage points between two quarters that call for a look
GIVEN = (Kind.COUNTED, Kind.STATED, Kind.NOT_APPLICABLE)


@dataclass(frozen=True)
class Merit:
    """A punctual, complete unit. ``met`` of ``told`` figures reach their target."""

    unit: str
    met: int
    told: int
    done: int  # assignments done
    assigned: int
    arrived: Any


@dataclass(frozen=True)
class Doubt:
    unit: str
    reasons: tuple[str, ...]


def merits(d: Digest) -> list[Merit]:
    """In time, never returned, every asked figure given, nothing overdue; the most targets first."""
    by_unit = _by_unit(d)
    states: dict[str, Counter[Progress]] = defaultdict(Counter)
    for item in d.items:
        states[item.assignment.unit][item.state] += 1
    found = []
    for r in rows_of(d.data.submission):
        rows, own = by_unit[str(r.unit)], states[str(r.unit)]
        if r.state != State.DONE_ON_TIME or r.returns or own[Progress.OVERDUE]:
            continue
        if any(e.kind not in GIVEN for e in rows):
            continue
        told = [e for e in rows if e.value is not None]
        met = sum(_meets(d, e) for e in told)
        done = own[Progress.DONE]
        found.append(Merit(str(r.unit), met, len(told), done, sum(own.values()), r.arrived_at))
    return sorted(found, key=lambda m: (-(m.met / m.told if m.told else 0), -m.met, m.arrived))


def _by_unit(d: Digest) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for p in d.provinces:
        for e in p.entries:
            found[e.unit].append(e)
    return found


def _meets(d: Digest, e: Entry) -> bool:
    return e.value is not None and reaches(e.value, d.data.plan.indicator_by_code[e.indicator].target)


def doubts(d: Digest) -> list[Doubt]:
    """Late, returned, inconsistent, silent on figures, jumping: the most reasons first."""
    reasons: dict[str, list[str]] = {}
    for r in rows_of(d.data.submission):
        reasons[str(r.unit)] = _conduct(r)
    for p in d.provinces:
        for e in p.entries:
            reasons.setdefault(e.unit, []).extend(_figure_reasons(e))
    for unit, code, text in _jumps(d):
        reasons.setdefault(unit, []).append(f"{code}: {text}")
    for item in d.overdue:
        reasons.get(item.assignment.unit, []).append(
            f"nhiệm vụ {item.assignment.code} quá hạn {two(item.days)} ngày"
        )
    questions = Counter(str(u) for u in d.data.findings["unit"])
    for unit, count in questions.items():
        reasons.setdefault(unit, []).append(f"{two(count)} nội dung đề nghị giải trình khi tiếp nhận")
    found = [Doubt(unit, tuple(r)) for unit, r in reasons.items() if r]
    return sorted(found, key=lambda x: -len(x.reasons))


def _conduct(r: Any) -> list[str]:
    if r.state == State.EXEMPT:
        return []  # it owes no report, so it cannot have failed with one
    found = []
    if r.state in [s.value for s in LATE] or r.state == State.DONE_LATE:
        found.append(f"{r.label.lower()}, {f'{two(r.days_late)} ngày' if r.days_late else 'trong ngày'}")
    if r.returns:
        found.append(f"{two(r.returns)} lần bị trả lại")
    return found


def _figure_reasons(e: Entry) -> list[str]:
    if e.kind is Kind.INCONSISTENT:
        return [f"{e.indicator}: {e.shown}"]
    if e.doubt:
        return [f"{e.indicator}: {e.doubt}"]
    return [f"{e.indicator}: {e.shown}"] if e.kind is Kind.WORDS else []


def _jumps(d: Digest) -> list[tuple[str, str, str]]:
    """Figures that moved more than ``JUMP`` points, or fell, since the quarter before."""
    if len(d.data.quarters) < 2:
        return []
    before = {
        (e.unit, e.indicator): e.value
        for e in entries(d.data, d.data.quarters[-2].code)
        if e.value is not None
    }
    found = []
    for p in d.provinces:
        for e in p.entries:
            was = before.get((e.unit, e.indicator))
            if was is None or e.value is None or -JUMP / 3 <= e.value - was <= JUMP:
                continue
            verb = "giảm" if e.value < was else "tăng"
            text = f"{verb} từ {number(was)} xuống " if e.value < was else f"{verb} từ {number(was)} lên "
            found.append((e.unit, e.indicator, text + amount(e.value, p.indicator.uom)))
    return found

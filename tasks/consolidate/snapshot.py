"""The facts of a report as plain JSON: its fingerprint, and what changed between two editions.

Left out on purpose: what merely grows older (days late, letters sent). So an edition is new only
when something was sent, decided, judged or corrected.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tasks.rules.status import LABELS, WAITING, State

from .assignments import STATES, Progress
from .digest import Digest
from .entries import Kind
from .frames import rows_of
from .indicators import VERDICTS, Verdict
from .words import before, listed, number, two

NAMED = 12  # units named in one sentence


def snapshot(d: Digest) -> dict[str, Any]:
    """What the documents were made from, in one order."""
    return {
        "round": d.data.round.code,
        "names": {str(r.unit): str(r.name) for r in rows_of(d.data.submission)},
        "states": {str(r.unit): _state(str(r.state)) for r in rows_of(d.data.submission)},
        "limits": {str(r.unit): r.limit.isoformat() for r in rows_of(d.data.submission)},
        "extensions": _rows(d.data.extensions, ("unit", "until", "reason")),
        "exemptions": _rows(d.data.exemptions, ("unit", "reason")),
        "figures": _rows(d.data.figures, ("round", "unit", "indicator", "field", "raw", "value", "flag",
        "basis", "decided")),
        "progress": _rows(d.data.progress, ("round", "unit", "assignment", "result", "state", "difficulty",
        "proposal")),
        "narrative": _rows(d.data.narrative, ("unit", "section", "key", "text", "body", "reason")),
        "sector": _rows(d.data.sector, ("round", "unit", "section", "key", "text")),
        "indicators": {
            p.indicator.code: [p.value, p.verdict.value, p.indicator.target, p.counts[Kind.COUNTED],
            p.expected]
            for p in d.provinces
        },
        "assignments": {i.assignment.code: i.state.value for i in d.items},
    }  # fmt: skip


def _state(state: str) -> str:
    return "waiting" if State(state) in WAITING else state


def _rows(table: Any, columns: tuple[str, ...]) -> list[list[Any]]:
    return [[_plain(v) for v in row] for row in table[list(columns)].itertuples(index=False, name=None)]


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return bool(value) if type(value).__name__ == "bool_" else value


def encode(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(facts: dict[str, Any]) -> str:
    return hashlib.sha256(encode(facts)).hexdigest()


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What changed since the last edition, in Vietnamese sentences."""
    found = _state_changes(old, new) + _decision_changes(old, new)
    found += _indicator_changes(old, new) + _assignment_changes(old, new)
    if (was := len(old["narrative"])) != (now := len(new["narrative"])):
        found.append(f"Nội dung thuyết minh, kiến nghị: từ {two(was)} thành {two(now)} mục.")
    if old["sector"] != new["sector"]:
        found.append("Nội dung báo cáo chuyên đề (Đề án 06, cải cách hành chính) có thay đổi.")
    # who changed it is not said: a unit corrects, but a person confirms figures, and the plan is amended
    return found or ["Một số số liệu, thuyết minh có thay đổi; kết quả tổng hợp không đổi."]


def _state_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for unit, state in new["states"].items():
        was = old["states"].get(unit, "")
        if was != state:
            groups.setdefault((was, state), []).append(new["names"].get(unit, unit))
    return [
        f"{two(len(names))} đơn vị chuyển từ “{_label(was)}” sang “{_label(state)}”: {listed(names, NAMED)}."
        for (was, state), names in groups.items()
    ]


def _label(state: str) -> str:
    if state == "waiting":
        return "Chưa gửi, chưa hết hạn"
    return LABELS[State(state)] if state else "Chưa có trong danh sách"


def _decision_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    from datetime import datetime

    def told(facts: dict[str, Any]) -> list[str]:
        names = new["names"]
        extended = (
            f"Gia hạn {names.get(unit, unit)}: {before(datetime.fromisoformat(until))} ({reason})."
            for unit, until, reason in facts["extensions"]
        )
        exempt = (f"Miễn báo cáo {names.get(unit, unit)} ({reason})." for unit, reason in facts["exemptions"])
        return [*extended, *exempt]

    was, now = told(old), told(new)
    return [x for x in now if x not in was] + [f"Rút lại: {x}" for x in was if x not in now]


def _indicator_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    sentences = []
    for code, (value, verdict, *_) in new["indicators"].items():
        was = old["indicators"].get(code)
        if was and (_shown(was[0]) != _shown(value) or was[1] != verdict):
            moved = f"{_shown(was[0])} → {_shown(value)}"
            judged = (
                "" if was[1] == verdict else f", {VERDICTS[Verdict(was[1])]} → {VERDICTS[Verdict(verdict)]}"
            )
            sentences.append(f"Chỉ tiêu {code}: {moved}{judged}.")
    return sentences


def _shown(value: float | None) -> str:
    return "chưa có số liệu" if value is None else number(value)


def _assignment_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for code, state in new["assignments"].items():
        if old["assignments"].get(code, state) != state:
            groups.setdefault(state, []).append(code)
    return [
        f"{two(len(codes))} nhiệm vụ chuyển sang “{STATES[Progress(state)]}”: "
        f"{listed(codes, NAMED, what='nhiệm vụ')}."
        for state, codes in groups.items()
    ]

"""Checks of the assignments: each has a state, one of the official four, and a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tasks.forms.columns import STATES
from tasks.forms.states import DONE, DONE_LATE, is_computed
from tasks.forms.types import AssignmentRow, FormSpec, ProgressRead, Reading
from tasks.rules.findings import Finding

_STATES = ", ".join(f'"{s}"' for s in STATES)


def check_progress(reading: Reading, spec: FormSpec, last: Mapping[str, str]) -> list[Finding]:
    rows: dict[str, ProgressRead] = {}
    for read in reading.progress:
        rows.setdefault(read.assignment, read)
    findings: list[Finding] = []
    for asked in spec.assignments:
        read_ = rows.get(asked.code)
        if read_ is None:
            sheet, cell = reading.where.get(f"state:{asked.code}", ("", ""))
            findings.append(Finding("progress_missing", sheet, cell, params={"name": asked.title}))
        else:
            findings += _row(asked, read_, last.get(asked.code, ""))
    asked_codes = {a.code for a in spec.assignments}
    findings += [
        Finding("unknown_row", p.sheet, p.cell, p.assignment)
        for p in rows.values()
        if p.assignment not in asked_codes
    ]
    return findings


def _row(asked: AssignmentRow, read: ProgressRead, last: str) -> Iterator[Finding]:
    params = {"name": asked.title, "states": _STATES, "state": read.state, "last": last}

    def finding(code: str) -> Finding:
        return Finding(code, read.sheet, read.cell, read.raw_state, params)

    if not read.state:
        yield finding("state_missing" if read.result else "progress_missing")
    elif is_computed(read.raw_state):
        yield finding("state_computed")
    elif read.state not in STATES:
        yield finding("state_unknown")
    elif read.state in (DONE, DONE_LATE) and not read.result:
        yield finding("result_missing")
    reopened = last in (DONE, DONE_LATE) and read.state in STATES and read.state not in (DONE, DONE_LATE)
    if reopened and not read.difficulty:
        yield finding("step_back")

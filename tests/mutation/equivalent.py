"""Mutants that no test can notice, each with the reason why it changes nothing."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {
    "working_days.of: for h in rows if h.kind is DayKind.OFF → for h in rows": (
        "a make-up Saturday in `off` too: `is_working` asks `work` first"
    ),
    "limits.module: 1 → 2": "an instant of two microseconds still falls on the last good day",
    "status.__call__: 0 → 1": "the default in the Protocol's signature is never used",
    "status.status: counting and cure → counting": (
        "nothing accepted, nothing in check: a counting version was returned, so there is a cure period"
    ),
    "holds.hold_of: status.state is State.RETURNED and status.cure_until → status.state is State.RETURNED": (
        "a returned obligation always has a cure period; the second half tells mypy so"
    ),
    "ladder._sent_on: drafted and drafted.decided_at → drafted": (
        "an approval always has its instant; the second half tells mypy so"
    ),
    "ladder.time_for: self.judged.state is State.INCOMPLETE and self.judged.cure_until"
    " → self.judged.state is State.INCOMPLETE": (
        "an incomplete obligation always has a cure period; the second half tells mypy so"
    ),
    "ladder.time_for: return False → return None": "both are false to every caller",
    "ladder._taken_back: isinstance(d, kinds) and d.revoked_at → isinstance(d, kinds)": (
        "what was taken back always has its instant; the second half tells mypy so"
    ),
    "last_look._approval: approved is None or approved.decided_at is None → approved is None": (
        "an approval always has its instant; the second half tells mypy so"
    ),
}

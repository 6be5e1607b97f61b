"""Findings: what is wrong with an answer, in a catalogue of codes with Vietnamese wording.

Each wording says what was found, where, and what to write instead. *Must fix* returns the answer;
*please explain* never does: the answer is accepted and the question goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

from tasks.rules.finding_texts import TEXTS


class Severity(StrEnum):
    MUST_FIX = "must_fix"
    PLEASE_EXPLAIN = "please_explain"


@dataclass(frozen=True)
class Finding:
    """One finding. ``sheet`` and ``cell`` ("J9") where it is; ``was``: what stood there."""

    code: str
    sheet: str = ""
    cell: str = ""
    was: str = ""
    params: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class FindingKind:
    code: str
    severity: Severity
    text: str  # with {was}, {place} and the finding's own parameters


CATALOGUE: dict[str, FindingKind] = {
    code: FindingKind(code, Severity(severity), text) for code, (severity, text) in TEXTS.items()
}
_CELL = re.compile(r"([A-Z]+)(\d+)")
_LONGEST = 120  # characters of the unit's own text that a wording repeats


def severity(finding: Finding) -> Severity:
    return CATALOGUE[finding.code].severity


def must_fix(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if severity(f) is Severity.MUST_FIX]


def in_reading_order(findings: Iterable[Finding]) -> list[Finding]:
    """As a clerk goes through the workbook: what has no cell first, then sheet, row, column.

    Sheets in the order in which they are first named; findings of one cell stay as they are.
    """
    listed = list(findings)
    sheets = {sheet: n for n, sheet in enumerate(dict.fromkeys(f.sheet for f in listed if f.cell))}

    def position(finding: Finding) -> tuple[int, int, int, str]:
        found = _CELL.fullmatch(finding.cell)
        if not found:
            return (-1, 0, 0, "")
        column, row = found.groups()
        return (sheets[finding.sheet], int(row), len(column), column)

    return sorted(listed, key=position)


def place(finding: Finding) -> str:
    """ "ô J9, trang "Biểu 01"", or what is known of it."""
    if finding.cell and finding.sheet:
        return f'ô {finding.cell}, trang "{finding.sheet}"'
    return f'trang "{finding.sheet}"' if finding.sheet else "tệp gửi"


def short(text: str) -> str:
    """The unit's own words on one line, cut where they are long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


class _Missing(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def wording(finding: Finding) -> str:
    """The Vietnamese sentence for ``finding``. Raises ``KeyError`` for a code not in the catalogue."""
    kind = CATALOGUE[finding.code]
    values = _Missing({key: short(value) for key, value in finding.params.items()})
    values["was"], values["place"] = short(finding.was), place(finding)
    text = Formatter().vformat(kind.text, (), values)
    return text[0].upper() + text[1:]

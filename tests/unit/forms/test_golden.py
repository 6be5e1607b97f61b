"""The approved look of each form, cell by cell, as text that a person can read and compare.

``DONDOC_GOLDEN=write pytest tests/unit/forms/test_golden.py`` writes them anew.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import openpyxl
import pytest

from tasks.forms.build import build, file_name
from tests.unit.forms.samples import FREE, KPI, Q2, spec

FOLDER = Path(__file__).parents[2] / "golden" / "forms"


def as_text(data: bytes) -> str:
    """Every cell with its content, every rule, in reading order; [ ] marks a cell to be filled."""
    lines: list[str] = []
    for ws in openpyxl.load_workbook(io.BytesIO(data)):
        lines.append(f"== {ws.title} ({ws.sheet_state})")
        for row in ws.iter_rows():
            cells = [f"{c.coordinate}={c.value!s}" if c.value is not None else f"{c.coordinate}=[ ]"
                     for c in row if c.value is not None or not c.protection.locked]  # fmt: skip
            if cells:
                lines.append(" | ".join(cells))
        rules = sorted(
            f"{v.sqref}: {v.type} {v.formula1 or ''}".rstrip() for v in ws.data_validations.dataValidation
        )
        lines += [f"-- {rule}" for rule in rules]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("code", [Q2, KPI, FREE])
def test_a_form_is_as_approved(code: str) -> None:
    form = spec(code, last={"C1": 61.25, "D2": 118.0}, states={"NV-U1-2": "Đang thực hiện"})
    text = as_text(build(form))
    path = FOLDER / f"{Path(file_name(form)).stem}.txt"
    if os.environ.get("DONDOC_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")

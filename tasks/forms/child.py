"""Read what may crash a reader in a process of its own, with memory and time limits.

Run as ``python -m tasks.forms.child KIND``: the file on stdin, its sheets as JSON on stdout. The
parent sees an exit code and never the crash.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from tasks.forms.kinds import Kind
from tasks.forms.sheets import CellValue, Sheet
from tasks.forms.unzip import Refused

SECONDS = 20  # wall clock
CPU_SECONDS = 15
MEMORY = 1024 * 1024 * 1024
MAX_CELLS = 300_000
_REFUSED = 3  # exit code: the reason is on stdout


def read_in_child(data: bytes, kind: Kind) -> list[Sheet]:
    """The sheets of ``data``. Raises ``Refused`` whatever happens in the child."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tasks.forms.child", kind.value],
            input=data, capture_output=True, timeout=SECONDS, check=False, env=_environment(),
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Refused("reader_failed") from error
    try:
        answer = json.loads(done.stdout)
    except (ValueError, RecursionError) as error:
        raise Refused("reader_failed") from error
    if done.returncode == _REFUSED:
        raise Refused(str(answer["code"]), **answer["params"])
    if done.returncode != 0:
        raise Refused("reader_failed")
    return [_sheet(s) for s in answer]


def _environment() -> dict[str, str]:
    """No secrets of the parent; only what Python needs to start."""
    keep = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV", "TMPDIR")
    root = str(Path(__file__).resolve().parents[2])
    return {k: v for k, v in os.environ.items() if k in keep} | {"PYTHONPATH": root, "PYTHONUTF8": "1"}


def _sheet(answer: dict[str, Any]) -> Sheet:
    rows = [[_value(v) for v in row] for row in answer["rows"]]
    percent = {(r, c) for r, c in answer["percent"]}
    special = {(r, c): text for r, c, text in answer["special"]}
    return Sheet(answer["name"], rows, answer["top"], answer["left"], percent, special)


def _value(value: Any) -> CellValue:
    if isinstance(value, dict):  # a date travels as {"date": "2026-05-15"}
        text = str(value["date"])
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    return value if isinstance(value, (str, int, float, bool)) else None


def _limit() -> None:
    """Give this process little; where the system cannot (Windows), the parent's clock remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _read(data: bytes, kind: Kind) -> list[Sheet]:
    if kind is Kind.CSV:
        return [_read_csv(data)]
    from tasks.forms.calamine import read_sheets

    if kind is Kind.ODS:
        from tasks.forms.ods import check_ods, mark

        archive = check_ods(data)
        return mark(read_sheets(data, None), archive)
    if kind is Kind.XLSM:
        from tasks.forms.guard import scan

        return read_sheets(data, scan(data))
    from tasks.forms import biff

    return biff.mark(read_sheets(data, None), data)


def _read_csv(data: bytes) -> Sheet:
    text = _decode(data)
    first = "\n".join(text.splitlines()[:40])
    delimiter = max(";\t,|", key=first.count)
    rows: list[list[CellValue]] = []
    csv.field_size_limit(1_000_000)
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        rows.append(list(row))
        if len(rows) * max(1, len(row)) > MAX_CELLS:
            raise Refused("too_many_cells", cell_seen=f"dòng {len(rows)}")
    return Sheet("csv", rows)


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1258", "replace")


def _plain(value: CellValue) -> Any:
    if isinstance(value, (datetime, date)):
        return {"date": value.isoformat()}
    return str(value) if isinstance(value, (time, timedelta)) else value


def main(arguments: Sequence[str]) -> int:
    kind = Kind(arguments[0])
    data = sys.stdin.buffer.read()
    _limit()
    try:
        sheets = _read(data, kind)
    except Refused as refused:
        json.dump({"code": refused.code, "params": refused.params}, sys.stdout)
        return _REFUSED
    answer = [
        {"name": s.name, "rows": [[_plain(v) for v in row] for row in s.rows], "top": s.top, "left": s.left,
         "percent": sorted(s.percent), "special": [(*place, text) for place, text in s.special.items()]}
        for s in sheets
    ]  # fmt: skip
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

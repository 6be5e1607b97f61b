"""How long the consolidated documents take, beside the same work done bare.

    python -m benchmarks.consolidate [--many 3500] [--json FILE]

1. The whole set (.docx, .xlsx, page, charts) for 145 units, beside the sum of its parts run bare:
   the same tables through xlsxwriter, docxtpl, matplotlib with nothing of ours around them.
2. The wide .xlsx for 3,500 units (aim <= 1 s), beside the usual way: pandas with openpyxl.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.aims import Row, show
from config.plan import Group, Plan, Unit
from tasks.consolidate import charts, quarterly, workbook
from tasks.consolidate.digest import Digest
from tasks.consolidate.report import digest_of, document, draw, write_report
from tasks.consolidate.sheets import Book
from tests.unit.consolidate.province_case import a_quarter
from tests.unit.consolidate.world import JUNE_30, PLAN, Q2

ROUNDS = 3
MANY = 3_500
AIM = 1.0


def best(work: Callable[[], object]) -> float:
    """The shortest of ``ROUNDS`` runs, in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def a_large_plan(units: int) -> Plan:
    """The plan of 2026 with ``units`` reporting units: communes are invented to fill it up."""
    spare = units - sum(u.active for u in PLAN.units)
    more = [
        Unit(code=f"X{n:05d}", name=f"Xã số {n}", letter_name=f"UBND xã số {n}", group=Group.COMMUNE)
        for n in range(spare)
    ]
    return PLAN.model_copy(update={"units": (*PLAN.units, *more)})


def wide_book(d: Digest) -> bytes:
    book = Book("Số liệu", d.data.as_of)
    workbook.wide(book, d)
    return book.bytes()


def wide_usual(d: Digest) -> bytes:
    """The same rows and columns as a pandas frame, written by openpyxl."""
    import pandas as pd

    found = {(e.unit, e.indicator): e for p in d.provinces for e in p.entries}
    rows: list[dict[str, Any]] = []
    for u in d.data.submission[["unit", "name", "group"]].itertuples(index=False):
        row: dict[str, Any] = {"Đơn vị": u.name, "Nhóm": u.group}
        for p in d.provinces:
            if e := found.get((str(u.unit), p.indicator.code)):
                code = p.indicator.code
                row |= {f"{code} tử": e.numerator, f"{code} mẫu": e.denominator, f"{code} kết quả": e.value}
        rows.append(row)
    target = io.BytesIO()
    pd.DataFrame(rows).to_excel(target, engine="openpyxl", index=False)
    return target.getvalue()


def bare_parts(d: Digest) -> dict[str, float]:
    """The libraries' own work on the same content."""
    from docxtpl import DocxTemplate

    from tasks.consolidate.document import TEMPLATES

    fields = quarterly.context(d)
    pictures = draw(d)

    def word() -> None:
        template = DocxTemplate(str(TEMPLATES / "bao-cao-quy.docx"))
        template.render(fields, autoescape=True)
        template.save(io.BytesIO())

    return {
        "docxtpl": best(word),
        "xlsxwriter": best(lambda: workbook.workbook(d)),
        "matplotlib": best(lambda: (charts.submission_chart(d.groups), charts.indicator_chart(d.provinces))),
        "pictures": float(len(pictures)),
    }


def whole_set(folder: Path) -> dict[str, Any]:
    office = a_quarter(folder / "145").office
    whole = best(lambda: write_report(office, Q2, JUNE_30, folder / "out", pdf=False))
    d = digest_of(office, Q2, JUNE_30)
    parts = bare_parts(d)
    parts.pop("pictures")
    bare = sum(parts.values())
    ours = {
        "gather": best(lambda: digest_of(office, Q2, JUNE_30)),
        "document": best(lambda: document(Digest(d.data), draw(d))),
    }
    return {
        "units": 145,
        "whole_s": whole,
        "bare_s": bare,
        "ratio": whole / bare,
        "bare": parts,
        "ours": ours,
    }


def wide_set(folder: Path, units: int) -> dict[str, Any]:
    office = a_quarter(folder / "wide", plan=a_large_plan(units)).office
    d = digest_of(office, Q2, JUNE_30)
    _ = d.provinces  # both ways start from the same figures
    ours, usual = best(lambda: wide_book(d)), best(lambda: wide_usual(d))
    before = time.process_time()
    wide_book(d)
    cpu = time.process_time() - before
    return {"units": len(d.data.submission), "wide_s": ours, "wide_cpu_s": cpu, "usual_s": usual}


def measure(many: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as name:
        folder = Path(name)
        return {"report_145": whole_set(folder), "wide": wide_set(folder, many)}


def rows(found: dict[str, Any]) -> Iterator[Row]:
    r, w = found["report_145"], found["wide"]
    yield Row(
        f"Consolidated set, {r['units']} units",
        f"{r['whole_s']:.2f} s, its parts run bare {r['bare_s']:.2f} s",
        r["ratio"],
    )
    wide, wall = f"Wide .xlsx, {w['units']} units", f"{w['wide_s']:.2f} s"
    yield Row(wide, f"{w['wide_cpu_s']:.2f} s of CPU", w["wide_s"], AIM, "s")
    yield Row(
        wide, f"{wall}, pandas + openpyxl {w['usual_s']:.2f} s", w["usual_s"] / w["wide_s"], unit="x faster"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--json", type=Path, help="write what was measured into this file")
    given = parser.parse_args(arguments)
    found = measure(given.many)
    show(*rows(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

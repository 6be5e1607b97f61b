"""Workbooks: building and reading thousands, beside a limit and the usual way.

    python -m benchmarks.workbooks [--units 3500] [--json]

Building. Limit: deflating the same parts with zlib, level 6, and nothing else. Usual: openpyxl loads
the form and saves it. Reading (guard + read + check + store in SQLite). Limit: inflating every part
and passing the XML ones through expat with an empty element handler. Usual: pandas with openpyxl,
read only, every sheet. The usual ways are timed on a sample, all else on every file, in turns, so
that a busy moment of the machine falls on both.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

import openpyxl
import pandas as pd
from sqlalchemy import Engine

from benchmarks.answers import filled
from config.plan import ZONE, Form
from config.plan_files import load_plan
from config.settings import PLANS
from db.models import Base, InboundRow, ObligationRow, SubmissionRow
from db.session import make_engine, writing
from tasks.forms.build import build
from tasks.forms.check import expected_of
from tasks.forms.read import read
from tasks.forms.spec import form_spec
from tasks.forms.types import FormSpec
from tasks.intake.check import BATCH, judge, record_all

NOW = datetime(2026, 9, 20, 9, 0, tzinfo=ZONE)
CHUNK = 70  # files timed in one turn, and stored in one transaction
SAMPLE = 2  # files of each turn for the usual way
FIGURE_AIMS = {"build": (0.6, 40.0), "read": (4.0, 4.0)}


@dataclass(frozen=True)
class Measure:
    """Milliseconds a file, and the two ratios that the aims speak of."""

    name: str
    files: int
    limit_ms: float
    usual_ms: float
    ours_ms: float
    aim_limit: float
    aim_usual: float

    @property
    def of_limit(self) -> float:
        return self.ours_ms / self.limit_ms

    @property
    def faster(self) -> float:
        return self.usual_ms / self.ours_ms

    @property
    def reached(self) -> bool:
        return self.of_limit <= self.aim_limit and self.faster >= self.aim_usual

    def as_dict(self) -> dict[str, object]:
        return asdict(self) | {
            "ratio_to_limit": round(self.of_limit, 3),
            "times_faster_than_usual": round(self.faster, 1),
            "reached": self.reached,
        }


def specs(count: int) -> list[FormSpec]:
    """Forms of ``count`` units: the plan's own quarterly ones, again and again under other codes."""
    plan = load_plan(PLANS / "2026")
    round_ = next(r for r in plan.rounds if r.form is Form.QUARTERLY and r.previous)
    own = [
        form_spec(
            plan, round_, unit, "k" * 26,
            last_values={i.code: 41.5 for i in plan.indicators}, last_states={}, assumed=True,
        )
        for unit, _ in plan.audience_of(round_, assumed=True)
    ]  # fmt: skip
    return [
        replace(s, identity=replace(s.identity, unit=f"{s.identity.unit}-{n}", token=f"{n:026d}"))
        for n, s in enumerate(islice(cycle(own), count))
    ]


def timed(work: Callable[..., object], *arguments: object) -> float:
    """Seconds that ``work`` takes."""
    gc.collect()
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def each(work: Callable[[Any], object], items: Iterable[Any]) -> list[object]:
    return [work(item) for item in items]


def chunks(items: list[FormSpec]) -> Iterator[list[FormSpec]]:
    return (items[i : i + CHUNK] for i in range(0, len(items), CHUNK))


def measure_building(forms: list[FormSpec]) -> Measure:
    template = build(forms[0])
    ours = limit = usual = 0.0
    sampled = 0
    for chunk in chunks(forms):
        ours += timed(each, build, chunk)
        parts = [part for spec in chunk for part in members(build(spec)).values()]
        limit += timed(each, zlib.compress, parts)
        usual += timed(each, partial(usual_build, template), chunk[:SAMPLE])
        sampled += len(chunk[:SAMPLE])
    return _measure("build", len(forms), limit, usual / sampled, ours)


def measure_reading(forms: list[FormSpec], folder: Path) -> Measure:
    own = [filled(build(s), n) for n, s in enumerate(forms[:145])]
    answers = list(islice(cycle(own), len(forms)))
    pairs = list(zip(forms, answers, strict=True))
    engine = make_engine(f"sqlite:///{folder / 'bench.sqlite'}")
    ids = _prepare(engine, forms)
    ours = limit = usual = 0.0
    sampled = 0
    for start in range(0, len(pairs), CHUNK):
        chunk, numbers = pairs[start : start + CHUNK], ids[start : start + CHUNK]
        ours += timed(receive, engine, chunk, numbers)
        limit += timed(each, inflate_and_scan, [data for _, data in chunk])
        usual += timed(each, usual_read, [data for _, data in chunk[:SAMPLE]])
        sampled += len(chunk[:SAMPLE])
    return _measure("read", len(forms), limit, usual / sampled, ours)


def _measure(name: str, files: int, limit: float, usual: float, ours: float) -> Measure:
    aims = FIGURE_AIMS[name]
    return Measure(name, files, 1000 * limit / files, 1000 * usual, 1000 * ours / files, *aims)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def inflate_and_scan(data: bytes) -> None:
    for name, content in members(data).items():
        if name.endswith((".xml", ".rels")):
            parser = expat.ParserCreate()
            parser.StartElementHandler = lambda _name, _attributes: None
            parser.Parse(content, True)


def receive(engine: Engine, pairs: Sequence[tuple[FormSpec, bytes]], ids: Sequence[int]) -> None:
    """Guard, read, check and store, as the mailroom does."""
    for start in range(0, len(pairs), BATCH):
        verdicts = {
            number: judge(read(data, "bao-cao.xlsx"), expected_of(spec))
            for (spec, data), number in zip(
                pairs[start : start + BATCH], ids[start : start + BATCH], strict=True
            )
        }
        if not all(v.reading.figures for v in verdicts.values()):
            raise AssertionError("nothing was read")
        with writing(engine) as session:
            record_all(session, verdicts, NOW)


def usual_build(template: bytes, spec: FormSpec) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template))
    book["Biểu 01"]["A1"] = spec.unit_name
    for n, row in enumerate(spec.indicators):
        book["Biểu 01"].cell(7 + n, 6).value = row.last
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def usual_read(data: bytes) -> dict[str, pd.DataFrame]:
    options = {"read_only": True, "data_only": True}
    return pd.read_excel(
        io.BytesIO(data), sheet_name=None, header=None, engine="openpyxl", engine_kwargs=options
    )


def _prepare(engine: Engine, forms: list[FormSpec]) -> list[int]:
    """Obligations and submissions that the stored readings refer to."""
    Base.metadata.create_all(engine)
    with writing(engine) as session:
        session.add(InboundRow(
            id=1, channel="folder", reference="bench", sha256="0" * 64, size=1, kind="file", arrived_at=NOW,
            arrived_how="reading", arrival_doubt=False, recorded_at=NOW, sender="", subject="", message_id="",
            automatic=False,
        ))  # fmt: skip
        session.flush()
        for n, spec in enumerate(forms, 1):
            i = spec.identity
            session.add(ObligationRow(id=n, plan=i.plan, round=i.round, unit=i.unit, token=i.token,
                                      certainty="confirmed", created_at=NOW))  # fmt: skip
        session.flush()
        for n in range(1, len(forms) + 1):
            session.add(SubmissionRow(id=n, obligation_id=n, inbound_id=1, file_id=None, version=1,
                                      arrived_at=NOW,
                                      recorded_at=NOW, document_number="", flags=[]))  # fmt: skip
    return list(range(1, len(forms) + 1))


def table(measures: Sequence[Measure]) -> str:
    """The results for people."""
    head = (
        f"{'':8}{'files':>7}{'limit':>10}{'usual':>10}{'ours':>10}{'ours/limit':>12}{'usual/ours':>12}  aim"
    )
    lines = [head]
    for m in measures:
        aim = f"≤ {m.aim_limit:g}, ≥ {m.aim_usual:g}: {'reached' if m.reached else 'missed'}"
        numbers = (
            f"{m.limit_ms:>8.3f}ms{m.usual_ms:>8.2f}ms{m.ours_ms:>8.3f}ms{m.of_limit:>12.2f}{m.faster:>12.1f}"
        )
        lines.append(f"{m.name:8}{m.files:>7}{numbers}  {aim}")
    return "\n".join(lines)


def run(units: int) -> list[Measure]:
    """Both measurements for ``units`` files."""
    forms = specs(units)
    with tempfile.TemporaryDirectory() as folder:
        return [measure_building(forms), measure_reading(forms, Path(folder))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=3500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measures = run(options.units)
    if options.json:
        print(json.dumps([m.as_dict() for m in measures], indent=1))
    else:
        print(table(measures))


if __name__ == "__main__":
    main()

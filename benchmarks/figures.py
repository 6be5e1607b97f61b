"""Figures into the database: the function that keeps a unit's figures beside the driver alone.

    python -m benchmarks.figures [--figures 105000]

Both write the same rows into the same migrated table, with its index and foreign key, in one
transaction; in turns, the best of three. SQLite beside sqlite3's ``executemany``; PostgreSQL, where
its binaries are installed, beside a bare ``COPY``. A figure is a fact that is never changed, so
what is measured is an insert. The second line keeps them as the intake does, 30 for each report.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, delete, insert

from benchmarks.aims import Row, show
from benchmarks.province import INSTALLED, timed
from db.bulk import insert_rows
from db.migrate import upgrade
from db.models import CheckRow, FigureRow, InboundRow, ObligationRow, SubmissionRow
from db.session import make_engine, writing
from tests.integration.post.postgres import binaries, running

TURNS, OF_ONE_REPORT = 3, 30
SQLITE_AIM, COPY_AIM = 3.5, 2.0

Rows = list[dict[str, Any]]


def figures(count: int) -> Rows:
    words = {"uom": "%", "note": "", "basis": "Chính thức", "source": "", "remark": ""}
    return [
        {"check_id": 1, "sheet": "Biểu 01", "cell": f"J{n}", "indicator": "C4", "field": "result",
         "raw": "75,5", "value": 75.5, "flag": "ok", **words}
        for n in range(count)
    ]  # fmt: skip


def a_check(engine: Engine) -> None:
    """One checked report, that the figures can belong to."""
    upgrade(engine)
    at = INSTALLED
    with writing(engine) as session:
        parents: list[tuple[type, dict[str, Any]]] = [
            (InboundRow, {"channel": "folder", "reference": "bench", "sha256": "0" * 64, "size": 1,
                          "kind": "file", "arrived_at": at, "arrived_how": "reading", "arrival_doubt": False,
                          "recorded_at": at, "sender": "", "subject": "", "message_id": "",
                          "automatic": False}),
            (ObligationRow, {"plan": "2026", "round": "2026-q2", "unit": "SYT", "token": "t",
                             "certainty": "confirmed", "created_at": at}),
            (SubmissionRow, {"obligation_id": 1, "inbound_id": 1, "file_id": None, "version": 1,
                             "arrived_at": at, "recorded_at": at, "document_number": "", "flags": []}),
            (CheckRow, {"submission_id": 1, "at": at, "by": "system", "verdict": "accepted", "counts": True,
                        "kind": "workbook"}),
        ]  # fmt: skip
        for table, values in parents:
            session.execute(insert(table).values(id=1, **values))


def ours(engine: Engine, rows: Rows, at_once: int) -> None:
    with writing(engine) as session:
        for start in range(0, len(rows), at_once):
            insert_rows(session, FigureRow, rows[start : start + at_once])


def by_sqlite3(path: Path, rows: Rows) -> None:
    columns = list(rows[0])
    statement = f"insert into figure ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
    with contextlib.closing(sqlite3.connect(path)) as driver:
        driver.execute("pragma foreign_keys=on")
        driver.execute("pragma synchronous=full")
        driver.executemany(statement, [tuple(r.values()) for r in rows])
        driver.commit()


def by_copy(url: str, rows: Rows) -> None:
    statement = f"COPY figure ({', '.join(rows[0])}) FROM STDIN"
    with psycopg.connect(url) as driver, driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def in_turns(engine: Engine, rows: Rows, bare: partial[None]) -> tuple[float, float, float]:
    """Seconds of (the driver, ours at once, ours report by report), each the best of its turns."""
    ways = (bare, partial(ours, engine, rows, len(rows)), partial(ours, engine, rows, OF_ONE_REPORT))
    best = [float("inf")] * len(ways)
    for _ in range(TURNS):
        for n, way in enumerate(ways):
            with writing(engine) as session:
                session.execute(delete(FigureRow))
            best[n] = min(best[n], timed(way))
    return best[0], best[1], best[2]


def told(where: str, beside: str, count: int, times: tuple[float, float, float], aim: float) -> Iterator[Row]:
    driver, once, each = times
    yield Row(f"{count} figures into {where}", f"{once:.2f} s, {beside} {driver:.2f} s", once / driver, aim)
    yield Row(f"the same, {OF_ONE_REPORT} a report", f"{each:.2f} s, {beside} {driver:.2f} s", each / driver)


def measure(count: int) -> Iterator[Row]:
    rows = figures(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.db"
        engine = make_engine(f"sqlite:///{path}")
        a_check(engine)
        times = in_turns(engine, rows, partial(by_sqlite3, path, rows))
        engine.dispose()
    yield from told("SQLite", "driver", count, times, SQLITE_AIM)
    if binaries() is None:
        print("PostgreSQL is not installed: its ratio was not measured")
        return
    with running() as url:
        engine = make_engine(url)
        a_check(engine)
        times = in_turns(engine, rows, partial(by_copy, url, rows))
        engine.dispose()
    yield from told("PostgreSQL", "COPY", count, times, COPY_AIM)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--figures", type=int, default=105_000)
    show(*measure(parser.parse_args(arguments).figures))


if __name__ == "__main__":
    main()

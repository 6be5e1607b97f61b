"""What Prefect adds, what an idle tick asks of the database, upserts, growth with the units.

    python -m benchmarks.house [--units 3500]

- A daily round through Prefect flows against the same steps called plainly, and an empty flow run.
- SQL statements of a mailroom with nothing to do, at 145 and at N units.
- 105,000 figures into SQLite: our way beside the bare driver.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import event, insert

from config.plan import Plan
from config.plan_files import load_plan
from config.settings import PLANS, Settings
from db import controls
from db.migrate import upgrade
from db.models import FigureRow
from db.plans import save_plan
from db.session import make_engine, writing
from flows.round import play_day, play_mailroom
from tasks.office import Office, open_office

START = datetime.fromisoformat("2026-06-01T07:10:00+07:00")
FIGURES = 105_000


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plan_of(units: int) -> Plan:
    """The 2026 plan with ``units`` communes and departments (copies of the real ones)."""
    plan = load_plan(PLANS / "2026")
    active = [u for u in plan.units if u.active]
    contacts = {u.code: plan.contacts_of(u.code) for u in active}
    more_units, more_contacts = [], []
    for n in range(units - len(active)):
        model = active[n % len(active)]
        code = f"{model.code}-{n}"
        more_units.append(model.model_copy(update={"code": code}))
        more_contacts += [
            c.model_copy(update={"unit": code, "email": f"{n}.{c.email}"}) for c in contacts[model.code]
        ]
    return plan.model_copy(
        update={"units": (*plan.units, *more_units), "contacts": (*plan.contacts, *more_contacts)}
    )


def install(folder: Path, plan: Plan) -> Office:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, data=folder)
    engine = make_engine(settings.url)
    upgrade(engine)
    at = START - timedelta(hours=1)
    with writing(engine) as session:
        save_plan(session, plan, at)
        controls.put(session, controls.INSTALLED, "yes", at=at, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=at, by="system")
    return open_office(settings, plan.code, engine)


def statements(office: Office, work: Callable[[], object]) -> int:
    """SQL statements that ``work`` sends, transaction control not counted."""
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(office.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(office.engine, "before_cursor_execute", note)
    return len(seen)


def growth(sizes: list[int]) -> None:
    """Opening day (every invitation queued and held), then a tick with nothing due."""
    base = 0.0
    for units in sizes:
        with tempfile.TemporaryDirectory() as folder:
            office = install(Path(folder), plan_of(units))
            opening = timed(partial(play_day, office, START))
            idle_at = START + timedelta(days=1)
            play_mailroom(office, idle_at)
            later = idle_at + timedelta(minutes=5)
            asked = statements(office, partial(play_mailroom, office, later))
            quiet = timed(partial(play_mailroom, office, later))
            office.engine.dispose()
        base = base or opening
        print(
            f"{units:>6} units: opening day {opening:7.2f} s ({opening / base:5.1f} x), "
            f"idle tick {quiet * 1000:6.1f} ms, {asked} statements"
        )


def through_prefect() -> None:
    """A quiet daily round through Prefect beside the same steps called plainly."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PREFECT_HOME"] = str(Path(folder) / "prefect")
        os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
        from prefect import flow
        from prefect.testing.utilities import prefect_test_harness

        from flows import engine
        from flows.quarterly_report import quarterly_report

        @flow(name="empty")
        def empty() -> None:
            pass

        office = install(Path(folder) / "data", load_plan(PLANS / "2026"))
        engine.OFFICE.append(office)
        play_day(office, START)
        now = START + timedelta(days=1)
        with prefect_test_harness():
            empty()
            quarterly_report(now=now)
            nothing = min(timed(empty) for _ in range(3))
            flowing = min(timed(lambda: quarterly_report(now=now)) for _ in range(3))
        plain = min(timed(lambda: play_day(office, now)) for _ in range(3))
        engine.OFFICE.pop()
        office.engine.dispose()
    added = flowing - plain
    print(
        f"quiet round: through Prefect {flowing:.2f} s, plainly {plain:.2f} s, empty flow {nothing:.2f} s; "
        f"Prefect adds {added / nothing:.2f} x an empty flow run"
    )


def upserts() -> None:
    rows = [
        {
            "check_id": 1, "sheet": "Biểu 01", "cell": f"J{n}", "indicator": "C4", "field": "result",
            "raw": "75,5", "value": 75.5, "flag": "ok", "uom": "%", "note": "", "basis": "", "source": "",
            "remark": "",
        }
        for n in range(FIGURES)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/ours.db")
        upgrade(engine)
        parent = sqlite3.connect(f"{folder}/ours.db")  # one check for all; its own parents do not matter here
        parent.execute(
            "insert into check_result (id, submission_id, at, by, verdict, counts, kind) "
            "values (1, 1, '2026-06-01 00:00:00.000000', 'system', 'accepted', 1, 'workbook')"
        )
        parent.commit()
        parent.close()
        with engine.connect() as connection:
            ours = timed(lambda: (connection.execute(insert(FigureRow), rows), connection.commit()))
        bare = sqlite3.connect(f"{folder}/bare.db")
        columns = list(rows[0])
        bare.execute(f"create table figure (id integer primary key, {', '.join(columns)})")
        sql = f"insert into figure ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
        values = [tuple(r.values()) for r in rows]
        driver = timed(lambda: (bare.executemany(sql, values), bare.commit()))
    print(f"{FIGURES} figures into SQLite: {ours:.2f} s, bare driver {driver:.2f} s ({ours / driver:.1f} x)")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=3500)
    units = parser.parse_args().units
    growth([145, units])
    upserts()
    through_prefect()


if __name__ == "__main__":
    main()

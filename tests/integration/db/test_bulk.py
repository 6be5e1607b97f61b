"""Rows written at the driver's pace are the rows the library would have written (ruling 21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.migrate import upgrade
from db.models import Base, FigureRow, FindingRow, InboundRow, RecognitionRow
from db.session import make_engine, writing
from tests.integration.post.postgres import running

AWKWARD = ("", "75,5 %", "\\N", "tab\tline\nfeed\r", 'a"b\'c', "Ninh Bình \U0001f4c8", "{1}", "\\.", "NULL", "\x7f")
VALUES = (None, 0.0, -0.1, 1 / 3, 1e300, 75.5)
NOON = datetime.fromisoformat("2026-06-01T12:00:00.000123+07:00")
WORDS = {"flag": "ok", "uom": "%", "note": "", "basis": "", "source": "", "remark": ""}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "postgresql":
        with running() as url:
            engine = make_engine(url)
            upgrade(engine)
            yield engine
            engine.dispose()
    else:
        engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('bulk') / 'facts.db'}")
        upgrade(engine)
        yield engine
        engine.dispose()


def figures() -> list[dict[str, Any]]:
    pairs = [(word, value) for word in AWKWARD for value in VALUES]
    return [
        WORDS | {"check_id": n, "sheet": "Biểu 01", "cell": f"J{n}", "indicator": "C4", "field": "result",
                 "raw": word, "value": value}
        for n, (word, value) in enumerate(pairs)
    ]  # fmt: skip


def findings() -> list[dict[str, Any]]:
    params = ({}, {"was": list(AWKWARD)}, {"số": 1.5, "sâu": {"không": None}})
    return [
        {"check_id": n, "code": "F1", "severity": "must", "sheet": "s", "cell": "A1", "was": "", "params": p}
        for n, p in enumerate(params)
    ]


def inbound() -> list[dict[str, Any]]:
    same = {"channel": "folder", "sha256": "0" * 64, "size": 2**31 - 1, "kind": "file", "arrived_at": NOON,
            "arrived_how": "reading", "arrival_doubt": True, "recorded_at": NOON, "sender": "", "subject": "",
            "automatic": False}  # fmt: skip
    return [same | {"reference": f"{n}", "message_id": word} for n, word in enumerate(AWKWARD)]


def recognitions() -> list[dict[str, Any]]:
    same = {"inbound_id": 1, "at": NOON, "by": "system", "outcome": "unknown", "reason": ""}
    return [same | {"file_id": f, "obligation_id": None, "hints": ["SYT"] * n} for n, f in enumerate((None, 7))]


CASES = {FigureRow: figures, FindingRow: findings, InboundRow: inbound, RecognitionRow: recognitions}


@pytest.mark.parametrize("model", CASES, ids=lambda m: m.__tablename__)
def test_the_fast_way_leaves_the_same_rows_as_the_library(engine: Engine, model: type[Base]) -> None:
    rows = CASES[model]()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")  # the pragma is deaf inside a transaction
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        with Session(connection) as session:
            session.execute(insert(model), rows)
            usual = stored(session, model)
            session.execute(delete(model))
            insert_rows(session, model, rows)
            assert stored(session, model) == usual
            assert len(usual) == len(rows)
            session.rollback()
        connection.detach()


def stored(session: Session, model: type[Base]) -> list[tuple[Any, ...]]:
    """Every column but the number, as the database itself shows it; on SQLite with its storage class."""
    names = [c.name for c in model.__table__.columns if c.name != "id"]
    kind = "typeof" if session.get_bind().dialect.name == "sqlite" else "pg_typeof"
    shown = ", ".join(f'{kind}("{n}"), cast("{n}" as text)' for n in names)
    table = model.__tablename__
    return [tuple(map(str, row)) for row in session.execute(text(f'select {shown} from "{table}" order by id'))]


def test_a_row_that_refers_to_nothing_is_refused_and_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as session:
        insert_rows(session, FigureRow, figures())
    with writing(engine) as session:
        assert stored(session, FigureRow) == []


def test_no_rows_write_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        insert_rows(session, FigureRow, [])
        assert stored(session, FigureRow) == []

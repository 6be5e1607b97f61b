"""Engines and transactions. One transaction per step; fact and audit row together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

BUSY_MS = 60_000


def make_engine(url: str, *, durable: bool = True) -> Engine:
    """An engine for SQLite or PostgreSQL with the guarantees we rely on.

    ``durable=False`` is for plays on a virtual clock only: they may lose their last moment
    in a power cut.

    SQLite: foreign keys, ``synchronous=FULL``, and every writing transaction begins
    IMMEDIATE (a deferred one loses under contention). The journal stays DELETE: releases
    before 3.51.3 have a rare WAL-reset corruption.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    # A failed statement is told without its values: they may be addresses (guarantee 11).
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, "FULL" if durable else "OFF")
    return engine


def _prepare_sqlite(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA cache_spill=OFF")  # a large transaction must not lock readers out early
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A transaction that commits at the end, or leaves nothing."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A transaction that only looks."""
    with Session(engine.execution_options(reads_only=True), expire_on_commit=False) as session:
        yield session
        session.expunge_all()  # what was read stays usable; a rollback would expire it
        session.rollback()

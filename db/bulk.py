"""Many new rows of one table at the driver's pace: ``executemany`` on SQLite, COPY on PostgreSQL.

The library's way binds each row anew: 3–8 × the driver for a province's figures. This one gives the
same rows (``tests/integration/db/test_bulk.py``), in the session's own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .models import Base

Row = Mapping[str, Any]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert ``rows`` (column → value, each with the same columns) as ``insert(model)`` would.

    Nothing becomes an object of the session; defaults that Python gives are not filled in.
    """
    if not rows:
        return
    session.flush()  # what the rows refer to comes first
    connection, table = session.connection(), model.__table__
    assert isinstance(table, Table)
    way = _way(connection.dialect, table, tuple(rows[0]))
    values = (tuple(b(row[n]) if b else row[n] for n, b in way.binders) for row in rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, way.statement, values)
    else:
        connection.exec_driver_sql(way.statement, list(values))


@dataclass(frozen=True)
class _Way:
    """``binders``: the columns in the statement's order, each with what makes its value the driver's
    (JSON as text, an instant as its column keeps it), or None where the value goes as it is."""

    statement: str
    binders: tuple[tuple[str, Callable[[Any], Any] | None], ...]


@lru_cache(maxsize=64)
def _way(dialect: Dialect, table: Table, names: tuple[str, ...]) -> _Way:
    if dialect.name == "postgresql":
        quote = dialect.identifier_preparer.quote
        statement = f"COPY {quote(table.name)} ({', '.join(quote(n) for n in names)}) FROM STDIN"
    else:
        compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
        statement, names = str(compiled), tuple(compiled.positiontup or names)
    types = {n: table.columns[n].type.dialect_impl(dialect) for n in names}
    return _Way(statement, tuple((n, t.bind_processor(dialect)) for n, t in types.items()))


def _copy(connection: Connection, statement: str, values: Iterable[tuple[Any, ...]]) -> None:
    errors = connection.dialect.loaded_dbapi.Error
    driver: Any = connection.connection.driver_connection  # psycopg's own
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for value in values:
                copy.write_row(value)
    except errors as error:  # callers know SQLAlchemy's errors only
        raise DBAPIError.instance(
            statement, None, error, errors, hide_parameters=True, dialect=connection.dialect
        ) from error

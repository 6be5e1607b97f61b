"""Many new rows of one table at the driver's pace: ``executemany`` on SQLite, COPY on PostgreSQL.

The library's way binds each row anew: 3–8 × the driver for a province's figures. This one gives the
same rows (``tests/integration/db/test_bulk.py``), in the session's own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .models import Base

Row = Mapping[str, Any]
Tuples = Iterator[tuple[Any, ...]]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert ``rows`` (column → value, each with the same columns) as ``insert(model)`` would.

    Nothing becomes an object of the session; defaults that Python gives are not filled in.
    """
    if not rows:
        return
    session.flush()  # what the rows refer to comes first
    connection, table = session.connection(), model.__table__
    assert isinstance(table, Table)
    names = list(rows[0])
    values = _bound(connection, table, names, rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, values)
    else:
        statement = insert(table).compile(dialect=connection.dialect, column_keys=names)
        places = statement.positiontup or names  # the order the statement names its parameters in
        order = [names.index(name) for name in places]
        connection.exec_driver_sql(str(statement), [tuple(v[n] for n in order) for v in values])


def _bound(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> Tuples:
    """Each row's values as the driver takes them: JSON as text, an instant as its column keeps it."""
    binders = {n: b for n in names if (b := _binder(connection, table, n))}
    for row in rows:
        yield tuple(binders[n](row[n]) if n in binders else row[n] for n in names)


def _binder(connection: Connection, table: Table, name: str) -> Callable[[Any], Any] | None:
    dialect = connection.dialect
    return table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)


def _copy(connection: Connection, table: Table, names: Sequence[str], values: Tuples) -> None:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(quote(n) for n in names)}) FROM STDIN"
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

"""Every row of one database into another, empty one; then both are compared row by row.

The way from one office computer (SQLite) to a server (PostgreSQL). The old database is only
read: its transaction keeps writers out until the new one is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, select, text

from .models import Base

BATCH = 1000
COUNT_ON = "SELECT setval(pg_get_serial_sequence(:table, :column), :to, :used)"


def tables() -> list[Table]:
    """Every table of the schema, those that others refer to first."""
    return list(Base.metadata.sorted_tables)


def occupied(target: Connection) -> list[str]:
    """Tables that hold rows already, or that are not ours: nothing is ever copied over them."""
    ours = {t.name: t for t in tables()}
    found = set(inspect(target).get_table_names()) - {"alembic_version"}
    full = (n for n in found & set(ours) if target.scalar(select(select(ours[n]).exists())))
    return sorted((found - set(ours)) | set(full))


def copy_rows(source: Connection, target: Connection) -> int:
    """Copy all tables and set the counters behind their ids; how many rows."""
    count = 0
    for table in tables():
        for batch in _batches(source, table):
            target.execute(insert(table), batch)
            count += len(batch)
    _set_counters(target)
    return count


def unequal(source: Connection, target: Connection) -> list[str]:
    """Names of tables whose rows are not the same in both, value by value."""
    return [t.name for t in tables() if _by_key(source, t) != _by_key(target, t)]


def _batches(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    found = source.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH))
    for rows in found.mappings().partitions(BATCH):
        yield [dict(r) for r in rows]


def _by_key(connection: Connection, table: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows by primary key: the two databases need not sort texts alike."""
    keys = [c.name for c in table.primary_key]
    rows = connection.execute(select(table)).mappings()
    return {tuple(r[k] for k in keys): tuple(r.values()) for r in rows}


def _set_counters(target: Connection) -> None:
    """PostgreSQL counts ids beside the table: go on after the highest. SQLite needs nothing."""
    if target.dialect.name != "postgresql":
        return
    for table in tables():
        counter = table.autoincrement_column
        if counter is None:
            continue
        highest = target.scalar(select(func.max(counter)))
        named = {"table": f'"{table.name}"', "column": counter.name}
        state = {"to": highest or 1, "used": highest is not None}
        target.execute(text(COUNT_ON), named | state)

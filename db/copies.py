"""A whole database as one file, taken while others write; and back into an empty one.

SQLite: its online backup interface, never a copy of the file. PostgreSQL: ``pg_dump`` and
``pg_restore`` of the same machine, the password given in the environment, never as an argument.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text
from sqlalchemy.orm import Session

SQLITE_FILE = "dondoc.db"
POSTGRESQL_FILE = "dondoc.dump"
ALSO_IN_QUERY = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile")


class CopyError(RuntimeError):
    """The copy could not be made or put back; the message says why (Vietnamese)."""


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def file_name(url: str) -> str:
    return SQLITE_FILE if is_sqlite(url) else POSTGRESQL_FILE


def there_is(url: str) -> bool:
    """False for a SQLite file that is not there: merely asking it would make an empty one."""
    return not is_sqlite(url) or Path(make_url(url).database or "").is_file()


@contextmanager
def dumped(engine: Engine, url: str, target: Path) -> Iterator[Session]:
    """Write the database to the new file ``target``; the session sees exactly what is in it."""
    if is_sqlite(url):
        _copy_sqlite(Path(make_url(url).database or ""), target)
        copy = create_engine(f"sqlite:///{target}")
        try:
            with Session(copy) as session:
                yield session
        finally:
            copy.dispose()
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        # without owners and rights: the copy may be put back under another name
        options = ("--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={target}")
        _postgres("pg_dump", url, *options)
        with Session(connection) as session:
            yield session


def put_back(source: Path, url: str) -> None:
    """Load ``source`` into the empty database behind ``url``; ``CopyError`` where it is not empty."""
    if is_sqlite(url):
        target = Path(make_url(url).database or "")
        if target.exists():
            raise CopyError(f"đã có cơ sở dữ liệu {target}; không bao giờ ghi đè, hãy chọn thư mục khác")
        _copy_sqlite(source, target)
        return
    engine = create_engine(driver_url(url))
    try:
        if inspect(engine).get_table_names():
            raise CopyError("cơ sở dữ liệu PostgreSQL này đã có bảng; hãy tạo một cơ sở dữ liệu trống")
    finally:
        engine.dispose()
    _postgres(
        "pg_restore", url, "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(source)
    )


def check(engine: Engine) -> list[str]:
    """What the database itself finds wrong in its pages and rows; empty: nothing."""
    if engine.dialect.name != "sqlite":
        return []  # reading every row of a restored dump is its proof
    with engine.connect() as connection:
        pages = [str(r) for r in connection.scalars(text("PRAGMA integrity_check"))]
        keys = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [r for r in pages if r != "ok"] + [f"khóa ngoại hỏng: {tuple(k)}" for k in keys]


def driver_url(url: str) -> URL:
    """For SQLAlchemy: psycopg 3, whatever way the office wrote the address."""
    made = make_url(url)
    return made.set(drivername="postgresql+psycopg") if made.get_backend_name() == "postgresql" else made


def _copy_sqlite(source: Path, target: Path) -> None:
    """One step under a read lock: a consistent copy, whoever is writing."""
    if not source.is_file():
        raise CopyError(f"không có tệp cơ sở dữ liệu {source}")
    original = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        copy = sqlite3.connect(target)
        try:
            original.backup(copy)
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise CopyError(f"không sao chép được cơ sở dữ liệu {source}: {error}") from error
    finally:
        original.close()


def _postgres(tool: str, url: str, *arguments: str) -> None:
    program = shutil.which(tool)
    if program is None:
        raise CopyError(f"máy này chưa có {tool}; hãy cài gói postgresql-client cùng phiên bản với máy chủ")
    made = make_url(url)
    known = {
        "PGHOST": made.host,
        "PGPORT": str(made.port) if made.port else None,
        "PGUSER": made.username,
        "PGPASSWORD": str(made.password) if made.password else None,
    }
    environment = os.environ | {k: v for k, v in known.items() if v}
    environment |= {f"PG{k.upper()}": str(v) for k, v in made.query.items() if k in ALSO_IN_QUERY}
    done = subprocess.run(
        [program, f"--dbname={made.database}", "--no-password", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CopyError(f"{tool} không chạy được: {done.stderr.strip()[:400]}")


@contextmanager
def scratch(url: str, folder: Path) -> Iterator[str]:
    """The address of a new empty database, gone afterwards: in ``folder``, or on the same server."""
    if is_sqlite(url):
        yield f"sqlite:///{folder / SQLITE_FILE}"
        return
    name = f"dondoc_thu_{secrets.token_hex(6)}"
    engine = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"))
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        engine.dispose()

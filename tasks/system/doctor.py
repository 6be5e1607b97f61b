"""Runs every check; one that breaks is itself a finding, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from shlex import quote

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from config.plan import Plan
from config.plan_files import PlanError, load_plan
from config.settings import Settings
from db.session import make_engine

from .checks import Check, Look, Result, database, fault, machine, names, plans, plus, servers, wishes

CHECKS: tuple[Check, ...] = (
    wishes.mail_mode,
    wishes.password_age,
    wishes.exposure,
    wishes.desk,
    wishes.audit_head,
    plans.validity,
    plans.loaded,
    plans.unopened,
    plans.assumptions,
    plans.contacts,
    plans.holidays,
    plans.year,
    machine.writable,
    database.version,
    database.engine_release,
    database.integrity,
    database.rehearsal,
    database.place,
    database.audit,
    database.clock,
    database.archive,
    machine.backups,
    servers.mail_login,
    plus.plus_addressing,
    servers.mailbox_login,
    servers.web_share,
    servers.prefect,
    machine.fonts,
    machine.libreoffice,
    machine.disk,
)
BROKEN = (OSError, SQLAlchemyError, ValueError, LookupError, TypeError, RuntimeError, ImportError)


def environment_results(environment: Mapping[str, str], env_file: Path) -> list[Result]:
    """What can be told before the settings could be read."""
    return [*names.misspelt(environment, env_file), *names.readable_by_others(environment, env_file)]


def refused_settings(message: str) -> list[Result]:
    """The faulty settings, one result each; nothing else can be looked at then."""
    mend = "Sửa thiết lập này; nghĩa của từng thiết lập ở docs/settings.md."
    return [fault("settings.values", line, mend) for line in message.splitlines() if line.strip()]


def examine(
    settings: Settings,
    environment: Mapping[str, str],
    env_file: Path,
    now: datetime,
    *,
    timeout: float = 8.0,
    checks: Sequence[Check] = CHECKS,
) -> list[Result]:
    """Every result, in the order of ``checks``; each server is asked for ``timeout`` seconds at most."""
    engine, trouble = _database(settings)
    look = Look(settings, environment, env_file, now, engine, _plan(settings), timeout)
    try:
        return [*trouble, *(r for check in checks for r in _run(check, look))]
    finally:
        if engine is not None:
            engine.dispose()


def _run(check: Check, look: Look) -> Iterator[Result]:
    try:
        yield from list(check(look))
    except BROKEN as error:
        reason = str(error).splitlines()[0][:200] if str(error) else ""
        mend = "Sửa các lỗi khác trước; còn lặp lại thì báo người phụ trách phần mềm."
        yield fault(f"doctor.{check.__name__}", f"không kiểm tra được: {type(error).__name__} {reason}", mend)


def _plan(settings: Settings) -> Plan | None:
    """None where it is faulty: ``plans.validity`` tells why."""
    try:
        return load_plan(settings.plan) if settings.plan.is_dir() else None
    except PlanError:
        return None


def _database(settings: Settings) -> tuple[Engine | None, list[Result]]:
    """The engine, or why there is none. A SQLite file is never created by looking."""
    try:
        url = make_url(settings.url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            mend = f"Chạy: dondoc init --data {quote(str(settings.data))}"
            return None, [fault("database", f"chưa có cơ sở dữ liệu trong {settings.data}", mend)]
        engine = make_engine(settings.url)
        with engine.connect():
            return engine, []
    except (SQLAlchemyError, ArgumentError, ImportError) as error:
        mend = "Kiểm tra DONDOC_DATABASE_URL, máy chủ cơ sở dữ liệu có chạy không, quyền truy cập."
        return None, [fault("database", f"không vào được cơ sở dữ liệu ({type(error).__name__})", mend)]


def worst_is_fault(results: Iterable[Result]) -> bool:
    return any(r.level == "fault" for r in results)

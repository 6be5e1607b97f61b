"""What every command shares: where the data is, what time it is, how a mistake is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from config.plan import ZONE
from config.plan_files import PlanError
from config.settings import MailMode, Settings, SettingsError, load_settings
from db import controls, copies
from db.migrate import head_revision, is_newer, revision_of
from db.models import ControlRow
from db.plans import PlanInUse, plan_codes
from db.session import make_engine, reading, writing
from tasks.chase.execute import DecisionError
from tasks.chase.rounds import RoundError
from tasks.desk.common import DeskError
from tasks.desk.fields import YEARS
from tasks.office import Office, open_office

Data = Annotated[
    Path | None, typer.Option("--data", help="Thư mục dữ liệu (mặc định: DONDOC_DATA hoặc var/)")
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", help="Diễn tập: coi như lúc này là … (2026-06-24T16:30+07:00); không dùng khi gửi thật"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="In JSON cho chương trình khác đọc")]
PlanCode = Annotated[str | None, typer.Option("--plan", help="Mã kế hoạch (mặc định: mới nhất)")]

MISTAKES = (SettingsError, DeskError, DecisionError, RoundError, LookupError, PlanError, PlanInUse)


class UsageError(ValueError):
    """A user's mistake; its text says what and what to do (Vietnamese)."""


@contextmanager
def telling_mistakes() -> Iterator[None]:
    """A user's mistake is a sentence on stderr and exit code 2, never a traceback."""
    try:
        yield
    except (UsageError, *MISTAKES) as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else str(error)
        typer.echo(f"dondoc: {text}", err=True)
        raise typer.Exit(2) from None
    except DatabaseError as error:
        # SQLite says a file that is none, or is damaged, in the general class; its others are our faults
        if type(error) not in (OperationalError, DatabaseError):
            raise
        typer.echo(f"dondoc: không dùng được cơ sở dữ liệu: {error.orig}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:  # a folder that is a file, may not be written, has no room left
        what = error.filename or "tệp"
        typer.echo(f"dondoc: không đọc, ghi được {what}: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None


def settings_for(data: Path | None) -> Settings:
    return load_settings(data=data) if data else load_settings()


def parse_moment(text: str) -> datetime:
    """An instant; without a zone it is Vietnamese time, a bare date is its first instant."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text!r} không phải thời điểm; ví dụ đúng: 2026-06-24T16:30+07:00") from None
    _within(at, text)
    return at if at.tzinfo else at.replace(tzinfo=ZONE)


def parse_day(text: str, option: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r} không phải ngày; ví dụ đúng: 2026-06-01") from None
    _within(day, text)
    return day


def _within(day: date, text: str) -> None:
    """A slip of the hand would mark a database with a time that none of its later ones can follow."""
    first, last = YEARS
    if not first <= day.year <= last:
        raise UsageError(f"{text!r}: năm phải từ {first} đến {last}")


def moment(now: str | None, settings: Settings) -> datetime:
    """The instant a command works with: the real one, or the one it is told (never live)."""
    if now is None:
        return datetime.now(UTC)
    if settings.mail.mode is MailMode.LIVE:
        raise UsageError("--now chỉ dùng khi diễn tập; DONDOC_MAIL__MODE đang là live")
    return parse_moment(now)


def looking_at(now: str | None) -> datetime:
    """For commands that only look (``--as-of``); a bare date means the end of that day."""
    if now is None:
        return datetime.now(UTC)
    try:
        day = date.fromisoformat(now)
    except ValueError:
        return parse_moment(now)
    _within(day, now)
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, ZONE)


def the_office(data: Path | None, plan: str | None = None, now: str | None = None) -> Office:
    """The initialised installation; told the time, its database becomes a rehearsal for ever."""
    settings = settings_for(data)
    engine = make_engine(settings.url)
    if not copies.there_is(settings.url) or not inspect(engine).has_table("plan"):
        told = quote(str(settings.data))
        raise UsageError(f"{settings.data} chưa được khởi tạo: hãy chạy dondoc init --data {told}")
    refuse_newer(engine)
    if revision_of(engine) != head_revision():
        raise UsageError("cơ sở dữ liệu chưa ở phiên bản này của chương trình: hãy chạy dondoc init")
    with reading(engine) as session:
        codes = plan_codes(session)
        rehearsal = controls.is_rehearsal(session)
    if not codes:
        raise UsageError("chưa nạp kế hoạch nào: hãy chạy dondoc init")
    if plan and plan not in codes:
        raise UsageError(f"không có kế hoạch {plan!r}; đã nạp: {', '.join(codes)}")
    if rehearsal and settings.mail.mode is MailMode.LIVE:
        raise UsageError("cơ sở dữ liệu này đã dùng để diễn tập, không bao giờ gửi thật được")
    if now is not None and not rehearsal:
        at = moment(now, settings)
        with writing(engine) as session:
            mark_rehearsal(session, at)
    return open_office(settings, plan or codes[-1], engine)


def refuse_newer(engine: Engine) -> None:
    if is_newer(engine):
        raise UsageError(
            f"cơ sở dữ liệu ở phiên bản {revision_of(engine)}, mới hơn chương trình này ({head_revision()}): "
            "hãy dùng mã nguồn mới hơn, hoặc khôi phục bản sao lưu cũ vào thư mục khác"
        )


def mark_rehearsal(session: Any, at: datetime) -> None:
    """From here on the database is told the time; its history may begin before the real one."""
    controls.put(session, controls.REHEARSAL, "yes", at=at, by="system")
    installed = session.get(ControlRow, controls.INSTALLED)
    if installed and at < installed.at:
        installed.at = at


def show_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=str)
    sys.stdout.write("\n")

"""run, deploy: Đôn Đốc as a service."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from config.plan import ZONE
from config.settings import Settings, load_settings
from flows.launcher import Launcher, port_is_free, refuse
from tasks.desk.alert import queue_alert
from tasks.desk.silence import tell_silence
from tasks.office import open_office

from .common import Data, Now, UsageError, moment, settings_for, telling_mistakes, the_office
from .work import install

Port = Annotated[int | None, typer.Option("--port", help="Cổng giao diện (mặc định 4200)", min=1, max=65535)]


def run(data: Data = None, port: Port = None) -> None:
    """Chạy thật: máy chủ Prefect, lịch và mọi luồng trên máy này; thư mặc định được giữ lại."""
    with telling_mistakes():
        settings = _settings(data, port)
        refuse(settings)
        house = settings.prefect
        settings.data.mkdir(parents=True, exist_ok=True)
        with alone(settings.data):
            if not port_is_free(house.host, house.port):
                raise UsageError(f"cổng {house.port} đang được dùng: hãy chọn cổng khác bằng --port")
            plan, _ = install(settings, datetime.now(UTC))
            pulse = partial(_pulse, settings, plan)
            code = Launcher(settings, typer.echo, partial(_alert, settings, plan), pulse).run()
    raise typer.Exit(code)


def watch(data: Data = None, now: Now = None) -> None:
    """Báo chuyên viên bằng thư nếu không còn tiến trình nào chạy (đặt lịch ngoài, vài phút một lần)."""
    with telling_mistakes():
        office = the_office(data, None, now)
        at = moment(now, office.settings)
        silent = tell_silence(office, at, None if now else lambda: datetime.now(UTC))
        said = "Không còn lượt nào chạy: đã báo chuyên viên" if silent else "Các lượt vẫn chạy"
        typer.echo(said)
    raise typer.Exit(1 if silent else 0)


def deploy(
    pool: Annotated[str, typer.Option("--pool", help="Work pool kiểu process")] = "dondoc", data: Data = None
) -> None:
    """Đăng ký mọi luồng và lịch vào một work pool (máy chủ Prefect theo PREFECT_API_URL)."""
    with telling_mistakes():
        settings = settings_for(data)
        os.environ["DONDOC_DATA"] = str(settings.data.resolve())
        from flows.deploying import deploy_all  # Prefect takes two seconds to import

        for name in deploy_all(pool):
            typer.echo(f"Đã đăng ký: {name}")
        typer.echo(f"Chạy tiến trình: prefect worker start --pool {pool}")


def _settings(data: Path | None, port: int | None) -> Settings:
    settings = settings_for(data)
    if port is None:
        return settings
    chosen = settings.prefect.model_copy(update={"port": port})
    return load_settings(data=settings.data, prefect=chosen.model_dump())


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """One launcher for each data folder; the lock goes with the process."""
    with (data / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"đã có một dondoc run khác đang dùng {data}") from None
        yield


def _pulse(settings: Settings, plan: str) -> None:
    """Asked by the launcher every minute: flows that do not come back tell nobody themselves."""
    try:
        tell_silence(open_office(settings, plan), datetime.now(UTC), lambda: datetime.now(UTC))
    except (SQLAlchemyError, OSError) as error:
        typer.echo(f"Không báo được việc hệ thống ngừng chạy: {type(error).__name__}", err=True)


def _alert(settings: Settings, plan: str, title: str, lines: list[str]) -> None:
    """Owe the operator a mail, one for each kind of trouble and hour."""
    now = datetime.now(UTC)
    hour = now.astimezone(ZONE).strftime("%Y-%m-%dT%H")
    advice = f"Xem nhật ký ở {settings.data.name}/log; nếu lặp lại, chạy: dondoc doctor"
    try:
        office = open_office(settings, plan)
        queue_alert(office, title, lines, advice, now, occasion=f"launcher-{title}-{hour}")
    except SQLAlchemyError as error:
        typer.echo(f"Không soạn được thư cảnh báo: {type(error).__name__}", err=True)

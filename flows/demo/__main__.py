"""``python -m flows.demo [FOLDER] [--seed N]``: plays the plan's 2026 calendar."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from .play import END, START, Flows, play
from .stage import Stage, prefect_environment, prefect_server, set_up
from .tally import show, tally, write

DEFAULT = Path("var/demo")


def main(
    folder: Annotated[Path, typer.Argument(help="Thư mục để lại mọi kết quả")] = DEFAULT,
    seed: Annotated[int, typer.Option(help="Cùng số thì cùng diễn biến")] = 2026,
) -> None:
    """Diễn tập cả năm 2026 trên đồng hồ ảo, qua đúng các luồng thật."""
    console = Console()
    began = time.monotonic()

    def tell(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.0f} giây[/] {text}")

    with ExitStack() as stack:
        stage = stack.enter_context(set_up(folder, START))
        home = stage.root / "prefect"
        os.environ.update(prefect_environment(home))
        os.environ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "ERROR"  # the UI has the logs
        tell("khởi động máy chủ Prefect")
        stage.api = stack.enter_context(prefect_server(home))
        os.environ["PREFECT_API_URL"] = stage.api
        tell("bắt đầu từ ngày 04/5/2026")
        summary = _play(stage, seed, tell)
    write(summary, folder / "summary.json")
    show(summary, console)
    _farewell(console, folder, home)


def _play(stage: Stage, seed: int, tell: Any) -> dict[str, Any]:
    from prefect.context import SyncClientContext
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows import engine

    engine.OFFICE.append(stage.office)
    no_heartbeat = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    one_client = SyncClientContext.get_or_create()  # else each flow run reads the system's certificates anew
    with no_heartbeat, one_client:
        players = play(stage, _flows(), seed, tell)
    _hand_over(tell)
    end = datetime.combine(END, START.timetz()).replace(hour=23, minute=59)
    return tally(stage.office, end, players, seed)


def _hand_over(tell: Any) -> None:
    """Let Prefect's client finish telling its server, before the server stops: else it tries on."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    tell("chờ Prefect ghi xong lịch sử")
    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=30, at_exit=False)


def _flows() -> Flows:
    from flows.consolidation import consolidation
    from flows.kpi_plan import kpi_plan
    from flows.mailroom import mailroom
    from flows.quarterly_report import quarterly_report

    return Flows(
        kpi_plan=lambda at: kpi_plan(now=at),
        quarterly_report=lambda at: quarterly_report(now=at),
        consolidation=lambda at: consolidation(now=at),
        mailroom=lambda at: mailroom(now=at),
    )


def _farewell(console: Console, folder: Path, home: Path) -> None:
    console.print(f"Số liệu:   {folder / 'summary.json'}")
    console.print(f"Thư:       {folder / 'mail'}/<địa chỉ>/")
    console.print(f"Tài liệu:  {folder / 'reports'}/<đợt>/")
    console.print(
        "Xem lại các lượt chạy: "
        f"PREFECT_HOME={home.resolve()} PREFECT_SERVER_UI_API_URL=/api "
        ".venv/bin/prefect server start --host 127.0.0.1   rồi mở http://127.0.0.1:4200"
    )


if __name__ == "__main__":
    typer.run(main)

"""A sender in a process of its own, that can be killed or frozen at any point.

Started through ``multiprocessing``'s fork server: a start costs milliseconds, and a SIGKILL
really ends a process with its connections and open transaction.
"""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from db.models import NoticeRow
from db.session import reading
from tasks.post import smtp
from tasks.post.deliver import deliver

from .office import NOW, live, open_test_office, plain_parts, still_owed

FAILPOINTS = (
    "before_commit",
    "after_commit",
    "before_rename",
    "after_rename",
    "before_payload",
    "after_payload",
)


def fork_server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def start(data: Path, port: int, **options: Any) -> ForkServerProcess:
    """Start ``send_all(data, port, **options)`` in its own process."""
    process = fork_server().Process(target=send_all, args=(data, port), kwargs=options, daemon=True)
    process.start()
    return process


def send_all(
    data: Path,
    port: int,
    *,
    origin: float,
    later: float = 0,
    failpoint: str = "",
    sign: int = signal.SIGKILL,
    url: str = "",
    ready: Any = None,
    go: Any = None,
    **mail: Any,
) -> None:
    """Deliver until nothing is queued or in flight. The clock runs from NOW since ``origin``."""
    office = open_test_office(data, live(port, **mail), url=url)
    if failpoint:
        arm(failpoint, sign)
    if ready is not None:
        ready.set()
    if go is not None:
        go.wait(60)

    def clock() -> datetime:
        return NOW + timedelta(seconds=time.time() - origin + later)

    while True:
        deliver(
            office, clock(), compose=plain_parts, rejudge=still_owed, clock=clock, chasing=lambda plan, now: True
        )
        with reading(office.engine) as session:
            left = session.scalar(
                select(func.count()).where(NoticeRow.state.in_(["queued", "in_flight"]))
            )
        if not left:
            return
        time.sleep(0.02)


def arm(failpoint: str, sign: int) -> None:
    """Send ourselves ``sign`` the n-th time that we come by: ``"before_commit:3"``."""
    where, _, number = failpoint.partition(":")
    count = itertools.count(1)

    def hit(*_: Any) -> None:
        if next(count) == int(number):
            os.kill(os.getpid(), sign)

    when, _, what = where.partition("_")
    if what == "commit":
        event.listen(Session, where, hit)
    elif what == "rename":
        os.replace = _around(os.replace, hit, before=when == "before")  # the archive's
        Path.replace = _around(Path.replace, hit, before=when == "before")  # type: ignore[method-assign]
    else:
        plain = smtp._payload

        @functools.wraps(plain)
        async def payload(*arguments: Any) -> Any:
            if when == "before":
                hit()
            reply = await plain(*arguments)
            if when == "after":
                hit()
            return reply

        smtp._payload = payload


def _around(function: Callable[..., Any], hit: Callable[[], None], *, before: bool) -> Any:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if before:
            hit()
        result = function(*arguments, **named)
        if not before:
            hit()
        return result

    return wrapped

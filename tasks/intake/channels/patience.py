"""A limit of time over a whole step. A socket's own timeout begins anew with every byte, so that a
server which sends one now and then would hold the mailroom for ever."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class TooSlow(Exception):
    """The step was not over in time. It is left to itself, in a thread that keeps no program alive."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns or raises; ``TooSlow`` after ``seconds``."""
    ended: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            ended.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            ended.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        result, error = ended.get(timeout=seconds)
    except Empty:
        raise TooSlow from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # None only where ``work`` gives None

"""One process under the launcher: started in a session of its own, stopped with all it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 20.0  # seconds between asking and killing
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before a restart, doubled each time
CALM = 300.0  # seconds of life after which a child's past deaths are forgotten
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Linux: should the launcher itself be killed, its children end too (and leave no orphans)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """Its own session: Ctrl-C in a terminal reaches the launcher only, which stops it in order."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path
    well: Callable[[], bool]
    before: Callable[[], object] = lambda: None
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    died: float | None = field(default=None)

    def start(self) -> None:
        self.before()
        self.died = None
        self.started = time.monotonic()
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                list(self.argv),
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def exited(self) -> int | None:
        """The exit code of a child that is no longer there."""
        return self.process.poll() if self.process else None

    def is_well(self) -> bool:
        return self.alive and self.well()

    def due(self) -> bool:
        """Has a dead child waited long enough for its restart?"""
        now = time.monotonic()
        if self.died is None:
            self.died = now
            if now - self.started > CALM:
                self.restarts = 0
        return now - self.died >= min(LONGEST_WAIT, FIRST_WAIT * 2.0**self.restarts)

    def restart(self) -> None:
        self._signal(signal.SIGKILL)  # what it had started itself
        self.restarts += 1
        self.start()

    def stop(self) -> None:
        """Ask, wait, insist; whatever it started ends with it."""
        if self.process is None:
            return
        if self.alive:
            self._ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _ask(self) -> None:
        """The process itself only: it stops what it started in its own order."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGINT)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

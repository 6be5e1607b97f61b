"""``dondoc doctor``: everything that can be wrong before day one, each with how to mend it.

A check is a function ``Look → results``. It tells what it finds as a ``Result``, it never
raises for what an office can get wrong, and it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from config.plan import Plan
from config.settings import Settings


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # works, but a person should know
    FAULT = "fault"  # must be mended before day one


@dataclass(frozen=True)
class Result:
    """One finding. ``found`` and ``mend`` are Vietnamese; ``lines`` are shown with ``--all``.

    No address, name or secret may stand in it: codes, counts, settings' names.
    """

    check: str  # stable code
    level: Level
    found: str
    mend: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """What the checks look at. ``engine`` and ``plan`` are None where they could not be had."""

    settings: Settings
    environment: Mapping[str, str]
    env_file: Path
    now: datetime
    engine: Engine | None = None
    plan: Plan | None = None
    timeout: float = 8.0  # seconds for each server


Check = Callable[[Look], Iterable[Result]]


def ok(check: str, found: str, lines: tuple[str, ...] = ()) -> Result:
    return Result(check, Level.OK, found, "", lines)


def warn(check: str, found: str, mend: str, lines: tuple[str, ...] = ()) -> Result:
    return Result(check, Level.WARN, found, mend, lines)


def fault(check: str, found: str, mend: str, lines: tuple[str, ...] = ()) -> Result:
    return Result(check, Level.FAULT, found, mend, lines)

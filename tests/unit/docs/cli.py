"""The real command line, asked without running anything."""

from __future__ import annotations

import shlex
from typing import Any

import typer

from flows.cli import app

ROOT: Any = typer.main.get_command(app)


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The command that ``words`` (after "dondoc") name, and what is left for it. ``LookupError``: none."""
    command, rest = ROOT, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    if command is ROOT:
        raise LookupError(f"dondoc has no command {' '.join(words[:1])!r}")
    if hasattr(command, "commands") and not command.invoke_without_command:
        raise LookupError(f"dondoc {' '.join(words)} names a group, not a command")
    return command, rest


def words_of(line: str) -> list[str]:
    program, *words = shlex.split(line, comments=True)
    assert program == "dondoc"
    return words


def parse(line: str) -> None:
    """Raises what the command line itself would say."""
    command, rest = find(words_of(line))
    command.make_context(command.name, rest)


def options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def told_the_time(line: str, now: str) -> list[str]:
    """The words of ``line``, with ``--now`` where the command takes it and the line names no time."""
    words = words_of(line)
    command, rest = find(words)
    if "--now" in options(command) and not {"--now", "--as-of"} & set(rest):
        return [*words, "--now", now]
    return words

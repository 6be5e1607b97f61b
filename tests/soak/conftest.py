from __future__ import annotations

from typing import Any

from .table import HEAD, LINES


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table at the end of ``make soak``, also of what passed."""
    if LINES:
        terminalreporter.write_sep("=", "faults")
        for line in (HEAD, *LINES):
            terminalreporter.write_line(line)

"""The lines of docs/reliability.md: what a fault cost, counted by the test that made it."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = "fault | runs | lost | duplicated | wrong | guarantee"
LINES: list[str] = []


@dataclass
class Count:
    """``runs``: times that the fault really struck."""

    fault: str
    guarantee: str
    runs: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    note: str = ""

    def tell(self) -> None:
        numbers = (self.runs, self.lost, self.duplicated, self.wrong)
        line = " | ".join([self.fault, *map(str, numbers), self.guarantee])
        LINES.append(line + (f" ({self.note})" if self.note else ""))
        print(LINES[-1])

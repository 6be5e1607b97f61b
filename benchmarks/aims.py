"""One measured line beside its aim, the same words in every benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """``value`` is what the aim speaks of; ``measured`` the times behind it. ``aim`` None: no aim is set."""

    what: str
    measured: str
    value: float
    aim: float | None = None
    unit: str = "x"
    at_most: bool = True

    @property
    def reached(self) -> bool:
        if self.aim is None:
            return True
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def __str__(self) -> str:
        told = f"{self.what}: {self.measured}; {self.value:.3g} {self.unit}"
        if self.aim is None:
            return told
        sign = "<=" if self.at_most else ">="
        return f"{told} (aim {sign} {self.aim:g}: {'reached' if self.reached else 'MISSED'})"


def show(*rows: Row) -> None:
    for row in rows:
        print(row, flush=True)

"""A plan folder → ``Plan``, or every fault at once.

    config/plans/2026/   plan.toml, units.csv, contacts.csv, members.csv, indicators.csv,
                         assignments.csv, holidays.csv

The columns of a CSV file are the fields of its type in ``config.plan``, in any order;
columns with a default may be left out, several values in one cell are parted by ``;``.
docs/plan-folder.md says it for people.
"""

from __future__ import annotations

from pathlib import Path

from config.plan import Plan
from config.plan_checks import check
from config.plan_faults import Fault, PlanError, fields_of
from config.plan_parse import TABLES, TOML, Parsed, parse
from config.plan_read import RawTable, RawToml, read_csv, read_toml

__all__ = ["Fault", "PlanError", "build", "check_plan", "load_plan", "read_folder"]


def load_plan(folder: Path) -> Plan:
    """The plan in ``folder``; raises ``PlanError`` with all faults of all its files."""
    plan, faults = build(*read_folder(folder))
    if faults or plan is None:
        raise PlanError(faults)
    return plan


def check_plan(folder: Path) -> list[Fault]:
    """Every fault of a plan folder, in the order of files and lines; empty: it is valid."""
    return build(*read_folder(folder))[1]


def read_folder(folder: Path) -> tuple[RawToml, dict[str, RawTable]]:
    """All files of the folder as raw rows with line numbers; reading faults are inside."""
    tables = {}
    for name, model in TABLES.items():
        required = tuple(n for n, f in model.model_fields.items() if f.is_required())
        tables[name] = read_csv(folder / f"{name}.csv", fields_of(model), required)
    return read_toml(folder / TOML), tables


def build(toml: RawToml, tables: dict[str, RawTable]) -> tuple[Plan | None, list[Fault]]:
    """Raw rows → the plan and its faults; the plan is None where there is any."""
    parsed = parse(toml, tables)
    check(parsed)
    faults = sorted(set(parsed.faults))
    if faults or parsed.policy is None:
        return None, faults
    return _assemble(parsed), []


def _assemble(parsed: Parsed) -> Plan:
    assert parsed.policy is not None
    return Plan(
        policy=parsed.policy,
        rounds=tuple(r.value for r in parsed.rounds),
        units=tuple(r.value for r in parsed.units),
        contacts=tuple(r.value for r in parsed.contacts),
        members=tuple(r.value for r in parsed.members),
        indicators=tuple(r.value for r in parsed.indicators),
        assignments=tuple(r.value for r in parsed.assignments),
        holidays=tuple(r.value for r in parsed.holidays),
    )

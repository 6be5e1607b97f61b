"""The plan of one year: frozen, strict types.

A plan is what the committee and the office decide: calendar, units, contacts, members,
indicators, assignments, ladder, holidays. It is read from a folder of files
(``config/plans/2026/``, see ``config.plan_files``) and kept in the database
(``db.plans``); both give the same ``Plan``. Nothing here does I/O or asks the time.

What the plan's text does not say (leads of indicators, assignments, the day of a sector
report) is marked ``assumed``; an assumed row never reaches a unit in live mode.
"""

from __future__ import annotations

from .base import CODE, ZONE, Area, Certainty, Code, Strict, Text, midnight
from .calendar import Audience, DayKind, Form, Holiday, Round
from .chasing import Chasing, Ladder, Policy, Rung, RungTo
from .content import Assignment, Indicator
from .directory import Contact, Group, Member, Role, Unit
from .whole import Plan

__all__ = [
    "Area",
    "Assignment",
    "Audience",
    "CODE",
    "Certainty",
    "Chasing",
    "Code",
    "Contact",
    "DayKind",
    "Form",
    "Group",
    "Holiday",
    "Indicator",
    "Ladder",
    "Member",
    "Plan",
    "Policy",
    "Role",
    "Round",
    "Rung",
    "RungTo",
    "Strict",
    "Text",
    "Unit",
    "ZONE",
    "midnight",
]

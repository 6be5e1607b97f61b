"""The whole plan, and what is asked of it."""

from __future__ import annotations

from functools import cached_property

from .base import Certainty, Strict
from .calendar import Audience, Form, Holiday, Round
from .chasing import Policy
from .content import Assignment, Indicator
from .directory import Contact, Member, Role, Unit


class Plan(Strict):
    policy: Policy
    rounds: tuple[Round, ...]
    units: tuple[Unit, ...]
    contacts: tuple[Contact, ...]
    members: tuple[Member, ...]
    indicators: tuple[Indicator, ...]
    assignments: tuple[Assignment, ...]
    holidays: tuple[Holiday, ...]

    @property
    def code(self) -> str:
        return self.policy.code

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {u.code: u for u in self.units}

    @cached_property
    def member_by_code(self) -> dict[str, Member]:
        return {m.code: m for m in self.members}

    @cached_property
    def indicator_by_code(self) -> dict[str, Indicator]:
        return {i.code: i for i in self.indicators}

    @cached_property
    def reportable(self) -> tuple[Indicator, ...]:
        """Indicators that carry a figure: all but the headings that were split (C2, C3)."""
        headings = {i.parent for i in self.indicators}
        return tuple(i for i in self.indicators if i.code not in headings)

    @cached_property
    def round_by_code(self) -> dict[str, Round]:
        return {r.code: r for r in self.rounds}

    def contacts_of(self, unit: str, *roles: Role) -> list[Contact]:
        """Active contacts of ``unit`` in the order of ``roles`` (all roles where none is named)."""
        wanted = roles or tuple(Role)
        own = self._active_contacts.get(unit, ())
        return [c for r in wanted for c in own if c.role is r]

    @cached_property
    def _active_contacts(self) -> dict[str, list[Contact]]:
        """By unit: a province is asked for each of its units in turn."""
        found: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            if contact.active:
                found.setdefault(contact.unit, []).append(contact)
        return found

    def audience_of(self, round_: Round, *, assumed: bool) -> list[tuple[Unit, Certainty]]:
        """Who owes ``round_`` and on what basis (ruling 1).

        ``assumed=False`` (live mode) leaves out units that owe only by an assumption.
        """
        if round_.audience is Audience.LISTED:
            codes = dict.fromkeys(round_.units, Certainty.CONFIRMED)
        elif round_.audience is Audience.ALL:
            codes = {u.code: u.certainty for u in self.units if u.active}
        else:
            codes = {}
            for i in self.indicators:
                if i.lead and codes.get(i.lead) is not Certainty.CONFIRMED:
                    codes[i.lead] = i.lead_certainty
        return [
            (u, codes[u.code])
            for u in self.units
            if u.code in codes and (assumed or codes[u.code] is Certainty.CONFIRMED)
        ]

    def indicators_for(self, unit: Unit, form: Form, *, assumed: bool) -> list[Indicator]:
        """The indicators a form asks ``unit`` for: the led ones (KPI plan), the reported ones (quarter)."""
        if form is Form.KPI_PLAN:
            return [
                i
                for i in self.indicators
                if i.lead == unit.code and (assumed or i.lead_certainty is Certainty.CONFIRMED)
            ]
        if form is Form.QUARTERLY:
            return [i for i in self.indicators if unit.code in i.reported_by or unit.group in i.reported_by]
        return []

    def assignments_for(self, unit: Unit, *, assumed: bool) -> list[Assignment]:
        return [
            a
            for a in self.assignments
            if a.unit == unit.code and (assumed or a.certainty is Certainty.CONFIRMED)
        ]

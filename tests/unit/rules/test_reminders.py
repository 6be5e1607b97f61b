"""What is owed before the limit: invitation, reminders, one mail a day (design §5, §6)."""

from __future__ import annotations

import pytest

from tests.builders import UnitFacts, a_unit, at, day

UNIT = a_unit().due(day("25/6"))  # reminders on 16/6, 22/6, 24/6
INVITED = UNIT.was_told()


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (UNIT, "4/6 07:10", "invitation"),
        (UNIT, "24/6 07:10", "invitation"),
        (INVITED, "4/6 13:10", ""),
        (INVITED, "15/6 13:10", ""),
        (INVITED, "16/6 07:10", "reminder-7"),
        (INVITED, "19/6 13:10", "reminder-7"),
        (INVITED, "22/6 07:10", "reminder-3"),
        (INVITED, "24/6 07:10", "reminder-1"),
        (INVITED.was_told("reminder-7", at("16/6 07:10")), "16/6 13:10", ""),
        (INVITED.was_told("reminder-7", at("16/6 07:10")), "19/6 07:10", ""),
        (INVITED.was_told("reminder-7", at("16/6 07:10")), "22/6 07:10", "reminder-3"),
        (INVITED.was_owed("reminder-3", at("22/6 07:10")), "23/6 07:10", ""),
        (
            INVITED.was_owed("reminder-3", at("22/6 07:10"), ended_at=at("22/6 07:20")),
            "22/6 13:10",
            "reminder-3",
        ),
        (
            INVITED.was_told("reminder-3", at("22/6 07:10"), bounced_at=at("22/6 09:00")),
            "23/6 07:10",
            "reminder-3",
        ),
        (UNIT.was_told(bounced_at=at("5/6")), "8/6 07:10", "invitation"),
        (UNIT.was_owed("invitation", at("4/6"), ended_at=at("4/6")), "8/6 07:10", "invitation"),
        (UNIT.was_told(restart=0).after_restarts(1), "8/6 07:10", "invitation"),
        (INVITED.sent(at("15/6")), "16/6 07:10", "held: in_check"),
        (INVITED.sent(at("15/6"), "returned"), "16/6 07:10", "held: cure"),
        (INVITED.sent(at("15/6"), "returned", counts=False), "16/6 07:10", "reminder-7"),
        (INVITED.sent(at("15/6"), "accepted"), "16/6 07:10", ""),
        (INVITED.exempted(at("15/6")), "16/6 07:10", ""),
        (UNIT.exempted(at("3/6")), "4/6 07:10", ""),
        (UNIT.has_an_undecided_item(at("3/6")), "4/6 07:10", "invitation"),  # it chases nobody
        (INVITED.has_an_undecided_item(at("15/6")), "16/6 07:10", "held: undecided"),
        (INVITED.has_an_undecided_item(at("15/6"), outcome="claim"), "16/6 07:10", "held: claim"),
        (INVITED.promised(day("30/6"), at("15/6")), "16/6 07:10", "reminder-7"),
        (UNIT.has_an_undecided_item(at("1/6")), "4/6 07:10", "invitation"),  # of an earlier round
        (UNIT.has_an_undecided_item(at("1/6")), "26/6 07:10", "held: undecided"),
        (UNIT.sent(at("3/6")), "4/6 07:10", "held: in_check"),
        (UNIT.was_owed("invitation", at("4/6")).has_an_undecided_item(at("4/6")), "5/6 07:10", "held: undecided"),
    ],
)
def test_the_step_owed_before_the_limit(unit: UnitFacts, now: str, step: str) -> None:
    assert unit.step(at(now)) == step


def test_never_two_mails_to_one_unit_on_one_day() -> None:
    told_today = INVITED.was_told("reminder-7", at("22/6 07:10"))
    assert told_today.step(at("22/6 13:10")) == ""
    assert told_today.step(at("23/6 07:10")) == "reminder-3"


def test_a_letter_that_ended_does_not_take_the_days_place() -> None:
    dropped = INVITED.was_owed("reminder-7", at("22/6 07:10"), ended_at=at("22/6 07:20"))
    assert dropped.step(at("22/6 13:10")) == "reminder-3"


@pytest.mark.parametrize(
    ("unit", "now", "step", "superseded"),
    [
        (INVITED, "22/6 07:10", "reminder-3", ("reminder-7",)),
        (INVITED, "24/6 07:10", "reminder-1", ("reminder-7", "reminder-3")),
        (INVITED.was_told("reminder-7", at("16/6")), "24/6 07:10", "reminder-1", ("reminder-3",)),
        (INVITED.skipped("reminder-7", at("22/6")), "24/6 07:10", "reminder-1", ("reminder-3",)),
        (INVITED, "25/6 07:10", "rung-1", ("reminder-7", "reminder-3", "reminder-1")),
        (UNIT, "17/6 07:10", "invitation", ("reminder-7",)),
        (UNIT, "29/6 07:10", "invitation", ("reminder-7", "reminder-3", "reminder-1")),
        (UNIT, "4/6 07:10", "invitation", ()),
    ],
)
def test_late_runs_send_the_newest_step_once_and_name_the_older_ones(
    unit: UnitFacts, now: str, step: str, superseded: tuple[str, ...]
) -> None:
    owed = unit.owed(at(now))
    assert (owed.step, owed.superseded) == (step, superseded)


def test_a_superseded_reminder_is_not_sent_the_day_after() -> None:
    late_start = UNIT.was_told(at_=at("17/6 07:10")).skipped("reminder-7", at("17/6 07:10"))
    assert late_start.step(at("18/6 07:10")) == ""
    assert late_start.step(at("22/6 07:10")) == "reminder-3"


def test_what_was_superseded_under_another_limit_or_restart_does_not_matter() -> None:
    unit = INVITED.skipped("reminder-7", at("16/6"))
    assert unit.after_restarts(1).was_told(restart=1).step(at("16/6 13:10")) == "reminder-7"
    extended = unit.extended(day("10/7"), at("17/6"))
    assert extended.step(at("2/7 07:10")) == "reminder-7"


# -- extensions ---------------------------------------------------------------------------

EXTENDED = INVITED.was_told("reminder-7", at("16/6")).extended(day("30/6"), at("22/6 09:00"))


@pytest.mark.parametrize(
    ("now", "step"),
    [
        ("22/6 13:10", ""),  # day -7 of the new limit: the letter that granted it is enough
        ("24/6 07:10", ""),
        ("25/6 07:10", ""),
        ("26/6 07:10", "reminder-3"),
        ("30/6 07:10", "reminder-1"),
        ("1/7 07:10", "rung-1"),
    ],
)
def test_an_extension_has_its_own_reminders_from_the_day_after(now: str, step: str) -> None:
    assert EXTENDED.step(at(now)) == step


def test_a_reminder_whose_day_is_that_of_the_grant_is_not_due() -> None:
    unit = INVITED.extended(day("30/6"), at("26/6 09:00"))
    assert unit.step(at("26/6 13:10")) == "" and unit.step(at("29/6 07:10")) == ""


def test_the_newest_grant_decides_which_reminders_are_due() -> None:
    twice = INVITED.extended(day("26/6"), at("18/6")).extended(day("30/6"), at("26/6 09:00"))
    assert twice.step(at("29/6 07:10")) == ""


def test_a_reminder_sent_under_the_old_limit_is_owed_again_under_the_new_one() -> None:
    unit = INVITED.was_told("reminder-3", at("22/6 07:10")).extended(day("30/6"), at("22/6 09:00"))
    assert unit.step(at("26/6 07:10")) == "reminder-3"


def test_an_extension_asks_for_no_second_invitation() -> None:
    assert INVITED.extended(day("10/7"), at("5/6")).step(at("8/6 07:10")) == ""

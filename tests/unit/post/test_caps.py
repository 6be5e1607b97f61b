from __future__ import annotations

from datetime import timedelta

import pytest

from config.settings import Mail, SettingsError, load_settings
from tasks.post.caps import LONGEST_WAIT, Room, run_cap, wait
from tests.integration.post.office import small_plan


def test_the_wait_grows_threefold_up_to_six_hours_with_half_of_it_as_jitter() -> None:
    for tries in range(1, 12):
        plain = min(timedelta(minutes=3 ** (tries - 1)), LONGEST_WAIT)
        for notice in range(50):
            assert plain * 0.5 <= wait(notice, tries) <= plain * 1.5


def test_the_same_notice_waits_alike_in_a_replay_and_others_differ() -> None:
    assert wait(7, 2) == wait(7, 2)
    assert len({wait(n, 2) for n in range(100)}) == 100


def test_reminders_leave_the_answers_their_reserve() -> None:
    room = Room(answers=3, others=1)
    assert room.fits("chase")
    room.take("answer")
    assert room.fits("chase")
    room.take("chase")
    assert not room.fits("chase")
    assert not room.fits("office")
    assert room.fits("answer")


def test_a_run_may_send_four_mails_per_active_unit_unless_set_otherwise() -> None:
    assert run_cap(Mail(), small_plan()) == 20
    assert run_cap(Mail(cap_per_run=7), small_plan()) == 7


def test_a_reserve_that_would_silence_every_reminder_is_refused_as_a_setting() -> None:
    with pytest.raises(SettingsError, match="answer_reserve"):
        load_settings(mail={"cap_per_10_minutes": 40, "answer_reserve": 40}, _env_file=None)

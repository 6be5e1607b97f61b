"""Two workers on one pool; one machine dies in mid-round, another run ends it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prefect_house import wait_for

from .province import CONNECTIONS, ROUND, a_province, kill_tree, reckon

pytestmark = pytest.mark.xdist_group("prefect")
UNITS = 40


def test_a_round_ends_right_although_one_of_two_workers_is_killed_in_the_middle(tmp_path: Path) -> None:
    with a_province(tmp_path, UNITS) as province:
        for name in ("tram-1", "tram-2"):
            province.start_worker(name)
        run = province.trigger("Báo cáo quý/theo lịch", "2026-06-01T07:10")
        wait_for(lambda: province.catcher.received >= UNITS // 4, 120, "the first invitations")
        dead = province.runner_of(run)
        kill_tree(dead)
        before = province.catcher.received
        assert before < UNITS, "it was killed too late to prove anything"
        again = province.trigger("Phòng thư/theo lịch", "2026-06-01T07:20")
        assert province.finished(again) == "COMPLETED"
        assert province.runner_of(again) is not dead
        found = reckon(province, UNITS)
        print(f"{ROUND}: {UNITS} units, killed after {before} mails: {found}")
        assert (found.lost, found.wrong, found.sent) == (0, 0, UNITS)
        assert found.duplicated <= CONNECTIONS, "at most what was in flight, the same mail again"

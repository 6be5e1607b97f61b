"""Two Prefect servers behind one proxy, two workers: one of each dies in mid-round, the round ends right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import nginx, redis_server
from tests.prefect_house import free_port, wait_for

from .province import CONNECTIONS, ROUND, a_province, kill_tree, reckon

pytestmark = pytest.mark.xdist_group("prefect")
UNITS = 40


def test_a_round_ends_right_although_a_server_and_a_worker_are_killed_in_the_middle(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as shared, a_province(tmp_path, UNITS, **shared) as province:
        first, other = province.servers[0], free_port()
        province.start_server(other, "--no-services")
        with nginx.in_front_of(tmp_path / "nginx", province.port, other) as front:
            told = {"PREFECT_API_URL": f"{front.url}/api", "PREFECT_API_SSL_CERT_FILE": str(front.certificate)}
            for name in ("tram-1", "tram-2"):
                province.start_worker(name, **told)
            run = province.trigger("Báo cáo quý/theo lịch", "2026-06-01T07:10")
            wait_for(lambda: province.catcher.received >= UNITS // 4, 120, "the first invitations")
            dead = province.runner_of(run)
            kill_tree(first)  # the one with the services; the other has to do
            kill_tree(dead)
            before = province.catcher.received
            assert before < UNITS, "they were killed too late to prove anything"
            province.port = other
            again = province.trigger("Phòng thư/theo lịch", "2026-06-01T07:20")
            assert province.finished(again) == "COMPLETED"
            assert province.runner_of(again) is not dead
        found = reckon(province, UNITS)
        print(f"{ROUND}: {UNITS} units, killed after {before} mails: {found}; the killed run: {province.state(run)}")
        assert (found.lost, found.wrong, found.sent) == (0, 0, UNITS)
        assert found.duplicated <= CONNECTIONS, "at most what was in flight, the same mail again"

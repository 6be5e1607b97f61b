"""Two Prefect servers behind one Redis; one of them is killed in mid-round."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.scale.province import CONNECTIONS, a_province, kill_tree, reckon
from tests.prefect_house import free_port, wait_for

from .table import Count

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900), pytest.mark.xdist_group("prefect")]
UNITS = 40
REDIS = {
    "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
    "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
}


@pytest.mark.skipif(find_spec("prefect_redis") is None, reason="needs the package prefect-redis")
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server")
def test_a_round_ends_right_although_one_of_two_servers_is_killed(tmp_path: Path) -> None:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _play(tmp_path, REDIS | {"PREFECT_REDIS_MESSAGING_PORT": str(port)})
    finally:
        redis.terminate()
        redis.wait(20)


def _play(root: Path, told: dict[str, str]) -> None:
    count = Count("one of two Prefect servers (Redis) killed while mail leaves", "1, 2, 5")
    with a_province(root, UNITS, **told) as province:
        other = free_port()
        second = province.start_server(other, "--no-services")
        worker = province.start_worker("tram-1", PREFECT_API_URL=f"http://127.0.0.1:{other}/api")
        run = province.trigger("Báo cáo quý/theo lịch", "2026-06-01T07:10")
        wait_for(lambda: province.catcher.received >= UNITS // 4, 120, "the first invitations")
        kill_tree(second)
        kill_tree(worker)  # it knew that server only: its machine goes with it
        province.start_worker("tram-2")
        ended = province.finished(province.trigger("Phòng thư/theo lịch", "2026-06-01T07:20"))
        found = reckon(province, UNITS)
        count.runs, count.lost, count.duplicated, count.wrong = 1, found.lost, found.duplicated, found.wrong
        count.note = f"the killed run stood at {province.state(run)}, the next pass {ended}"
    count.tell()
    assert ended == "COMPLETED"
    assert (found.lost, found.wrong, found.sent) == (0, 0, UNITS)
    assert found.duplicated <= CONNECTIONS

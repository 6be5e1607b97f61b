"""Where no process is left to run flows, somebody who still lives writes to the operators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.launcher import Launcher
from tasks import steps
from tasks.desk.silence import tell_silence
from tasks.rules.clock import Heard

from .installation import Installation, at


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "var", at("2026-07-01T06:00"))
    made.ad_hoc("2026-07-06T06:30", "SYT, SXD", "2026-07-15", reminders="3")
    made.day("2026-07-06T07:10")
    yield made
    made.office.engine.dispose()


def alerts(here: Installation) -> list[tuple[str, str]]:
    return [(n.context["title"], n.state) for n in here.notices(kind="alert")]


def test_twenty_minutes_without_a_pass_are_told_and_the_mail_leaves_without_a_flow(here: Installation) -> None:
    assert not tell_silence(here.office, at("2026-07-06T07:30"))
    assert tell_silence(here.office, at("2026-07-06T07:31"))
    assert alerts(here) == [("hệ thống không còn chạy", "held")]
    assert "07 giờ 10 phút ngày 06/7/2026" in here.notices(kind="alert")[0].context["lines"][0]


def test_it_is_told_once_a_day_and_no_more_after_a_pass(here: Installation) -> None:
    for now in ("07:31", "09:00", "23:00"):
        assert tell_silence(here.office, at(f"2026-07-06T{now}"))
    assert tell_silence(here.office, at("2026-07-07T09:00"))
    assert len(alerts(here)) == 2
    here.day("2026-07-07T13:10")
    assert not tell_silence(here.office, at("2026-07-07T13:20"))


def test_who_tells_it_chases_nobody(here: Installation) -> None:
    steps.remind(here.office, at("2026-07-13T07:10"), channels_complete=True)
    assert [n.state for n in here.notices(kind="reminder")] == ["queued", "queued"]
    assert tell_silence(here.office, at("2026-07-13T07:40"))
    assert [n.state for n in here.notices(kind="reminder")] == ["queued", "queued"]
    assert alerts(here) == [("hệ thống không còn chạy", "held")]


def test_a_doubted_clock_is_told_as_such_and_not_as_silence(here: Installation) -> None:
    steps.note_clock(here.office, at("2026-07-07T07:10"), Heard(told={"máy chủ web": at("2026-07-06T07:15")}))
    assert not tell_silence(here.office, at("2026-07-07T07:40"))


def test_dondoc_watch_ends_with_1_where_nothing_runs(here: Installation) -> None:
    for now, code, said in (("2026-07-06T07:20", 0, "vẫn chạy"), ("2026-07-06T09:00", 1, "đã báo chuyên viên")):
        done = CliRunner().invoke(app, ["watch", "--data", str(here.folder), "--now", f"{now}+07:00"])
        assert (done.exit_code, said in done.output) == (code, True), done.output


def test_the_launcher_asks_every_minute(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = iter(range(0, 10_000, 20)), []
    monkeypatch.setattr("flows.launcher.time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("flows.launcher.time.sleep", lambda _: None)
    launcher = Launcher(here.office.settings, lambda _: None, lambda *_: None, lambda: None)

    def pulse() -> None:
        asked.append(True)
        launcher.stopping = len(asked) == 3

    launcher.pulse = pulse
    launcher._watch()
    assert len(asked) == 3

"""The UI opened to the office: password, forgery guard, TLS proxy; asked by curl's hands and by Chromium.

The server is started as `dondoc run` starts it, nginx with the shipped `deploy/nginx.conf`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from config.settings import Settings, load_settings
from flows.child import Child
from flows.launcher import Launcher, environment
from tasks.system.checks import Look
from tasks.system.checks.servers import prefect
from tasks.system.prefect_api import PrefectApi
from tests import nginx
from tests.prefect_house import free_port, wait_for

pytestmark = pytest.mark.xdist_group("prefect")
USER, PASSWORD = "dieuhanh", "mat-khau:9"
HEADERS = {
    "Strict-Transport-Security": "max-age",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'",
}
CHROMIUM = (shutil.which("chromium"), shutil.which("chromedriver"))
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--window-size=1280,900")


@dataclass(frozen=True)
class Guarded:
    settings: Settings
    front: nginx.Front

    def ask(self, method: str, path: str, **options: object) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            url, trust = f"{self.front.url}{path}", str(self.front.certificate)
            return session.request(method, url, verify=trust, timeout=20, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    root, port = tmp_path_factory.mktemp("guarded"), free_port()
    with patch.dict(os.environ, {"http_proxy": "http://127.0.0.1:9"}):  # an office's web proxy, in the way
        settings = load_settings(data=root, prefect={"port": port, "auth_string": f"{USER}:{PASSWORD}"})
        env = environment(settings)
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    launcher = Launcher(settings, print, lambda title, lines: None, lambda: None)
    server = Child(
        "server", [sys.executable, "-m", "prefect", "server", "start", *listen], env, root / "log", well=launcher._healthy
    )
    server.start()
    try:
        wait_for(server.is_well, 150, f"the server, see {server.log}")
        with nginx.in_front_of(root / "nginx", port) as front:
            yield Guarded(settings, front)
    finally:
        server.stop()


def test_every_answer_of_the_proxy_carries_the_security_headers(guarded: Guarded) -> None:
    for path in ("/", "/api/flow_runs/count", "/khong-co"):
        answer = guarded.ask("GET", path)
        for name, words in HEADERS.items():
            assert words in answer.headers.get(name, ""), (path, name)


def test_without_the_password_the_api_tells_nothing(guarded: Guarded) -> None:
    assert guarded.ask("GET", "/api/admin/version").status_code == 401
    assert guarded.ask("GET", "/api/admin/version", auth=(USER, "khác")).status_code == 401
    assert guarded.ask("GET", "/api/admin/version", auth=(USER, PASSWORD)).status_code == 200


def test_a_request_without_a_token_of_the_page_is_refused_even_with_the_password(guarded: Guarded) -> None:
    known = {"auth": (USER, PASSWORD), "json": {}}
    assert guarded.ask("POST", "/api/flow_runs/count", **known).status_code == 403
    with PrefectApi(guarded.settings.prefect, 20) as api:
        assert api.ask("flow_runs/count", {}) == 0


def test_another_page_in_the_same_browser_may_not_read_the_api(guarded: Guarded) -> None:
    asked = {"Origin": "https://trang-khac.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "GET"):
        answer = guarded.ask(method, "/api/health", headers=asked)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_doctor_and_a_stop_can_ask_a_guarded_server(guarded: Guarded, tmp_path: Path) -> None:
    look = Look(guarded.settings, {}, tmp_path / ".env", datetime.now(UTC), None, None, 20)
    assert [r.check for r in prefect(look)] == ["prefect.schedules"], "it was answered: nothing is deployed yet"
    assert Launcher(guarded.settings, print, lambda title, lines: None, lambda: None)._running() == 0


@pytest.mark.skipif(None in CHROMIUM and not os.environ.get("CI"), reason="chromium is not installed")
def test_a_person_logs_in_once_and_works_and_the_page_asks_nobody_else(guarded: Guarded) -> None:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM[0])
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(str(CHROMIUM[1])))
        try:
            driver.get(guarded.front.url)
            box = WebDriverWait(driver, 90).until(lambda d: d.find_elements(By.TAG_NAME, "input"))[0]
            box.send_keys(f"{USER}:{PASSWORD}", Keys.ENTER)
            WebDriverWait(driver, 90).until(lambda d: "Runs store the state history" in d.page_source)  # none yet
            asked = list(_requests(driver))
        finally:
            driver.quit()
    ours = (guarded.front.url, guarded.front.url.replace("https", "wss"))
    assert any("/flow_runs/" in url for url in asked), "it works with the API"
    assert {url for url in asked if url.startswith(("http", "ws")) and not url.startswith(ours)} == set()


def _requests(driver: webdriver.Chrome) -> Iterator[str]:
    """Every address that the page sent a request to."""
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]

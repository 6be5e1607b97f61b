"""Each letter opened in Chromium as a phone and as a desk shows it.

``EMAIL_PICTURES=folder`` keeps the pictures for a person to look at.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tasks.post.render import render
from tests.unit.emails.samples import LETTERS, hostile

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PHONE, DESK = 390, 1200
COUNT_DIALOGS = "window.__dialogs = 0; window.alert = window.confirm = window.prompt = () => { window.__dialogs++ }"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and os.environ.get("CI") != "true",
    reason="chromium and chromedriver are not installed",
)


class Reader:
    """A browser that counts dialogs and remembers every address it was made to ask for."""

    def __init__(self, folder: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or "chromium"
        for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        self.driver = webdriver.Chrome(
            options=options, service=Service(DRIVER or "chromedriver")
        )
        self.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": COUNT_DIALOGS}
        )
        self.page = folder / "letter.html"

    def open(self, html: str, width: int) -> None:
        self.width = width
        metrics = {
            "width": width,
            "height": 900,
            "deviceScaleFactor": 1,
            "mobile": width == PHONE,
        }
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get_log("performance")  # forget the page before
        self.page.write_text(html, "utf-8")
        self.driver.get(self.page.as_uri())

    def foreign(self) -> list[str]:
        """What the open page asked for beside itself."""
        events = [
            json.loads(entry["message"])["message"]
            for entry in self.driver.get_log("performance")
        ]
        asked = [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if url != self.page.as_uri()]

    def dialogs(self) -> int:
        return self.driver.execute_script("return window.__dialogs")

    def overhang(self) -> int:
        """Pixels by which the page is wider than the screen (a phone's innerWidth grows with the page)."""
        return (
            self.driver.execute_script("return document.documentElement.scrollWidth")
            - self.width
        )

    def smallest_font(self) -> float:
        return self.driver.execute_script(
            "return Math.min(...[...document.querySelectorAll('p,td,h1,h2')]"
            ".filter(e => e.innerText.trim() && !e.querySelector('p,td,h1,h2'))"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )

    def picture(self, path: Path, width: int) -> None:
        height = self.driver.execute_script(
            "return document.documentElement.scrollHeight"
        )
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": width == PHONE,
        }
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        path.write_bytes(self.driver.get_screenshot_as_png())


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(tmp_path_factory.mktemp("chromium"))
    yield reader
    reader.driver.quit()


def keep(reader: Reader, name: str, width: int) -> None:
    folder = os.environ.get("EMAIL_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        reader.picture(Path(folder) / f"{name}-{width}.png", width)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_fits_a_phone_and_asks_for_nothing(name: str, reader: Reader) -> None:
    kind, context = LETTERS[name]
    html = render(kind, context).html
    for width in (PHONE, DESK):
        reader.open(html, width)
        assert reader.overhang() <= 0
        assert reader.smallest_font() >= 16
        assert (reader.dialogs(), reader.foreign()) == (0, [])
        keep(reader, name, width)


@pytest.mark.parametrize("name", [name for name in LETTERS if "hostile" not in name])
def test_what_a_unit_typed_runs_nothing_in_any_letter(
    name: str, reader: Reader
) -> None:
    kind, context = LETTERS[name]
    reader.open(render(kind, hostile(context)).html, PHONE)
    assert (reader.dialogs(), reader.foreign()) == (0, [])
    assert reader.overhang() <= 0


def test_the_watch_itself_sees_a_dialog_a_request_and_a_wide_page(
    reader: Reader,
) -> None:
    page = "<meta name=viewport content='width=device-width'><div style='width:900px;height:9px'></div>"
    reader.open(
        page + "<img src='http://127.0.0.1:9/x.png'><script>alert(1)</script>", PHONE
    )
    assert reader.dialogs() == 1
    assert reader.foreign() == ["http://127.0.0.1:9/x.png"]
    assert reader.overhang() > 0

"""An operator's hands: the approval and three forms of the desk, in Chromium, against a real server.

With DONDOC_PICTURES=1 the screenshots of the handbook (docs/pictures/) are taken anew.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select

from config.plan import ZONE
from db.models import AcknowledgementRow, ExtensionRow, RoundRow
from db.session import reading
from tests.prefect_house import ROUND, House, wait_for

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LARGEST = 200_000  # bytes
TOOLS = (shutil.which("chromium"), shutil.which("chromedriver"))
pytestmark = [
    pytest.mark.xdist_group("prefect"),
    pytest.mark.skipif(
        None in TOOLS and not os.environ.get("CI"), reason="chromium and chromedriver are not installed"
    ),
]
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,1500", "--lang=vi"]


class Page:
    """What a person does on a page of the Prefect UI: read labels, fill fields, press buttons."""

    def __init__(self, driver: webdriver.Chrome, house: House) -> None:
        self.driver, self.house = driver, house

    def open(self, path: str) -> None:
        self.driver.get(f"{self.house.ui}/v2{path}")

    def see(self, path: str, text: str) -> None:
        """Open a page, again and again, until it shows ``text``: logs arrive a little later."""

        def shown() -> bool:
            self.open(path)
            try:
                WebDriverWait(self.driver, 8).until(
                    lambda d: text in d.find_element(By.TAG_NAME, "main").text
                )
            except WebDriverException:
                return False
            return True

        wait_for(shown, 60, f"{text!r} on {path}")

    def until(self, look: Callable[[Any], Any]) -> Any:
        return WebDriverWait(self.driver, 90).until(look)  # a busy machine: each look ends it

    def field(self, title: str) -> WebElement:
        """The field that belongs to a label."""

        def look(driver: Any) -> WebElement | None:
            for label in driver.find_elements(By.TAG_NAME, "label"):
                if label.text.removesuffix(" (Optional)") == title:
                    return driver.find_element(By.ID, label.get_attribute("for"))  # type: ignore[no-any-return]
            return None

        found: WebElement = self.until(look)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        return found

    def write(self, title: str, text: str) -> None:
        field = self.field(title)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)
        assert field.get_attribute("value") == text

    def choose(self, title: str, start: str, *, several: bool = False) -> None:
        """Pick the option that begins so from a drop-down; a list for several stays open: close it."""
        self.field(title).click()
        self.until(lambda d: self._option(start)).click()
        if several:  # Escape would close the whole dialog
            self.driver.execute_script("document.querySelector('[role=dialog] h2').scrollIntoView()")
            ActionChains(self.driver).move_to_element_with_offset(
                self.driver.find_element(By.CSS_SELECTOR, "[role=dialog] h2"), 0, 0
            ).click().perform()
        self.until(lambda d: not d.find_elements(By.CSS_SELECTOR, "[role=option]"))

    def _option(self, start: str) -> WebElement | None:
        options = self.driver.find_elements(By.CSS_SELECTOR, "[role=option]")
        return next((o for o in options if o.text.strip().startswith(start)), None)

    def pick_day(self, title: str, day: str) -> None:
        self.field(title).click()
        box = self.until(lambda d: d.find_elements(By.CSS_SELECTOR, "input[aria-label^='Date']"))[0]
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(day, Keys.ENTER)
        box.send_keys(Keys.ESCAPE)

    def press(self, text: str, role: str = "button") -> None:
        selector = "button" if role == "button" else f"[role={role}]"
        self.until(
            lambda d: next((b for b in d.find_elements(By.CSS_SELECTOR, selector) if b.text.strip() == text), None)
        ).click()

    def picture(self, name: str, height: int = 1500) -> None:
        """Keep what is seen, small enough for the repository."""
        self.driver.set_window_size(1280, height)
        image = Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB").quantize(64)
        data = io.BytesIO()
        image.save(data, "PNG", optimize=True)
        assert len(data.getvalue()) <= LARGEST
        folder = PICTURES if os.environ.get("DONDOC_PICTURES") else Path(tempfile.gettempdir())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.png").write_bytes(data.getvalue())


@pytest.fixture(scope="module")
def page(house: House) -> Iterator[Page]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(TOOLS[0])
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        service = Service(str(TOOLS[1]), env=dict(os.environ, TZ="Asia/Ho_Chi_Minh"))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            yield Page(driver, house)
        finally:
            driver.quit()


def fill_in_and_run(page: Page, title: str, fill: Callable[[], None], picture: str) -> dict[str, Any]:
    """Open the form of a desk flow, fill it in, submit; the finished run."""
    house = page.house
    deployment = house.deployment(f"{title}/bàn làm việc")["id"]
    page.open(f"/deployments/deployment/{deployment}/run")

    def runs() -> set[str]:
        body = {"deployments": {"id": {"any_": [deployment]}}, "limit": 100}
        return {r["id"] for r in house.post("/flow_runs/filter", body)}

    before = runs()
    fill()
    page.picture(picture)
    page.press("Submit")
    try:
        wait_for(lambda: bool(runs() - before), 15, title)
    except AssertionError:  # a busy SQLite refused it; the form is still there to be sent again
        page.press("Submit")
        wait_for(lambda: bool(runs() - before), 30, title)
    (run,) = runs() - before
    ended = house.finished(run)
    page.see(f"/runs/flow-run/{run}", ended["state_name"])
    return ended


def test_an_extension_is_granted_from_the_form(page: Page) -> None:
    day = (datetime.now(UTC).astimezone(ZONE) + timedelta(days=6)).date()

    def fill() -> None:
        page.choose("Mã đợt", ROUND)
        page.write("Mã các đơn vị", "SYT")
        page.pick_day("Gia hạn đến hết ngày", day.isoformat())
        page.choose("Mã người quyết định", "CV1")
        page.write("Lý do", "Đơn vị đề nghị lùi hạn do sáp nhập Trung tâm Y tế, Văn bản số 45/SYT-VP")

    ended = fill_in_and_run(page, "Gia hạn", fill, "desk-gia-han")
    assert ended["state_type"] == "COMPLETED", ended["state"]
    with reading(page.house.office.engine) as session:
        reasons = session.scalars(select(ExtensionRow.reason)).all()
    assert "Đơn vị đề nghị lùi hạn do sáp nhập Trung tâm Y tế, Văn bản số 45/SYT-VP" in reasons


def test_a_promise_in_the_past_is_explained_and_not_recorded(page: Page) -> None:
    def fill() -> None:
        page.choose("Mã đợt", ROUND)
        page.write("Mã đơn vị", "SNV")
        page.pick_day("Cam kết gửi chậm nhất hết ngày", "2020-02-03")
        page.choose("Mã người quyết định", "CV1")
        page.write("Lý do", "Đồng chí Trưởng phòng cam kết qua điện thoại")

    ended = fill_in_and_run(page, "Ghi nhận cam kết", fill, "desk-cam-ket")
    assert ended["state_name"] == "Chưa thực hiện"
    page.see(f"/runs/flow-run/{ended['id']}?tab=Logs", "Ngày cam kết đã qua")
    page.picture("desk-chua-thuc-hien", 900)
    with reading(page.house.office.engine) as session:
        assert session.scalars(select(AcknowledgementRow)).all() == []


def test_an_ad_hoc_round_is_opened_from_the_form(page: Page) -> None:
    day = (datetime.now(UTC).astimezone(ZONE) + timedelta(days=9)).date()

    def fill() -> None:
        page.write("Mã đợt", "2026-dx9")
        page.write("Tên báo cáo", "báo cáo đột xuất về cấp chữ ký số cho cán bộ, công chức")
        page.write("Nội dung yêu cầu báo cáo", "Số chữ ký số đã cấp; khó khăn, vướng mắc; đề xuất, kiến nghị.")
        page.write("Mã các đơn vị", "STC, 14329")
        page.pick_day("Hạn gửi: hết ngày", day.isoformat())
        page.choose("Mã người quyết định", "LD1")
        page.write("Lý do", "Theo yêu cầu của Trưởng Ban Chỉ đạo")

    ended = fill_in_and_run(page, "Mở đợt báo cáo đột xuất", fill, "desk-dot-xuat")
    assert ended["state"]["message"] == "Đã mở đợt 2026-dx9: 2 đơn vị"
    with reading(page.house.office.engine) as session:
        row = session.scalars(select(RoundRow).where(RoundRow.code == "2026-dx9")).one()
    assert row.opened_by == "LD1"


def test_an_approval_is_read_and_decided_leaving_one_unit_out(page: Page) -> None:
    house = page.house
    number = next(p.id for p in house.proposals() if p.round == ROUND)
    run = house.approval(number)
    page.open(f"/runs/flow-run/{run}")
    page.until(lambda d: "Suspended" in d.find_element(By.TAG_NAME, "main").text)
    page.driver.set_window_size(1280, 1500)
    menus = page.until(lambda d: d.find_elements(By.CSS_SELECTOR, "main button[aria-haspopup=menu]"))
    menus[0].click()
    page.press("Resume", "menuitem")
    page.until(lambda d: "Vì sao" in d.find_element(By.CSS_SELECTOR, "[role=dialog]").text)
    page.picture("approval-xem")
    page.choose("Quyết định", "Duyệt")
    page.choose("Bỏ ra các đơn vị", "SYT", several=True)
    page.choose("Mã người quyết định", "LD1")
    page.write("Lý do", "Đã xem từng thư và bằng chứng; Sở Y tế đã gọi điện báo gửi trong ngày")
    page.field("Đã xem 1 mục đến chưa rõ của ai").click()
    page.picture("approval-quyet-dinh")
    page.press("Resume")
    wait_for(lambda: bool(house.decisions(number)), 90, "the decision")
    (decision,) = house.decisions(number)
    assert (decision.verdict, decision.by, decision.left_out) == ("approve", "LD1", ["SYT"])


def open_the_rounds_page(page: Page) -> WebElement:
    """The newest page of the round; what it shows."""
    house = page.house
    assert house.do("Báo cáo quý/theo lịch")["state_type"] == "COMPLETED"
    body = {"artifacts": {"key": {"any_": [f"tong-quan-{ROUND}"]}}, "sort": "CREATED_DESC", "limit": 1}
    page.open(f"/artifacts/artifact/{house.post('/artifacts/filter', body)[0]['id']}")
    page.until(lambda d: "đơn vị đã hoàn thành" in d.find_element(By.TAG_NAME, "main").text)
    return page.driver.find_element(By.TAG_NAME, "main")


def test_the_rounds_page_answers_at_a_glance(page: Page) -> None:
    text = open_the_rounds_page(page).text
    for part in ("Quá hạn chưa xong", "Việc chờ tôi", "Đang tạm giữ", "Thư gửi hôm nay"):
        assert part in text


def test_every_link_of_the_rounds_page_opens_what_it_names(page: Page) -> None:
    main = open_the_rounds_page(page)
    links = {a.text: str(a.get_attribute("href")) for a in main.find_elements(By.CSS_SELECTOR, "a[href]")}
    for link, shown in (
        ("Bảng từng đơn vị", "Sở Nội vụ"),
        ("Vì sao: lịch sử các đơn vị quá hạn, tạm giữ", "Vì sao: "),
        ("Lịch cả năm", "Lịch năm 2026"),
    ):
        page.driver.get(links[link])
        page.until(lambda d, shown=shown: shown in d.find_element(By.TAG_NAME, "main").text)
        page.picture("trang-" + link.split()[0].strip(":").lower())

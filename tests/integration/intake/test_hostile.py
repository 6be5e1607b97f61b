"""Whatever arrives is stored and classified; what bears a secrecy marking is set apart."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from db.session import reading
from tasks.intake.answer import queue_answers
from tasks.intake.check import check_submissions
from tasks.intake.queries import undecided_items
from tests.integration.intake.world import World, a_mail, a_world, clerk
from tests.unit.intake.test_mail import in_each_other, many, nested

Q2 = "2026-q2"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(20):
            archive.writestr(f"{n}.xlsx", b"\0" * 20_000_000)
    return out.getvalue()


def test_hostile_mails_and_files_are_all_classified_and_the_good_one_counts(world: World) -> None:
    source = random.Random(9)
    form = world.form("SYT", Q2)
    for data in (nested(5_000), many(10_000), in_each_other(5_000), b"", b"\0" * 5_000, b"\n" * 5_000):
        world.deliver(data)
    mail = a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", form))
    for _ in range(60):  # a genuine mail with damaged bytes
        broken = bytearray(mail)
        for _ in range(source.randrange(1, 40)):
            broken[source.randrange(len(broken))] = source.randrange(256)
        world.deliver(bytes(broken[: source.randrange(len(broken))] if source.random() < 0.5 else broken))
    world.deliver(
        a_mail(
            clerk("SXD"), world.tokens["SXD", Q2], *[(f"{n}.pdf", b"%PDF" + bytes([n])) for n in range(40)]
        )
    )
    for name, data in (
        ("bom.zip", bomb()),
        ("a..\\..\\x.xlsx", b"MZ"),
        ("rong.xlsx", b""),
        ("a.rar", b"Rar!\x1a\7\0"),
    ):
        world.drop(name, data)
    world.deliver(a_mail(clerk("14743"), world.tokens["14743", Q2], ("bc.xlsx", world.form("14743", Q2))))
    done = world.collect()
    check_submissions(world.office, world.now)
    queue_answers(world.office, world.now)
    assert done.complete
    assert len(world.inbound()) == done.inbound == 6 + 60 + 1 + 4 + 1
    assert len({(r, o) for o, r in world.outcomes()}) > 3
    assert ("14743", Q2, 1) in world.submissions()
    assert {u for u, _, _ in world.submissions()} <= {
        "SYT",
        "14743",
    }  # SXD's heap of files waits for a person
    assert world.collect().inbound == 0


def secret(form: bytes, mark: str) -> bytes:
    book = load_workbook(io.BytesIO(form))
    book["Thuyết minh"]["B20"] = mark
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("mark", ["MẬT", "Tối mật", "TUYỆT MẬT"])
def test_a_marked_workbook_is_set_apart_and_its_unit_held(mark: str, world: World) -> None:
    world.deliver(
        a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", secret(world.form("SYT", Q2), mark)))
    )
    world.collect()
    check_submissions(world.office, world.now)
    assert (world.last().outcome, world.last().hints, world.submissions()) == ("classified", ["SYT"], [])
    assert queue_answers(world.office, world.now) == 0
    with reading(world.office.engine) as session:
        (item,) = undecided_items(session)
    assert "dấu chỉ độ mật" in item.summary


@pytest.mark.parametrize("text", ["Độ mật:\n\nMẬT\n\nNội dung", "TUYỆT MẬT"])
def test_a_marked_text_is_set_apart(text: str, world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], text=text))
    world.collect()
    assert world.last().outcome == "classified"


def test_speaking_of_state_secrets_is_not_a_marking(world: World) -> None:
    text = "Thực hiện quy định về bảo vệ bí mật nhà nước, mật khẩu."
    form = secret(world.form("SYT", Q2), "Bảo vệ bí mật nhà nước")
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", form), text=text))
    world.collect()
    assert world.submissions() == [("SYT", Q2, 1)]

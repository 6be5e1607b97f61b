"""The outgoing post: personalised mails with their workbook, from decision to server.

    python -m benchmarks.post [--mails 3500] [--connections 32] [--json]

Ours: queue, judge, build the workbook, render, assemble, archive, send, record; one process,
SQLite with full durability. Limit: postfix's ``smtp-source`` pushing mails of the same size over as
many connections into the same ``smtp-sink`` (where postfix is not installed that is said, and the
sink is our own). Usual: openpyxl loads and saves a workbook for each unit, EmailMessage, smtplib on
one connection; timed on a sample. The three take turns, a few times over, so that whatever else the
machine does meets them alike; each ratio is that of the medians. Then, with a server whose every
reply comes 100 ms late, mails a second against the number of connections.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from statistics import median
from typing import Any

import openpyxl
from sqlalchemy.orm import Session

from benchmarks.smtp_sink import sink
from benchmarks.workbooks import specs
from config.plan import ZONE
from config.plan_files import load_plan
from config.settings import PLANS, Mail, MailMode, Settings
from db import controls
from db.models import Base, NoticeItemRow, NoticeRow
from db.plans import save_plan
from db.session import make_engine, writing
from tasks.forms.build import build, file_name
from tasks.forms.types import FormSpec
from tasks.office import Office
from tasks.post import modes
from tasks.post.compose import XLSX
from tasks.post.contract import Judgement, Parts
from tasks.post.deliver import deliver
from tasks.post.outbox import NewNotice, queue
from tasks.post.render import render

NOW = datetime(2026, 9, 3, 8, 0, tzinfo=ZONE)
SAMPLE = Path(__file__).parents[1] / "templates" / "emails" / "invitation" / "sample.json"
USUAL_SAMPLE = 40
TURNS = 3
POSTFIX = "/usr/sbin:/usr/bin:/usr/local/sbin"
AIM_OF_SOURCE, AIM_FASTER = 0.15, 25.0
DELAY, CONNECTIONS = 0.1, (1, 4, 16, 32)
DOMAIN = "ninhbinh.example"


def an_office(folder: Path, port: int, connections: int) -> Office:
    folder.mkdir(parents=True)
    mail = Mail(
        mode=MailMode.LIVE,
        port=port,
        security="none",
        allow_domains=(DOMAIN,),
        sender=f"dondoc@{DOMAIN}",
        connections=connections,
        cap_per_10_minutes=10_000_000,
        cap_per_run=10_000_000,
    )
    settings = Settings(data=folder, mail=mail, _env_file=None)  # type: ignore[call-arg]
    engine = make_engine(f"sqlite:///{folder / 'dondoc.db'}")
    Base.metadata.create_all(engine)
    plan = load_plan(PLANS / "2026")
    with writing(engine) as session:
        save_plan(session, plan, NOW)
    office = Office(settings=settings, engine=engine, plan=plan, rehearsal=False)
    modes.go_live(office, NOW, "bench")
    return office


def context_of(spec: FormSpec) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    return sample | {"addressee": spec.unit_name, "attachments": [file_name(spec)]}


def ours(folder: Path, port: int, forms: list[FormSpec], connections: int) -> float:
    """Seconds from the decision to the last outcome on record."""
    office = an_office(folder, port, connections)
    by_unit = {s.identity.unit: s for s in forms}
    build(forms[0])

    def compose(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
        spec = by_unit[notice.unit]
        mail = render(notice.kind, notice.context)
        return Parts(mail.subject, mail.text, mail.html, [(file_name(spec), XLSX, build(spec))])

    start = time.perf_counter()
    with writing(office.engine) as session:
        for number, spec in enumerate(forms):
            queue(session, _notice(number, spec), NOW, domain=DOMAIN)
    did = deliver(office, NOW, compose=compose, rejudge=_still_owed)
    seconds = time.perf_counter() - start
    if did.sent != len(forms):
        raise SystemExit(f"sent {did.sent} of {len(forms)}: {did}")
    with writing(office.engine) as session:
        controls.put(session, controls.SENDING, "off", at=NOW, by="bench")
    office.engine.dispose()
    return seconds


def _notice(number: int, spec: FormSpec) -> NewNotice:
    return NewNotice(
        plan="2026",
        round="2026-q3",
        unit=spec.identity.unit,
        recipient=f"vanthu{number}@{DOMAIN}",
        kind="invitation",
        occasion="opening",
        nature="chase",
        context=context_of(spec),
    )


def _still_owed(session: Session, notice: NoticeRow, now: datetime) -> Judgement:
    return Judgement()


def usual(port: int, forms: list[FormSpec]) -> float:
    """Seconds for the same mails as an office script does it."""
    template = build(forms[0])
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number, spec in enumerate(forms):
            book = openpyxl.load_workbook(io.BytesIO(template))
            book.worksheets[0]["A1"] = spec.unit_name
            buffer = io.BytesIO()
            book.save(buffer)
            mail = render("invitation", context_of(spec))
            message = EmailMessage()
            message["From"] = f"Sở Khoa học và Công nghệ tỉnh Ninh Bình <dondoc@{DOMAIN}>"
            message["To"] = f"vanthu{number}@{DOMAIN}"
            message["Subject"] = mail.subject
            message.set_content(mail.text)
            message.add_alternative(mail.html, subtype="html")
            main, _, sub = XLSX.partition("/")
            message.add_attachment(buffer.getvalue(), maintype=main, subtype=sub, filename=file_name(spec))
            client.send_message(message)
    return time.perf_counter() - start


def smtp_source(port: int, mails: int, connections: int, size: int) -> float | None:
    """Seconds that postfix's own generator takes; None where it is not installed."""
    program = shutil.which("smtp-source", path=POSTFIX)
    if program is None:
        return None
    start = time.perf_counter()
    command = [program, "-s", str(connections), "-m", str(mails), "-l", str(size), "-d"]
    addresses = ["-f", f"dondoc@{DOMAIN}", "-t", f"vanthu@{DOMAIN}"]
    subprocess.run([*command, *addresses, f"127.0.0.1:{port}"], check=True, timeout=600)
    return time.perf_counter() - start


@contextlib.contextmanager
def fastest_sink() -> Iterator[tuple[int, str]]:
    """postfix's smtp-sink where it is installed, else our own."""
    program = shutil.which("smtp-sink", path=POSTFIX)
    if program is None:
        with sink() as port:
            yield port, "own"
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
    with subprocess.Popen([program, *user, "-t", "900", f"127.0.0.1:{port}", "1000"]) as process:
        try:
            _wait_until_it_answers(port)
            yield port, "smtp-sink"
        finally:
            process.terminate()


def _wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as found:
            if found.recv(4) == b"220 ":
                return
        time.sleep(0.05)
    raise SystemExit("smtp-sink does not answer")


def measure(mails: int, connections: int) -> dict[str, Any]:
    forms = specs(mails)
    rates: dict[str, list[float]] = {"ours": [], "usual": [], "source": []}
    with tempfile.TemporaryDirectory() as name, fastest_sink() as (port, kind):
        for turn in range(TURNS):
            folder = Path(name) / str(turn)
            rates["ours"].append(mails / ours(folder, port, forms, connections))
            rates["usual"].append(USUAL_SAMPLE / usual(port, forms[:USUAL_SAMPLE]))
            size = _mean_size(folder / "archive")
            if seconds := smtp_source(port, mails, connections, size):
                rates["source"].append(mails / seconds)
            shutil.rmtree(folder)
    rate = {who: median(found) if found else 0.0 for who, found in rates.items()}
    return {
        "mails": mails,
        "connections": connections,
        "sink": kind,
        "bytes_each": size,
        "turns": {who: [round(r, 1) for r in found] for who, found in rates.items()},
        "ours_per_second": round(rate["ours"], 1),
        "usual_per_second": round(rate["usual"], 1),
        "times_faster_than_usual": round(rate["ours"] / rate["usual"], 1),
        "smtp_source_per_second": round(rate["source"], 1) or None,
        "ratio_to_smtp_source": round(rate["ours"] / rate["source"], 3) if rate["source"] else None,
        "aims": {"ratio_to_smtp_source": AIM_OF_SOURCE, "times_faster_than_usual": AIM_FASTER},
        "late_server": against_connections(forms),
    }


def _mean_size(archive: Path) -> int:
    sizes = [f.stat().st_size for f in archive.glob("*/*")]
    return sum(sizes) // len(sizes)


def against_connections(forms: list[FormSpec]) -> dict[int, float]:
    """Mails a second with a server 100 ms late, by number of connections."""
    rates: dict[int, float] = {}
    for k in CONNECTIONS:
        batch = forms[: max(8, 8 * k)]
        with tempfile.TemporaryDirectory() as name, sink(DELAY) as port:
            rates[k] = round(len(batch) / ours(Path(name) / "b", port, batch, k), 1)
    return rates


def show(found: dict[str, Any]) -> None:
    print(f"{found['mails']} mails of {found['bytes_each']} bytes, {found['connections']} connections, "
          f"sink: {found['sink']}")
    print(f"  ours {found['ours_per_second']}/s, usual {found['usual_per_second']}/s: "
          f"{found['times_faster_than_usual']} times faster (aim {AIM_FASTER})")
    if found["ratio_to_smtp_source"] is None:
        print("  smtp-source is not installed (package postfix): its ratio was not measured")
    else:
        print(f"  smtp-source {found['smtp_source_per_second']}/s: ratio {found['ratio_to_smtp_source']} "
              f"(aim {AIM_OF_SOURCE})")
    print(f"  turn by turn: {found['turns']}")
    for k, rate in found["late_server"].items():
        print(f"  a server {DELAY * 1000:.0f} ms late, {k} connections: {rate}/s")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The outgoing post, measured.")
    parser.add_argument("--mails", type=int, default=3500)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = measure(given.mails, given.connections)
    print(json.dumps(found)) if given.json else show(found)


if __name__ == "__main__":
    main()

"""Recounts a finished demo from its Maildirs and its database, with code of its own.

``python -m tests.recount var/demo``: nothing of flows, tasks, db or config is imported; the
figures of ``summary.json`` must come out again, and nobody may have been wronged.
"""

from __future__ import annotations

import json
import mailbox
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

VIETNAM = timezone(timedelta(hours=7))
OFFICE = "dondoc@ninhbinh.example"
CHASING = ("reminder", "overdue", "head", "member", "chair")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Demo:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = sqlite3.connect(f"file:{folder / 'dondoc.db'}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row
        self.summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        self.differences: list[str] = []
        self.off, self.work = self._days()

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        return self.db.execute(query, values).fetchall()

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.differences.append(f"{what}: recounted {found!r}, summary says {wanted!r}")

    def wrong(self, what: str) -> None:
        self.differences.append(what)

    def _days(self) -> tuple[set[date], set[date]]:
        (row,) = self.rows("select holidays from plan")
        days = [(date.fromisoformat(h["date"]), h["kind"]) for h in json.loads(row["holidays"])]
        return {d for d, k in days if k == "off"}, {d for d, k in days if k == "work"}

    def working(self, day: date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    # -- status of every obligation -----------------------------------------------------

    def limit(self, obligation: sqlite3.Row, definition: dict[str, Any]) -> datetime:
        moved = self.rows(
            "select until from extension where obligation_id=? order by id desc", obligation["id"]
        )
        if moved:
            return instant(moved[0]["until"])
        at = time.fromisoformat(definition["limit_time"])
        return datetime.combine(date.fromisoformat(definition["limit"]), at, VIETNAM)

    def versions(self, obligation: int) -> list[dict[str, Any]]:
        """Every submission with its last verdict, oldest arrival first."""
        found = []
        for s in self.rows("select * from submission where obligation_id=?", obligation):
            checks = self.rows("select * from check_result where submission_id=? order by id", s["id"])
            last = checks[-1] if checks else None
            found.append(
                {
                    "arrived": instant(s["arrived_at"]),
                    "verdict": last["verdict"] if last else "",
                    "counts": bool(last["counts"]) if last else True,
                    "checked": instant(last["at"]) if last else None,
                }
            )
        return sorted(found, key=lambda v: v["arrived"])

    def cure_end(self, versions: list[dict[str, Any]], limit: datetime, days: int) -> datetime | None:
        returned = [v["checked"] for v in versions if v["verdict"] == "returned" and v["counts"]]
        if not returned:
            return None
        day, left = min(returned).astimezone(VIETNAM).date(), days
        while left:
            day += timedelta(days=1)
            left -= self.working(day)
        return max(limit, datetime.combine(day + timedelta(days=1), time(0), VIETNAM))

    def state(self, obligation: sqlite3.Row, definition: dict[str, Any], now: datetime) -> str:
        if self.rows("select 1 from exemption where obligation_id=?", obligation["id"]):
            return "exempt"
        limit, versions = self.limit(obligation, definition), self.versions(obligation["id"])
        cure = self.cure_end(versions, limit, definition["cure_days"])
        accepted = [v for v in versions if v["verdict"] == "accepted"]
        if accepted:
            if self.rows("select 1 from punctuality where obligation_id=?", obligation["id"]):
                return "on_time"
            healed = [v for v in accepted if cure is None or v["arrived"] < cure]
            decisive = [v for v in versions if v["counts"]] if healed else accepted
            return "on_time" if decisive[0]["arrived"] < limit else "late"
        if any(not v["verdict"] for v in versions):
            return "in_check"
        if cure and any(v["counts"] for v in versions):
            return "returned" if now < cure else "incomplete"
        return "missing"

    def recount_statuses(self) -> dict[int, str]:
        states: dict[int, str] = {}
        now = datetime.fromisoformat(self.summary["to"] + "T23:59:00+07:00")
        for round_ in self.rows("select * from round"):
            if round_["code"] not in self.summary["rounds"]:
                continue
            definition = json.loads(round_["definition"])
            owed = self.rows("select * from obligation where round=?", round_["code"])
            for o in owed:
                states[o["id"]] = self.state(o, definition, now)
            counts = Counter(states[o["id"]] for o in owed)
            told = self.summary["rounds"][round_["code"]]
            self.expect(f"{round_['code']} obligations", len(owed), told["obligations"])
            for name in ("on_time", "late", "in_check", "returned", "incomplete", "missing", "exempt"):
                self.expect(f"{round_['code']} {name}", counts[name], told[name])
            extended = sum(
                bool(self.rows("select 1 from extension where obligation_id=?", o["id"])) for o in owed
            )
            self.expect(f"{round_['code']} extended", extended, told["extended"])
        return states

    # -- mails ---------------------------------------------------------------------------

    def mails(self) -> dict[str, list[tuple[str, datetime]]]:
        """Message-ID → (box, virtual date) of every mail from the office, in every Maildir."""
        found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        for box in sorted((self.folder / "mail").iterdir()):
            if box.name == OFFICE:
                continue
            for message in mailbox.Maildir(box, create=False):
                if OFFICE in str(message["From"]):
                    sent = parsedate_to_datetime(str(message["Date"]))
                    found[str(message["Message-ID"]).strip()].append((box.name, sent))
        return found

    def recount_mails(self) -> None:
        mails = self.mails()
        notices = {n["message_id"]: n for n in self.rows("select * from notice")}
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for message_id, where in mails.items():
            notice = notices.get(message_id)
            if notice is None:
                self.wrong(f"a mail in {where[0][0]} belongs to no notice")
            elif [box for box, _ in where] != [notice["recipient"].lower()]:
                self.wrong(f"notice {notice['id']} lies in {[b for b, _ in where]}")
            else:
                counts[notice["round"]][notice["kind"]] += 1
        for n in notices.values():
            if n["state"] == "sent" and n["message_id"] not in mails:
                self.wrong(f"notice {n['id']} counts as sent, no Maildir has it")
        for code, told in self.summary["rounds"].items():
            self.expect(f"{code} notices", dict(sorted(counts[code].items())), told["notices"])
        self.expect("other notices", dict(sorted(counts["*"].items())), self.summary["other_notices"])
        self.one_chase_a_day(notices, mails)

    def one_chase_a_day(
        self, notices: dict[str, sqlite3.Row], mails: dict[str, list[tuple[str, datetime]]]
    ) -> None:
        days: Counter[tuple[str, date]] = Counter()
        for message_id, where in mails.items():
            if message_id in notices and notices[message_id]["kind"] in ("invitation", *CHASING):
                local = where[0][1].astimezone(VIETNAM)
                days[where[0][0], local.date()] += 1
                if not self.working(local.date()) or not time(7) <= local.time() < time(17):
                    self.wrong(f"chased outside the window: {local.isoformat()}")
        for (box, day), count in days.items():
            if count > 1:
                self.wrong(f"{box} was chased {count} times on {day}")

    # -- nobody wronged, nobody forgotten -------------------------------------------------

    def letters(self) -> dict[int, list[tuple[str, datetime]]]:
        """Obligation → (step, when) of what really left."""
        found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
        query = (
            "select i.obligation_id o, i.step s, a.finished_at t from notice_item i "
            "join attempt a on a.notice_id = i.notice_id and a.outcome = 'accepted' "
            "where i.dropped_at is null"
        )
        for r in self.rows(query):
            found[r["o"]].append((r["s"], instant(r["t"])))
        return found

    def judge_letters(self, states: dict[int, str]) -> None:
        letters = self.letters()
        rungs: dict[str, Counter[str]] = defaultdict(Counter)
        for o in self.rows("select * from obligation"):
            if o["id"] not in states:
                continue
            definition = json.loads(
                self.rows("select definition from round where code=?", o["round"])[0]["definition"]
            )
            mine = letters[o["id"]]
            for step, _ in mine:
                if step.startswith("rung-"):
                    rungs[o["round"]][step.removeprefix("rung-")] += 1
            self.nobody_wronged(o, definition, states[o["id"]], mine)
            self.nobody_forgotten(o, states[o["id"]], mine)
        for code, told in self.summary["rounds"].items():
            wanted = {r: c["units_told"] for r, c in told["escalations"].items() if c.get("units_told")}
            self.expect(f"{code} rungs", dict(sorted(rungs[code].items())), wanted)

    def nobody_wronged(
        self, o: sqlite3.Row, definition: dict[str, Any], state: str, mine: list[tuple[str, datetime]]
    ) -> None:
        who = f"{o['round']}/{o['unit']}"
        accepted = [v for v in self.versions(o["id"]) if v["verdict"] == "accepted"]
        known = min((v["checked"] for v in accepted), default=None)
        exempt = self.rows("select at from exemption where obligation_id=?", o["id"])
        first = definition["limit"] + "T" + definition["limit_time"] + "+07:00"
        for step, when in mine:
            if step.startswith("rung-") and when < datetime.fromisoformat(first):
                self.wrong(f"{who}: {step} before the limit")
            if known and step != "invitation" and when > known:
                self.wrong(f"{who}: {step} after its report was accepted")
            if exempt and when > instant(exempt[0]["at"]):
                self.wrong(f"{who}: {step} after its exemption")
        if state == "on_time" and any(step.startswith("rung-") for step, _ in mine):
            moved = self.rows("select 1 from extension where obligation_id=?", o["id"])
            by_hand = self.rows("select 1 from submission where obligation_id=? and document_number<>''", o["id"])
            if not moved and not by_hand:
                self.wrong(f"{who}: answered in time and was escalated")

    def nobody_forgotten(self, o: sqlite3.Row, state: str, mine: list[tuple[str, datetime]]) -> None:
        steps = {step for step, _ in mine}
        if not steps:
            self.wrong(f"{o['round']}/{o['unit']}: never told of the round")
        if state in ("missing", "incomplete") and "rung-1" not in steps:
            self.wrong(f"{o['round']}/{o['unit']}: {state} and never urged")
        if state == "missing" and not {"rung-1", "rung-2", "rung-3"} <= steps and not self.may_wait(o):
            self.wrong(f"{o['round']}/{o['unit']}: never answered, but the ladder stopped at {sorted(steps)}")

    def may_wait(self, o: sqlite3.Row) -> bool:
        """A promise that is still open, or a year that ended before the third rung's day."""
        end = datetime.fromisoformat(self.summary["to"] + "T23:59:00+07:00")
        promises = self.rows("select promised from acknowledgement where obligation_id=?", o["id"])
        if any(instant(p["promised"]) > end - timedelta(days=4) for p in promises):
            return True
        (row,) = self.rows("select definition from round where code=?", o["round"])
        day, worked = date.fromisoformat(json.loads(row["definition"])["limit"]), 0
        while day <= end.date():
            worked += self.working(day)
            day += timedelta(days=1)
        return worked <= 8


def recount(folder: Path) -> list[str]:
    """Every difference between a demo's summary and what its mails and database say."""
    demo = Demo(folder)
    states = demo.recount_statuses()
    demo.recount_mails()
    demo.judge_letters(states)
    return demo.differences


if __name__ == "__main__":
    found = recount(Path(sys.argv[1]))
    print("\n".join(found) or "recounted: no difference")
    sys.exit(bool(found))

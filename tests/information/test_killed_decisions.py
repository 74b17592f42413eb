"""The web process dies by kill -9 while staff decide: each change still waits, or was decided whole and once."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal.accounts import sessions
from portal.audit import chain
from portal.clients.sections import DEMOGRAPHICS
from portal.database import fetch
from portal.information.actions import change
from portal.information.queries import digest
from portal.web.visit import Visit
from tests.cast import Cast
from tests.factories import a_client
from tests.information.steps import as_client, sheet
from tests.tasks.post import WorkerProcess, eventually, free_port

DESKS = ("front_desk", "supervisor", "administrator")
STANDING = """
SELECT asked.id, asked.state, client.pronouns,
       (SELECT count(*) FROM event WHERE kind = 'information.answered' AND subject_id = asked.id) AS events,
       (SELECT count(*) FROM audit_row WHERE act ~ '^information.(accepted|edited|returned)$'
           AND subject_id = asked.id) AS acts,
       (SELECT count(*) FROM audit_row WHERE act = 'client.changed' AND client_id = asked.client) AS written,
       (SELECT count(*) FROM review_item WHERE kind = 'information.changed' AND review_item.subject_id = asked.id
           AND settled_at IS NOT NULL AND outcome = asked.state AND settled_by = asked.decided_by) AS settled_items,
       (SELECT count(*) FROM review_item WHERE kind = 'information.changed' AND review_item.subject_id = asked.id
           AND settled_at IS NULL) AS open_items
  FROM change_request AS asked JOIN client ON client.id = asked.client
"""
WHOLE = {
    # state: pronouns, events, acts, written, settled_items, open_items
    "pending": ("", 0, 0, 0, 0, 1),
    "accepted": ("asked", 1, 1, 1, 1, 0),
    "edited": ("edited", 1, 1, 1, 1, 0),
    "returned": ("", 1, 1, 0, 1, 0),
}


WAYS = (
    ("", {"decision": "approve"}),
    ("", {"decision": "return", "common_reason": "call"}),
    ("/edit", {"act": "approve", "given_name": "Ann", "family_name": "Lee", "pronouns": "edited"}),
)


class Web:
    """`portal web`, started again as soon as it is killed."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.port = free_port()
        self.url, self.folder, self.dsn = f"http://127.0.0.1:{self.port}", folder, dsn
        self.process = self.another()

    def another(self) -> WorkerProcess:
        told = {"DATABASE_URL": self.dsn, "BASE_URL": self.url}
        return WorkerProcess(self.folder, "web", "--port", str(self.port), **told)

    def kill(self) -> None:
        self.process.kill()
        self.process = self.another()

    async def is_up(self) -> bool:
        try:
            async with httpx.AsyncClient() as http:
                return (await http.get(f"{self.url}/health")).is_success
        except httpx.HTTPError:
            return False


class Desk:
    """One of the staff, who decides as fast as the portal answers; where it does not answer, some press again."""

    def __init__(self, url: str, secret: str, answers: Counter[str]) -> None:
        self.url, self.secret, self.answers = url, secret, answers

    async def work_through(self, waiting: list[tuple[int, str]]) -> None:
        async with httpx.AsyncClient(base_url=self.url, cookies={"portal-session": self.secret}, timeout=30) as http:
            while waiting:
                await self.decide(http, *waiting.pop())

    async def decide(self, http: httpx.AsyncClient, number: int, seen: str) -> None:
        way, decision = random.choice(WAYS)
        typed = {"version": "1", "seen": seen, "_csrf_token": Visit(secret=self.secret).csrf_token(), **decision}
        for _ in range(random.choice((1, 20))):
            try:
                answer = await http.post(f"/staff/information/{number}{way}", data=typed, headers={"Origin": self.url})
            except httpx.HTTPError:
                self.answers["none"] += 1
                await asyncio.sleep(0.2)
            else:
                self.answers[str(answer.status_code)] += 1
                return


async def changes_of_many(cast: Cast, count: int) -> list[tuple[int, str]]:
    """Each of a client of their own: its number, and the digest of what is on record."""
    found = []
    for _ in range(count):
        client = await a_client("Ann", "Lee")
        now = await sheet(client, DEMOGRAPHICS.name)
        person = {**now["person"]["person"], "pronouns": "asked"}
        wanted = {**now, "person": {"person": person}}
        await change.send(as_client(replace(cast, client=client)), client.id, DEMOGRAPHICS, now, wanted)
        rows = await fetch("SELECT max(id) AS id FROM change_request")
        found.append((rows[0]["id"], digest(now)))
    return found


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.torture)])
async def test_a_decision_is_made_whole_or_not_at_all(db, cast, tmp_path, kills):
    web, answers = Web(tmp_path, db), Counter[str]()
    secrets = [await sessions.begin(cast.accounts[part].id, "203.0.113.9", "test") for part in DESKS]
    try:
        for _ in range(kills):
            waiting = await changes_of_many(cast, 20)
            await eventually(web.is_up, within=60)
            desks = [asyncio.create_task(Desk(web.url, secret, answers).work_through(waiting)) for secret in secrets]
            await asyncio.sleep(random.uniform(0.05, 0.25))
            web.kill()
            await asyncio.gather(*desks)
        await eventually(nothing_is_under_way)
    finally:
        web.process.kill()
    rows = await fetch(STANDING)
    assert [row for row in rows if standing(row) != WHOLE[row["state"]]] == []
    assert len(rows) == kills * 20 and {"pending", "accepted", "edited", "returned"} == {row["state"] for row in rows}
    assert answers["none"] >= kills, answers
    assert set(answers) <= {"none", "303", "409"}, answers
    await chain.seal()
    assert (await chain.verify()).faults == []


def standing(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("pronouns", "events", "acts", "written", "settled_items", "open_items"))


async def nothing_is_under_way() -> bool:
    """The database has seen that whoever was killed is gone."""
    rows = await fetch(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()"
    )
    return rows[0]["count"] == 0

"""How often a page asks the database is written down: as often for thirty rows as for one."""

from datetime import timedelta

import pytest

from portal.access import Role, Viewer
from portal.accounts import sessions
from portal.clients import queries as clients
from portal.clients.tables import Client
from portal.database import ENGINE, fetch
from portal.practice import queries as practices
from tests.browser import Browser
from tests.cast import Cast
from tests.factories import TEST, a_client, a_member, a_practice

# The session, what is listed, the audit, what waits in the queue, and which conversations.
OF_A_LIST = 5
# The session and one for each area that is open; whoever reads for somebody else is audited.
OF_THE_DASHBOARD, OF_A_GUARDIANS = 6, 3
MANY = 30
GIVEN = ("Ada", "Ben", "Carla", "Dion", "Elena")


@pytest.fixture(autouse=True)
def _nothing_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked every few seconds, whatever the page."""
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))


@pytest.fixture
async def desk(db: str) -> Browser:
    await a_practice()
    _, account = await a_member(Role.FRONT_DESK)
    return await Browser().signed_in(account.id)


async def asked(browser: Browser, path: str) -> int:
    """The first answer brings the practice with it, which is kept."""
    await browser.get(path)
    before = ENGINE.queries
    page = await browser.get(path)
    assert page.status == 200
    return ENGINE.queries - before


async def many_clients(count: int) -> list[Client]:
    return [await a_client(GIVEN[place % 5], f"Becker {place:02}") for place in range(count)]


async def searched(browser: Browser, words: str) -> str:
    page = await browser.press(await browser.get("/staff/clients"), "/staff/clients/search", words=words)
    return page.path


@pytest.mark.parametrize("words", ["", "becker", "c@example.com", "04/17/1991", "nobody"])
async def test_the_client_list_asks_as_often_for_thirty_as_for_one(desk, words):
    await many_clients(1)
    path = await searched(desk, words) if words else "/staff/clients"
    few = await asked(desk, path)
    await many_clients(MANY)
    assert await asked(desk, path) == few == OF_A_LIST - (words in ("c@example.com", "nobody"))


async def test_the_dashboard_asks_for_the_session_and_once_for_each_area(cast: Cast):
    path = f"/clients/{cast.client.id}"
    assert await asked(await cast.browser("client"), path) == OF_THE_DASHBOARD
    assert await asked(await cast.browser("guardian"), path) == OF_A_GUARDIANS


@pytest.mark.parametrize("words", ["", "becker", "ad", "ada becker", "becker 2", "05/0", "c7@example.com", "zz"])
async def test_a_search_finds_the_same_however_far_it_looks_through_the_names(cast: Cast, monkeypatch, words):
    """It looks through the next names first, or asks the index of words: what is found must not tell."""
    okafor = cast.client.principal_clinician
    for place in range(60):
        chart = await a_client(GIVEN[place % 5], f"Becker {place:02}", email=f"c{place}@example.com")
        if place % 3 == 0:
            await fetch("UPDATE client SET principal_clinician = {} WHERE id = {}", okafor, chart.id)
    for viewer in (TEST, Viewer(account_id=1, staff_id=okafor, role=Role.CLINICIAN)):
        found = set()
        for near in (0, 1, 25, 40, 2000):
            monkeypatch.setattr(clients, "NEAR", near)
            found.add(tuple(await both_ways(viewer, words)))
        assert len(found) == 1


async def both_ways(viewer: Viewer, words: str) -> list[int]:
    """Every page to the last one, and back again."""
    there, back = [], []
    page = await clients.find_clients(viewer, words)
    there.append([one.id for one in page.clients])
    while page.older:
        page = await clients.find_clients(viewer, words, after=page.older)
        there.append([one.id for one in page.clients])
    while page.newer:
        page = await clients.find_clients(viewer, words, before=page.newer)
        back.append([one.id for one in page.clients])
    assert there[:-1] == back[::-1]
    return [one for ids in there for one in ids]

"""Where billing begins: the visits that are still to be recorded, and whatever else features declare."""

from datetime import timedelta

import pytest

from portal.access import Permission
from portal.accounts import sessions
from portal.billing import worklists
from portal.billing.worklists import Listing, Section
from portal.database import ENGINE, fetch
from portal.encounters.queries import visits
from portal.practice import queries as practices
from tests.billing.factories import an_encounter
from tests.billing.steps import Work, some_work
from tests.browser import Browser
from tests.cast import Cast

PAGE = "/staff/billing"
# The session, what waits for them, the clinicians that may be chosen, the list, its audit, and what does not add up.
OF_THE_LIST = 6


@pytest.fixture
async def work(cast: Cast) -> Work:
    return await some_work(cast)


async def asked(browser: Browser, path: str) -> int:
    await browser.get(path)
    before = ENGINE.queries
    assert (await browser.get(path)).status == 200
    return ENGINE.queries - before


async def test_a_biller_begins_here_and_the_longest_ago_stands_first(work):
    late, early = await work.visit(days_ago=2), await work.visit(days_ago=9)
    browser = await work.biller()
    page = await browser.get("/")
    assert page.path == PAGE and "To record (2)" in page.words and "Billing" in page.soup.select_one(".areas").text
    rows = [link for link in page.links() if link.endswith("/encounter")]
    assert rows == [f"{PAGE}/visits/{visit}/encounter" for visit in (early, late)]


async def test_what_is_recorded_or_did_not_take_place_is_not_to_record(work):
    recorded, open_again = await work.visit(days_ago=2), await work.visit(days_ago=3)
    await work.visit(days_ago=4, state="no_show", holds=False)
    await work.visit(days_ago=5, state="booked")
    await an_encounter(work.cast.client, appointment_id=recorded)
    found = await visits.to_record(work.viewer())
    assert [one.id for one in found.visits] == [open_again] and found.total == 1


async def test_the_list_asks_as_often_for_thirty_as_for_one(work, monkeypatch):
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))
    browser = await work.biller()
    await work.visit(days_ago=1)
    few = await asked(browser, PAGE)
    for place in range(2, 32):
        await work.visit(days_ago=place)
    assert await asked(browser, PAGE) == few == OF_THE_LIST


async def test_pages_lead_on_and_back(work, monkeypatch):
    monkeypatch.setattr(visits, "PAGE", 2)
    visits._page.cache_clear()
    ids = [await work.visit(days_ago=10 - place) for place in range(5)]
    browser, seen = await work.biller(), []
    page = await browser.get(PAGE)
    while True:
        seen.append([int(link.split("/")[4]) for link in page.links() if link.endswith("/encounter")])
        onward = page.soup.select_one(".pager a[rel=next]")
        if onward is None:
            break
        page = await browser.get(str(onward["href"]))
    assert seen == [ids[:2], ids[2:4], ids[4:]] and "To record (5)" in page.words
    page = await browser.get(str(page.soup.select_one(".pager a[rel=prev]")["href"]))
    assert [int(link.split("/")[4]) for link in page.links() if link.endswith("/encounter")] == ids[2:4]
    visits._page.cache_clear()


async def test_a_clinician_sees_their_own_clients_and_the_desk_records_nothing(work):
    own, _ = await work.visit(), await work.visit(work.cast.other, days_ago=5)
    clinician = await (await work.cast.browser("clinician")).get(PAGE)
    assert "Maya Reyes" in clinician.words and "Jonah" not in clinician.words
    assert f"{PAGE}/visits/{own}/encounter" in clinician.links()
    desk = await (await work.cast.browser("front_desk")).get(PAGE)
    assert "Jonah Whitfield" in desk.words and f"{PAGE}/visits/{own}/encounter" not in desk.links()
    for part in ("auditor", "privacy_officer", "client", "other clinician"):
        page = await (await work.cast.browser(part)).get(PAGE)
        assert page.status == (200 if part == "other clinician" else 404) and "Maya" not in page.words


async def test_the_list_can_be_one_clinicians(work):
    await work.visit()
    await work.visit(work.cast.other, days_ago=5, clinician=work.calendar.brandt)
    viewer = work.viewer()
    assert [one.client for one in (await visits.to_record(viewer, clinician_id=work.calendar.brandt)).visits] == [
        "Jonah Whitfield"
    ]
    page = await (await work.biller()).get(f"{PAGE}?clinician=999&after=nonsense&list=nothing")
    assert page.status == 200 and "To record (2)" in page.words


@pytest.mark.parametrize("htmx", [False, True])
async def test_features_above_bring_lists_of_their_own(work, monkeypatch, htmx):
    async def ask(viewer, edge):
        assert viewer.may(Permission.LEDGER_READ)
        return Listing([], 0)

    section = Section("tea", "Tea to pay", "What was drunk.", "All tea is paid.", "billing/to_record.html", ask)
    monkeypatch.setitem(worklists.SECTIONS, "tea", section)
    browser = await work.biller(htmx=htmx)
    page = await browser.get(PAGE)
    assert f"{PAGE}?list=tea" in page.links()
    page = await browser.get(f"{PAGE}?list=tea")
    assert "All tea is paid." in page.words and ("<html" in page.text) is not htmx
    assert page.soup.select_one("[aria-current=page]").get_text() == "Tea to pay"


async def test_who_is_listed_is_in_the_audit_once_for_the_list(work):
    await work.visit()
    await work.visit(days_ago=5)
    await (await work.biller()).get(PAGE)
    rows = await fetch("SELECT detail FROM audit_row WHERE act = 'list.read'")
    assert len(rows) == 1 and str(work.cast.client.id) in str(rows[0]["detail"])

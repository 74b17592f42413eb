"""Visits for which nothing is charged leave the list, one by one or all that are older than the books."""

from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.appointments.tables import Appointment
from portal.billing.actions import leaving
from portal.database import fetch
from portal.refusal import Refused
from portal.schedule.actions import marking
from tests.billing.steps import TYPED, some_work
from tests.browser import Browser

PAGE = "/staff/billing"


@pytest.fixture
async def work(cast):
    return await some_work(cast)


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_visit_without_a_charge_leaves_the_list_and_can_still_be_recorded(work, htmx):
    visit = await work.visit()
    browser = await work.biller(htmx=htmx)
    here = f"{PAGE}/visits/{visit}"
    page = await browser.get(f"{here}/encounter")
    assert f"{here}/no-charge" in page.links()
    page = await browser.get(f"{here}/no-charge")
    refused = await browser.press(page, f"{here}/no-charge", reason="")
    assert refused.status == 422 and refused.errors == {"reason": "Say why nothing is charged"}
    await browser.press(page, f"{here}/no-charge", reason="A free first talk")
    assert "Everything is recorded." in (await browser.get(PAGE)).words
    page = await browser.get(f"{here}/encounter")
    assert "Nothing was to be charged for this visit: A free first talk" in page.words
    page = await browser.press(page, f"{here}/encounter", {**TYPED, "act": "check"})
    await browser.press(page, f"{here}/encounter", {"act": "record"})
    assert len(await fetch("SELECT id FROM encounter")) == 1


async def test_all_that_are_older_than_the_books_leave_together_after_they_were_counted(work):
    old = [await work.visit(days_ago=days) for days in (40, 50)]
    new = await work.visit(days_ago=3)
    browser: Browser = await work.biller()
    day = (clock.today("America/New_York") - timedelta(days=20)).isoformat()
    page = await browser.press(await browser.get(f"{PAGE}/visits/older"), "/visits/older", day=day)
    assert "2 visits began before" in page.words and not await fetch("SELECT id FROM no_charge")
    refused = await browser.press(page, "/visits/older", reason=" ")
    assert refused.status == 422 and refused.errors == {"reason": "Say why nothing is charged"}
    page = await browser.press(page, "/visits/older", reason="Billed in the old system")
    assert "2 visits have left the list." in page.words and "To record (1)" in page.words
    assert {row["appointment"] for row in await fetch("SELECT appointment FROM no_charge")} == set(old)
    assert f"{PAGE}/visits/{new}/encounter" in page.links()


@pytest.mark.parametrize("day", ["", "tomorrow", "0001-01-01", "2026-02-30"])
async def test_a_day_that_is_none_is_said_beside_its_field(work, day):
    browser = await work.biller()
    page = await browser.press(await browser.get(f"{PAGE}/visits/older"), "/visits/older", day=day)
    assert page.status == 422 and page.errors == {"day": "Write the date like 2026-11-30"}


async def test_others_do_not_find_it(work):
    visit = await work.visit()
    for part in ("front_desk", "client", "auditor", "other clinician"):
        browser = await work.cast.browser(part)
        assert (await browser.get(f"{PAGE}/visits/{visit}/no-charge")).status == 404
        assert (await browser.post(f"{PAGE}/visits/{visit}/no-charge", reason="x")).status == 404
    assert (await (await work.cast.browser("clinician")).get(f"{PAGE}/visits/older")).status == 404
    with pytest.raises(NotFoundException):
        await leaving.leave(work.viewer("other clinician"), visit, "x")
    assert not await fetch("SELECT id FROM no_charge")


async def test_what_is_recorded_is_neither_left_uncharged_nor_unmarked(work):
    visit = await work.visit()
    browser = await work.biller()
    path = f"{PAGE}/visits/{visit}/encounter"
    page = await browser.press(await browser.get(path), path, {**TYPED, "act": "check"})
    await browser.press(page, path, {"act": "record"})
    with pytest.raises(Refused):
        await leaving.leave(work.viewer(), visit, "x")
    row = await Appointment.objects().get(Appointment.id == visit)
    with pytest.raises(Refused):
        await marking.mark(work.viewer("supervisor"), visit, "booked", row.version)

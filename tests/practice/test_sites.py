"""The offices of a practice, which an administrator keeps."""

import pytest

from portal.access import Role
from portal.database import fetch
from portal.practice import sites
from portal.refusal import Refused
from tests.browser import Browser
from tests.factories import TEST, a_member, a_practice

PAGE = "/staff/settings/offices"
FACTS = {"name": "Annapolis", "street": "12 Harbor Lane", "city": "Annapolis", "state": "MD", "postal_code": "21401"}


@pytest.fixture
async def desk(db: str) -> Browser:
    await a_practice()
    _, account = await a_member(Role.ADMINISTRATOR)
    return await Browser().signed_in(account.id)


async def test_an_office_is_added_changed_closed_and_opened_again(desk: Browser):
    page = await desk.get(PAGE)
    assert "No offices yet." in page.words
    page = await desk.get(f"{PAGE}/new")
    page = await desk.press(page, PAGE, **FACTS, phone="(443) 555-0142", time_zone="America/Chicago")
    assert page.path == PAGE and "Saved." in page.words and "12 Harbor Lane, Annapolis, MD · Central Time" in page.words
    (one,) = await sites.sites(TEST)
    assert one.phone == "+14435550142" and one.is_active
    page = await desk.get(f"{PAGE}/{one.id}")
    assert page.value("street") == "12 Harbor Lane"
    page = await desk.press(page, f"{PAGE}/{one.id}", name="Annapolis Harbor", time_zone="")
    assert "Annapolis Harbor" in page.words and "Central Time" not in page.words
    page = await desk.press(await desk.get(f"{PAGE}/{one.id}"), f"{PAGE}/{one.id}/closing")
    assert "Closed" in page.pills()
    page = await desk.press(await desk.get(f"{PAGE}/{one.id}"), f"{PAGE}/{one.id}/closing")
    assert "Open again." in page.words and page.pills() == []
    acts = [row["act"] for row in await fetch("SELECT act FROM audit_row WHERE act LIKE 'site.%' ORDER BY id")]
    assert acts == ["site.added", "site.changed", "site.closed", "site.opened"]


async def test_what_cannot_be_is_said_beside_its_field_and_stays(desk: Browser):
    page = await desk.get(f"{PAGE}/new")
    page = await desk.press(page, PAGE, name="", phone="12", street="x" * 201, time_zone="Mars/Olympus", city="Easton")
    assert page.status == 422
    assert page.errors == {
        "name": "Enter the name of the office",
        "street": "Use 200 characters or fewer",
        "phone": "Enter a phone number with its area code",
        "time_zone": "Choose a time zone such as America/New_York",
    }
    assert page.value("city") == "Easton" and page.value("phone") == "12"
    assert await sites.sites(TEST) == []


async def test_two_open_offices_have_two_names(desk: Browser):
    first = await sites.save(TEST, None, FACTS)
    with pytest.raises(Refused):
        await sites.save(TEST, None, {**FACTS, "name": "ANNAPOLIS"})
    await sites.close(TEST, first)
    assert await sites.save(TEST, None, FACTS) != first


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
async def test_nobody_else_keeps_offices(db, role):
    await a_practice()
    _, account = await a_member(role)
    browser = await Browser().signed_in(account.id)
    assert (await browser.get(PAGE)).status == 404
    assert (await browser.post(PAGE, **FACTS)).status == 404

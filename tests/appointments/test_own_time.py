"""A client who lives in another zone sees the time of the place, and their own beside it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.access import Role
from portal.accounts.tables import Account
from portal.appointments.actions import booking, holding
from portal.database import fetch
from tests.appointments.steps import a_calendar, a_monday, maya, second_of
from tests.appointments.test_pages import OF_A_LIST, OF_A_WEEK, an_appointment, times
from tests.browser import Browser
from tests.cast import Cast
from tests.test_queries import OF_THE_DASHBOARD, asked

WEST = "America/Los_Angeles"
BESIDE = "9:00 AM to 9:50 AM, Eastern Time (6:00 AM your time, Pacific Time)"


async def lives(cast: Cast, zone: str = WEST, part: str = "client") -> Browser:
    browser = await cast.browser(part)
    page = await browser.press(await browser.get("/account/time-zone"), "/account/time-zone", time_zone=zone)
    assert page.path == "/account"
    return browser


async def at_nine(cast: Cast, calendar, state: str = "booked") -> int:
    row = await an_appointment(cast, calendar, 0)
    starts = datetime.fromtimestamp(second_of(a_monday(2), 9), UTC)
    await fetch(
        "UPDATE appointment SET starts_at = {}, ends_at = {}, busy_from = {}, busy_until = {}, state = {}",
        starts, starts + timedelta(minutes=50), starts, starts + timedelta(minutes=60), state,
    )  # fmt: skip
    return int(row.id)


def words(page) -> str:
    return page.words.replace("\u00a0", " ").replace("\u202f", " ")


async def test_one_says_where_one_lives_on_the_account_page(cast: Cast):
    browser = await cast.browser("client")
    page = await browser.get("/account")
    assert "Only the time of the place is shown" in page.words and "/account/time-zone" in page.links()
    browser = await lives(cast)
    page = await browser.get("/account")
    assert "Pacific Time (Los Angeles)" in page.words
    page = await browser.get("/account/time-zone")
    assert page.soup.select_one("option[selected]")["value"] == WEST
    assert page.soup.select_one("optgroup")["label"] == "United States"
    page = await browser.press(page, "/account/time-zone", time_zone="")
    assert "Only the time of the place is shown" in page.words


@pytest.mark.parametrize("zone", ["Mars/Olympus", "UTC", "../../etc/passwd", "x" * 5000, "America/New_York\0"])
async def test_a_zone_that_is_not_on_the_list_is_refused(cast: Cast, zone):
    browser = await cast.browser("client")
    page = await browser.post("/account/time-zone", time_zone=zone)
    if zone.endswith("\0"):
        assert page.status == 200
    else:
        assert page.status == 422 and page.errors["time_zone"] == "Choose a time zone from the list"
        assert (await fetch("SELECT time_zone FROM account WHERE time_zone <> ''")) == []


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/cancellation"])
async def test_both_times_stand_wherever_a_time_stands(cast: Cast, path):
    calendar = await a_calendar(cast)
    path = f"/clients/{cast.client.id}/appointments" + path.format(id=await at_nine(cast, calendar))
    page = await (await cast.browser("client")).get(path)
    assert "9:00 AM to 9:50 AM" in words(page) and "your time" not in page.words
    browser = await lives(cast)
    assert BESIDE in words(await browser.get(path))
    assert "your time" not in (await (await lives(cast, "America/Detroit")).get(path)).words


async def test_the_first_screen_tells_both(cast: Cast):
    calendar = await a_calendar(cast)
    await at_nine(cast, calendar)
    page = await (await lives(cast)).get(f"/clients/{cast.client.id}")
    assert "9:00 AM, Eastern Time (6:00 AM your time, Pacific Time)" in words(page)


async def test_each_slot_tells_both_and_sends_the_same(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await cast.browser("client")
    path = times(cast, calendar, week=a_monday(2).isoformat())
    before = await browser.get(path)
    assert "All times are Eastern Time." in before.words
    page = await (await lives(cast)).get(path)
    slots = [" ".join(words_of.split()) for words_of in (one.get_text() for one in page.soup.select(".slot"))]
    assert slots[0].replace("\u00a0", " ") == "9:00 AM (6:00 AM your time)"
    assert "Times are Eastern Time. Beside them stands your time, Pacific Time." in page.words
    values = [one["value"] for one in page.soup.select(".slot input")]
    assert values == [one["value"] for one in before.soup.select(".slot input")]


async def test_the_last_look_tells_both_also_until_when_the_time_is_kept(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    held = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), second_of(a_monday(2), 9)
    )
    page = await (await lives(cast)).get(f"/clients/{cast.client.id}/appointments/{held}/check")
    assert BESIDE in words(page)
    until = (clock.now() + timedelta(minutes=10)).astimezone(ZoneInfo(WEST))
    assert words(page).count("your time, Pacific Time") == 2 and f"{until:%p}" in words(page)


async def test_staff_work_by_the_wall_of_the_place(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), 9))
    await booking.ask(viewer, cast.client.id, held, "")
    await Account.update({Account.time_zone: WEST}, force=True)
    page = await (await cast.browser(str(Role.FRONT_DESK))).get(f"/staff/appointments/{held}")
    assert page.status == 200 and "9:00 AM to 9:50 AM" in words(page) and "your time" not in page.words


async def test_it_is_said_in_spanish(cast: Cast):
    calendar = await a_calendar(cast)
    held = await at_nine(cast, calendar)
    browser = await lives(cast)
    await fetch("UPDATE account SET language = 'es'")
    page = words(await browser.get(f"/clients/{cast.client.id}/appointments/{held}"))
    assert "hora oriental" in page and "6:00 a.m." in page.replace("a. m.", "a.m.") and "hora del Pacífico" in page


async def test_it_costs_no_question_more(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await lives(cast)
    assert await asked(browser, times(cast, calendar)) == OF_A_WEEK
    assert await asked(browser, f"/clients/{cast.client.id}") == OF_THE_DASHBOARD
    await at_nine(cast, calendar)
    assert await asked(browser, f"/clients/{cast.client.id}/appointments") == OF_A_LIST

"""A visit goes elsewhere: by itself, or with all later ones of its series."""

import asyncio
from datetime import timedelta

import pytest

from portal.access import NotFoundException, Role
from portal.database import fetch
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule.actions import calling_off, placing
from tests.appointments.steps import a_calendar, a_monday, a_site, refused
from tests.cast import Cast
from tests.schedule.steps import at, booked, desk, live, row, staff, where


async def test_a_visit_is_moved_and_its_old_time_stays_in_its_history(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    browser = await cast.browser("front_desk")
    path = f"/staff/schedule/visits/{visit}"
    page = await browser.get(f"{path}/move")
    assert (page.value("day"), page.value("time")) == (monday.isoformat(), "09:00")
    page = await browser.press(page, f"{path}/move", day=monday + timedelta(days=1), time="14:30", how="phone")
    assert page.path == path and "It was before:" in page.words and "9:00 AM" in page.words.replace("\u00a0", " ")
    found = await row(visit)
    assert (found.starts_at, found.contact_type, found.version) == (at(monday + timedelta(days=1), 14, 30), "phone", 2)
    assert found.busy_until == at(monday + timedelta(days=1), 15, 30)
    await booked(cast, calendar, monday, 9, client=cast.other.id)


async def test_where_somebody_else_is_nothing_moves(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    await booked(cast, calendar, monday, 11, client=cast.other.id)
    browser = await cast.browser("front_desk")
    path = f"/staff/schedule/visits/{visit}/move"
    page = await browser.press(await browser.get(path), path, time="11:00")
    assert page.status == 422 and "has Jonah Whitfield then" in page.errors["time"] and page.value("time") == "11:00"
    page = await browser.press(page, path, time="18:00")
    assert "outside the clinician's hours" in page.errors["sure"]
    assert (await row(visit)).version == 1
    page = await browser.press(page, path, sure="yes")
    assert (await row(visit)).starts_at == at(monday, 18)


async def test_a_visit_may_overlap_where_it_was(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    await placing.move(desk(cast), visit, 1, where(calendar, monday, 9, 30))
    assert (await row(visit)).starts_at == at(monday, 9, 30)


async def test_of_two_who_move_it_at_once_one_does(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    told = await asyncio.gather(
        placing.move(desk(cast), visit, 1, where(calendar, monday, 11)),
        placing.move(staff(cast, Role.SUPERVISOR), visit, 1, where(calendar, monday, 13)),
        return_exceptions=True,
    )
    assert sorted(map(str, map(type, told))) == sorted(map(str, (int, Stale)))


async def test_it_is_moved_or_cancelled_and_never_both(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    told = await asyncio.gather(
        placing.move(desk(cast), visit, 1, where(calendar, monday, 11)),
        calling_off.call_off(staff(cast, Role.SUPERVISOR), visit, 1, "ill", ""),
        return_exceptions=True,
    )
    found = await row(visit)
    assert sum(isinstance(one, Stale) for one in told) == 1
    assert (found.state == "booked") == found.holds == (found.starts_at == at(monday, 11))


async def test_of_two_who_move_to_one_time_one_gets_it(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    mine = await booked(cast, calendar, monday, 9)
    theirs = await booked(cast, calendar, monday, 10, client=cast.other.id)
    told = await asyncio.gather(
        placing.move(desk(cast), mine, 1, where(calendar, monday, 14)),
        placing.move(staff(cast, Role.SUPERVISOR), theirs, 1, where(calendar, monday, 14)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Refused) for one in told) == 1 and sum(one == 1 for one in told) == 1
    assert len([one for one in await live() if one[2] == at(monday, 14)]) == 1


async def test_later_ones_of_a_series_go_by_the_wall(cast: Cast):
    """A week later each: none is in the way of the one before it."""
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(20)]
    first = await booked(cast, calendar, monday, 9, many=weeks)
    second = (await fetch("SELECT id FROM appointment ORDER BY starts_at OFFSET 1 LIMIT 1"))[0]["id"]
    browser = await cast.browser("front_desk")
    path = f"/staff/schedule/visits/{second}/move"
    page = await browser.press(
        await browser.get(path), path, scope="later", day=weeks[2] + timedelta(days=1), time="10:30"
    )
    assert page.status == 200 and len(page.soup.select("input[name=keep]:checked")) == 19
    assert (await row(second)).version == 1
    page = await browser.press(page, path, act="keep")
    assert page.path == f"/staff/schedule/visits/{second}"
    assert (await row(first)).starts_at == at(monday, 9)
    times = [one[2] for one in await live()]
    assert times[1:] == [at(day + timedelta(days=8), 10, 30) for day in weeks[1:]]


async def test_what_is_left_out_stays_and_may_be_in_the_way(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(4)]
    first = await booked(cast, calendar, monday, 9, many=weeks)
    ids = [str(one[0]) for one in await live()]
    with refused("has Maya Reyes then"):
        await placing.move(desk(cast), first, 1, where(calendar, weeks[1], 9), only=[ids[0], ids[2]])
    assert [one[2] for one in await live()] == [at(day, 9) for day in weeks]
    many = await placing.move(desk(cast), first, 1, where(calendar, monday, 13), only=[ids[0], ids[2]])
    assert many == 2
    assert {one[2] for one in await live()} == {at(weeks[0], 13), at(weeks[1], 9), at(weeks[2], 13), at(weeks[3], 9)}


async def test_a_clash_of_one_keeps_all_where_they_are(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(3)]
    first = await booked(cast, calendar, monday, 9, many=weeks)
    await booked(cast, calendar, weeks[2], 14, client=cast.other.id)
    browser = await cast.browser("front_desk")
    path = f"/staff/schedule/visits/{first}/move"
    page = await browser.press(await browser.get(path), path, scope="later", time="14:00")
    boxes = page.soup.select("input[name=keep]")
    assert [one.has_attr("disabled") for one in boxes] == [False, False, True]
    page = await browser.press(page, path, act="keep", keep=[one["value"] for one in boxes])
    assert page.status == 422 and [one[2] for one in await live()][:2] == [at(weeks[0], 9), at(weeks[1], 9)]


async def test_it_goes_to_another_clinician_and_another_site(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    denver = await a_site("Denver", "America/Denver")
    visit = await booked(cast, calendar, monday, 9)
    browser = await cast.browser("front_desk")
    path = f"/staff/schedule/visits/{visit}/move"
    page = await browser.press(await browser.get(path), path, clinician=calendar.brandt, site=denver, time="9:00")
    page = await browser.press(page, path, sure="yes")
    found = await row(visit)
    assert (found.clinician, found.site, found.time_zone) == (calendar.brandt, denver, "America/Denver")
    assert found.starts_at == at(monday, 11) and "Mountain Time" in page.words


async def test_clinicians_move_within_their_own_calendar(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9, client=cast.other.id)
    viewer = staff(cast, "clinician")
    await placing.move(viewer, visit, 1, where(calendar, monday, 11))
    for other in (viewer, staff(cast, "other clinician")):
        with pytest.raises(NotFoundException):
            await placing.move(other, visit, 2, where(calendar, monday, 14, clinician=calendar.brandt))
    with pytest.raises(Stale):
        await placing.move(viewer, visit, 1, where(calendar, monday, 14))

"""What may be chosen for a visit: who is here, what is open, and what the visit has even where that is over."""

from datetime import timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.appointments.actions import availability
from portal.database import fetch
from portal.schedule.actions import calling_off, placing
from tests.appointments.steps import Calendar, a_calendar, a_monday, a_site
from tests.appointments.steps import at as hours_at
from tests.browser import Page
from tests.cast import Cast
from tests.factories import TEST
from tests.schedule.steps import at, booked, desk, kinds, live, row, staff, where
from tests.schedule.test_booking import NEW, form


def options(page: Page, name: str) -> list[str]:
    return [one.get_text() for one in page.soup.select(f"select[name={name}] option")]


def chosen(page: Page, name: str) -> list[str]:
    return [one.get_text() for one in page.soup.select(f"select[name={name}] option[selected]")]


def focused(page: Page) -> list[str]:
    return [one.get("id") or one.get_text() for one in page.soup.select("[data-focus-here]")]


async def a_second_site(calendar: Calendar) -> int:
    """Dr. Okafor is there on Tuesdays, and at the first one on all other days."""
    denver = await a_site("Denver", "America/Denver")
    at_first = [one for one in hours_at(calendar.site) if one.weekday != 1]
    await availability.set_hours(
        TEST, calendar.okafor, at_first + [one for one in hours_at(denver) if one.weekday == 1]
    )
    return denver


async def test_a_visit_keeps_an_office_that_is_closed_and_a_clinician_who_left_until_somebody_chooses(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await a_second_site(calendar)
    visit = await booked(cast, calendar, monday, 9)
    await fetch("UPDATE site SET is_active = false WHERE id = {}", calendar.site)
    await fetch("UPDATE staff_member SET is_active = false WHERE id = {}", calendar.okafor)
    browser, path = await cast.browser("front_desk"), f"/staff/schedule/visits/{visit}/move"
    page = await browser.get(path)
    assert chosen(page, "site") == ["Annapolis (not open any more)"]
    assert chosen(page, "clinician") == ["Dr. Ngozi Okafor (not here any more)"]
    page = await browser.press(page, path, time="10:00")
    assert page.errors["sure"] == "This clinician is not here any more. This office is not open any more."
    await browser.press(page, path, sure="yes")
    found = await row(visit)
    assert (found.site, found.clinician, found.starts_at) == (calendar.site, calendar.okafor, at(monday, 10))
    page = await browser.get(f"{NEW}?client={cast.client.id}")
    assert options(page, "site") == ["Denver"] and "Dr. Ngozi Okafor (not here any more)" not in page.text


async def test_what_is_not_on_a_list_is_chosen_by_nobody(cast: Cast):
    calendar = await a_calendar(cast)
    await a_second_site(calendar)
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{NEW}?client={cast.client.id}&type=999&clinician=999&site=999")
    for name in ("type", "clinician", "site"):
        assert options(page, name)[0] == "Choose one" and chosen(page, name) == []


async def test_a_closed_office_offers_no_time_and_shows_its_visits(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9)
    await fetch("UPDATE site SET is_active = false WHERE id = {}", calendar.site)
    browser = await cast.browser("front_desk")
    page = await browser.get(f"/staff/schedule?day={monday}")
    assert "Maya Reyes" in page.words and page.soup.select(".agenda .free") == []
    await a_site("Denver")
    page = await browser.get(f"{NEW}?client={cast.client.id}&type={calendar.session}&clinician={calendar.okafor}")
    assert page.soup.select("button[name=pick]") == []


async def test_the_office_is_where_the_clinician_is_on_that_day(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await a_second_site(calendar)
    browser = await cast.browser("front_desk")
    for day, place in ((monday, "Annapolis"), (monday + timedelta(days=1), "Denver")):
        page = await browser.get(f"{NEW}?client={cast.client.id}&clinician={calendar.okafor}&day={day}")
        assert chosen(page, "site") == [place]


async def test_who_is_sure_of_one_doubt_is_asked_of_another(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    tuesday = monday + timedelta(days=1)
    await availability.add_special(TEST, None, tuesday, tuesday, note="Thanksgiving")
    browser = await cast.browser("front_desk")
    page = await browser.post(NEW, **form(cast, calendar, monday, "20:00"))
    assert "outside the clinician's hours" in page.errors["sure"]
    page = await browser.press(page, NEW, sure="yes", day=tuesday, time="9:00")
    assert page.status == 422 and "Thanksgiving" in page.errors["sure"] and await live() == []
    assert not page.soup.select_one("input[name=sure]").has_attr("checked")
    assert (await browser.press(page, NEW, sure="yes")).heading == "Maya Reyes"


async def test_every_doubt_is_told_at_once(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await cast.browser("front_desk")
    gone = clock.today("UTC") - timedelta(days=8)
    page = await browser.post(NEW, **form(cast, calendar, gone, "20:00"))
    assert "in the past" in page.errors["sure"] and "outside the clinician's hours" in page.errors["sure"]
    page = await browser.press(page, NEW, sure="yes")
    assert page.heading == "Maya Reyes"


@pytest.mark.parametrize(
    ("time", "words"), [("18:00", "outside the clinician's hours"), ("9:30", "Closed then: Dentist.")]
)
async def test_only_what_a_visit_meets_is_the_reason(cast: Cast, time, words):
    calendar, monday = await a_calendar(cast), a_monday()
    await availability.add_special(TEST, calendar.okafor, monday, monday, closed=(540, 600), note="Dentist")
    page = await (await cast.browser("front_desk")).post(NEW, **form(cast, calendar, monday, time))
    assert words in page.errors["sure"] and ("Dentist" in page.errors["sure"]) == (time == "9:30")


async def test_a_visit_that_is_moved_to_where_it_is_stays_and_nobody_is_told(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    browser, path = await cast.browser("front_desk"), f"/staff/schedule/visits/{visit}/move"
    page = await browser.press(await browser.get(path), path)
    assert "Nothing changed." in page.words and page.path == path.removesuffix("/move")
    await fetch("UPDATE site SET time_zone = 'America/Denver'")  # the office says another time, the visit is the same
    page = await browser.get(path)
    assert page.value("time") == "07:00" and "Nothing changed." in (await browser.press(page, path)).words
    assert (await row(visit)).version == 1 and await kinds() == ["appointment.placed"]


async def test_of_a_series_those_that_stay_are_left_alone(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(3)]
    first = await booked(cast, calendar, monday, 9, many=weeks)
    ids = [str(one[0]) for one in await live()]
    assert await placing.move(desk(cast), first, 1, where(calendar, monday, 9), only=ids) == 0
    assert await kinds() == ["appointment.placed"]


async def test_whoever_is_too_late_finds_what_they_chose_beside_what_it_is_now(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    browser, path = await cast.browser("front_desk"), f"/staff/schedule/visits/{visit}/move"
    page = await browser.get(path)
    await placing.move(staff(cast, Role.SUPERVISOR), visit, 1, where(calendar, monday, 13))
    page = await browser.press(page, path, day=monday + timedelta(days=2), time="14:30", how="phone")
    assert page.status == 409 and "Somebody changed this visit meanwhile" in page.words
    assert (page.value("time"), page.value("day")) == ("14:30", str(monday + timedelta(days=2)))
    assert "1:00 PM" in page.words.replace("\u00a0", " ")
    page = await browser.press(page, path)
    assert (await row(visit)).starts_at == at(monday + timedelta(days=2), 14, 30)
    page = await browser.get(path)
    await calling_off.call_off(desk(cast), visit, 3, "ill", "")
    page = await browser.press(page, path, time="15:00")
    assert page.status == 409 and page.heading == "Maya Reyes"


async def test_a_visit_that_came_with_its_own_minute_keeps_it_on_another_day(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    await fetch(
        "UPDATE appointment SET starts_at = starts_at + interval '2 min', ends_at = ends_at + interval '2 min',"
        " busy_from = busy_from + interval '2 min', busy_until = busy_until + interval '2 min'"
    )
    browser, path = await cast.browser("front_desk"), f"/staff/schedule/visits/{visit}/move"
    page = await browser.press(await browser.get(path), path, time="9:03")
    assert "multiple of five" in page.errors["time"]
    page = await browser.press(page, path, time="09:02", day=monday + timedelta(days=1))
    assert (await row(visit)).starts_at == at(monday + timedelta(days=1), 9, 2)


async def test_focus_goes_to_what_an_answer_is_about(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9, many=[monday, monday + timedelta(weeks=1)])
    browser = await cast.browser("front_desk", htmx=True)
    new = form(cast, calendar, monday + timedelta(days=1), "9:00", every="weekly", times="3")
    path = f"/staff/schedule/visits/{visit}/move"
    move = {**new, "scope": "later", "version": 1}
    for address, typed, title in ((NEW, new, "Book a visit"), (path, move, "Move a visit")):
        assert focused(await browser.post(address, **typed)) == ["keep"]
        assert focused(await browser.post(address, **typed, act="change")) == [title]
        assert focused(await browser.post(address, **typed, act="free")) == ["free-h"]
        assert focused(await browser.post(address, **typed, pick=f"{monday} 10:00 {calendar.site}")) == [title]
        assert focused(await browser.post(address, **{**typed, "time": ""})) == []


async def test_the_zone_of_a_visit_that_kept_it_is_said(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9)
    await a_second_site(calendar)
    await fetch("UPDATE site SET time_zone = 'America/Denver'")
    browser = await cast.browser("front_desk")
    for place in ("", "/sheet"):
        page = await browser.get(f"/staff/schedule{place}?day={monday}")
        line = page.soup.find(string="Maya Reyes").find_parent(["li", "tr"])
        assert "Eastern Time" in line.get_text()

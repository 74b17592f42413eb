"""The schedule as the desk and the clinicians see it, and what it asks of the database."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.accounts import sessions
from portal.appointments.actions import availability, booking, holding
from portal.appointments.actions.availability import Open
from portal.appointments.tables import Appointment
from portal.clients.tables import ClientPhone
from portal.database import fetch
from portal.language import speaking
from portal.practice import queries as practices
from portal.schedule.actions import calling_off, marking
from portal.schedule.views import Asked
from tests.appointments.steps import a_calendar, a_monday, a_site, jonah, second_of
from tests.appointments.steps import at as hours_at
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, a_member
from tests.schedule.steps import at, booked, desk
from tests.test_queries import asked

HERE = "/staff/schedule"
EVENINGS = tuple(Open(day, 1200, 1320, 0) for day in range(5))


@pytest.fixture(autouse=True)
def _nothing_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))


async def test_where_signing_in_leads(cast: Cast):
    for part, path in (("clinician", HERE), ("front_desk", "/staff/review"), ("biller", "/staff/billing")):
        page = await (await cast.browser(part)).get("/")
        assert page.path == path


async def test_a_day_shows_everybody_in_the_order_of_time_with_what_is_free(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 11)
    await booked(cast, calendar, monday, 9, client=cast.other.id)
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{HERE}?day={monday}")
    columns = page.soup.select("section.day")
    assert [one.h3.get_text() for one in columns] == ["Elias Brandt", "Dr. Ngozi Okafor"]
    lines = [one.b.get_text().replace("\u00a0", " ") for one in columns[1].select(".agenda li")]
    assert lines == ["9:00 AM – 9:50 AM", "10:00 AM – 11:00 AM", "11:00 AM – 11:50 AM", "12:00 PM – 5:00 PM"]
    assert "2 visits" in columns[1].get_text() and "All times are Eastern Time." in page.words


async def test_what_is_asked_for_held_or_off_is_told_apart_in_words(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    viewer = jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    wish = await calendar.wish(viewer, cast.other.id, clinician=calendar.okafor)
    held = await holding.hold(viewer, cast.other.id, wish, second_of(monday, 9))
    off = await booked(cast, calendar, monday, 11)
    await calling_off.call_off(desk(cast), off, 1, "ill", "")
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{HERE}?day={monday}")
    assert "Being booked" in page.words and "Jonah" not in page.words
    assert "Maya Reyes" in page.soup.select_one(".agenda .off").get_text() and "Cancelled" in page.pills()
    await booking.ask(viewer, cast.other.id, held, "")
    page = await browser.get(f"{HERE}?day={monday}")
    assert "(Requested)" in page.soup.select_one(".agenda .asked").get_text() and "Jonah Whitfield" in page.words
    with clock.shifted(minutes=11):
        await fetch("UPDATE appointment SET state = 'held', held_until = now()")
        assert "Being booked" not in (await (await cast.browser("front_desk")).get(f"{HERE}?day={monday}")).words


async def test_closed_days_and_holidays_are_said(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await availability.add_special(TEST, calendar.okafor, monday, monday, closed=(720, 780), note="Dentist")
    await availability.add_special(TEST, None, monday + timedelta(days=1), monday + timedelta(days=1), note="Founders")
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{HERE}?day={monday}&clinician={calendar.okafor}")
    assert "Dentist" in page.words and "9:00 AM – 12:00 PM" in page.words.replace("\u00a0", " ")
    for view in ("day", "week", "month"):
        assert "Founders" in (await browser.get(f"{HERE}?view={view}&day={monday + timedelta(days=1)}")).words


async def test_a_clinician_sees_their_own_calendar_whoevers_chart_it_is(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9, client=cast.other.id)
    await booked(cast, calendar, monday, 9, clinician=calendar.brandt)
    browser = await cast.browser("clinician")
    for view in ("day", "week"):
        page = await browser.get(f"{HERE}?view={view}&day={monday}")
        assert "Jonah Whitfield" in page.words and "Maya Reyes" not in page.words and "Brandt" not in page.words
    assert (await browser.get(f"{HERE}?clinician={calendar.okafor}&day={monday}")).status == 200
    for place in ("", "/sheet"):
        assert (await browser.get(f"{HERE}{place}?clinician={calendar.brandt}&day={monday}")).status == 404
    assert (await (await cast.browser("front_desk")).get(f"{HERE}?clinician=9999")).status == 404
    assert (await (await cast.browser("biller")).get(HERE)).status == 404


async def test_ones_own_visit_is_only_taken_time(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    await a_grant(cast.accounts[Role.FRONT_DESK], cast.client)
    browser = await cast.browser(Role.FRONT_DESK)
    for view in ("day", "week"):
        page = await browser.get(f"{HERE}?view={view}&day={monday}")
        assert "Taken" in page.words and "Maya" not in page.words and f"/visits/{visit}" not in page.text
    assert "Maya" not in (await browser.get(f"{HERE}/sheet?day={monday}")).words
    month = await browser.get(f"{HERE}?view=month&day={monday}&clinician={calendar.okafor}")
    assert "1 visit" not in month.words
    assert (await browser.get(f"{HERE}/visits/{visit}")).status == 404


async def test_a_site_narrows_and_other_zones_are_said(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    denver = await a_site("Denver", "America/Denver")
    brandts = [*hours_at(denver)]
    await availability.set_hours(TEST, calendar.brandt, brandts)
    await booked(cast, calendar, monday, 9)
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{HERE}?day={monday}")
    assert "Annapolis: Eastern Time. Denver: Mountain Time." in page.words
    brandt, okafor = (one.get_text(" ", strip=True) for one in page.soup.select("section.day"))
    assert brandt.count("Mountain Time") == 2 and "Time" not in okafor
    await availability.set_hours(TEST, calendar.brandt, [*hours_at(denver), *hours_at(calendar.site, EVENINGS)])
    gaps = (await browser.get(f"{HERE}?day={monday}")).soup.select_one("section.day").select("li.free")
    for gap, words in zip(gaps, ("Mountain Time", "Eastern Time"), strict=True):
        assert words in gap.get_text() and ("Denver" in gap.get_text()) == (words == "Mountain Time")
    page = await browser.get(f"{HERE}?day={monday}&site={denver}")
    assert "Maya Reyes" not in page.words and "Elias Brandt" in page.words


async def test_the_sheet_has_what_the_desk_needs_on_paper(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await ClientPhone(client=cast.client.id, number="+14435550119").save()
    await booked(cast, calendar, monday, 11)
    gone = await booked(cast, calendar, monday, 9, client=cast.other.id)
    arrived = await booked(cast, calendar, monday, 10, client=cast.other.id, clinician=calendar.brandt)
    await calling_off.call_off(desk(cast), gone, 1, "ill", "")
    with clock.shifted(days=(at(monday, 9) - clock.now()) / timedelta(days=1)):
        await marking.mark(desk(cast), arrived, "arrived", 1)
    page = await (await cast.browser("front_desk")).get(f"{HERE}/sheet?day={monday}")
    rows = [row.get_text(" ", strip=True).replace("\u00a0", " ") for row in page.soup.select("tbody tr")]
    assert len(rows) == 2 and "10:00 AM Jonah Whitfield" in rows[0] and rows[0].startswith("9:0")
    assert "Maya Reyes" in rows[1] and "(443) 555-0119" in rows[1] and "Dr. Ngozi Okafor" in rows[1]


async def test_a_month_counts_what_takes_place(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9)
    off = await booked(cast, calendar, monday, 11)
    await calling_off.call_off(desk(cast), off, 1, "ill", "")
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{HERE}?view=month&day={monday}")
    cells = page.soup.select("td a")
    assert [one.get_text() for one in cells] == ["1"] and f"day={monday}" in cells[0]["href"]
    page = await (await cast.browser("clinician")).get(f"{HERE}?view=month&day={monday}")
    assert "1 visit" in page.words


@pytest.mark.parametrize(
    "query",
    ["day=nonsense", "day=9999-12-31", "day=0001-01-01", "view=year", "site=x&clinician=", "view=month&day=1969-01-01"],
)
async def test_an_address_that_somebody_made_up_is_today(cast: Cast, query):
    await a_calendar(cast)
    assert (await (await cast.browser("front_desk")).get(f"{HERE}?{query}")).status == 200


@pytest.mark.parametrize("view", ["day", "week", "month"])
async def test_a_day_a_week_and_a_month_ask_as_often_for_many_as_for_one(cast: Cast, view):
    calendar, monday = await a_calendar(cast), a_monday()
    browser = await cast.browser("front_desk")
    path = f"{HERE}?view={view}&day={monday}"
    await a_visit(cast.client.id, calendar.okafor, calendar, monday, 0)
    one = await asked(browser, path)
    people = [calendar.okafor, calendar.brandt]
    for place in range(38):
        member, _ = await a_member(Role.CLINICIAN, f"Given{place}", "More", is_clinician=True)
        await availability.set_hours(TEST, member.id, hours_at(calendar.site))
        people.append(member.id)
    for place in range(1, 30):
        chart = await a_client(f"Client{place}", "More")
        await a_visit(chart.id, people[place], calendar, monday, place)
    page = await browser.get(path)
    assert page.text.count("Client29") == (view != "month")
    assert await asked(browser, path) == one


async def a_visit(client: int, clinician: int, calendar, monday, place: int) -> None:
    begins = at(monday, 9) + timedelta(minutes=10 * place)
    await Appointment(
        client=client, clinician=clinician, site=calendar.site, type=calendar.session, contact_type="phone",
        starts_at=begins, ends_at=begins + timedelta(minutes=50), busy_from=begins,
        busy_until=begins + timedelta(minutes=60), time_zone="America/New_York", state="booked", made_at=clock.now(),
    ).save()  # fmt: skip


@pytest.mark.parametrize(
    ("view", "english", "spanish"),
    [("month", "May 2027", "mayo de 2027"), ("week", "May 3\u2009–\u20099, 2027", "3–9 de mayo de 2027")],
)
def test_what_is_shown_is_titled_as_each_language_writes_it(view, english, spanish):
    asked_for = Asked(view, date(2027, 5, 5))
    for language, title in (("en", english), ("es", spanish)):
        with speaking(language):
            assert asked_for.title == title


async def test_the_sheet_has_the_note_and_names_a_zone_that_is_elsewhere(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    await fetch("UPDATE appointment SET note = 'Needs the ramp', time_zone = 'America/Denver' WHERE id = {}", visit)
    browser = await cast.browser("front_desk")
    line = (await browser.get(f"{HERE}/sheet?day={monday}")).soup.select_one("tbody tr").get_text()
    assert "Needs the ramp" in line and "Mountain Time" in line
    assert "Needs the ramp" not in (await browser.get(f"{HERE}?day={monday}")).text

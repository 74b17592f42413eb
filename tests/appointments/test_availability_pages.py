"""Staff say when clinicians are there, when the practice is closed, and what can be booked."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.appointments.actions import availability, booking, holding
from portal.appointments.actions.availability import Open
from portal.appointments.queries import offers
from portal.appointments.queries.openings import openings
from portal.appointments.readers import minute_of
from portal.database import fetch
from tests.appointments.steps import ZONE, a_calendar, a_monday, a_site, at, maya, refused, second_of
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import TEST, a_member
from tests.schedule.steps import booked
from tests.test_queries import asked

TYPES = "/staff/appointment-types"
NEW = "hours-new0-"
CLOSED = {"what": "closed", "from": "", "to": "", "note": ""}


def hours_of(clinician: int) -> str:
    return f"/staff/hours/{clinician}"


def on(name: str, day: date) -> dict[str, str]:
    return {f"{name}_month": str(day.month), f"{name}_day": str(day.day), f"{name}_year": str(day.year)}


def keys(page: Page) -> list[str]:
    return [one["value"] for one in page.soup.select("input[name=rows]") if one["value"]]


async def kept(clinician: int) -> list[tuple[int, int, int]]:
    rows = await fetch("SELECT weekday, begins, ends FROM hours WHERE clinician = {} ORDER BY 1, 2", clinician)
    return [(row["weekday"], row["begins"], row["ends"]) for row in rows]


async def times(cast: Cast, calendar, day: date) -> list[int]:
    wish = await calendar.wish(maya(cast), cast.client.id, clinician=calendar.okafor)
    return (await openings(maya(cast), cast.client.id, wish)).of_day(day)


async def save(browser: Browser, clinician: int, **row: str) -> Page:
    """The page as it is, with the blank row filled in."""
    page = await browser.get(hours_of(clinician))
    return await browser.press(page, hours_of(clinician), {NEW + part.rstrip("_"): row[part] for part in row})


async def test_hours_at_two_offices_are_compared_by_what_both_clocks_show_at_once(cast: Cast):
    calendar = await a_calendar(cast)
    denver = await a_site("Denver", "America/Denver")
    here = Open(0, 540, 720, calendar.site)
    with refused("overlap"):
        await availability.set_hours(TEST, calendar.okafor, [here, Open(0, 480, 540, denver)])
    await availability.set_hours(TEST, calendar.okafor, [here, Open(0, 600, 660, denver)])
    assert len(await kept(calendar.okafor)) == 2
    with refused("overlap"):  # Sunday night there is Monday morning here
        night = [Open(0, 0, 120, calendar.site), Open(6, 1380, 1440, denver)]
        await availability.set_hours(TEST, calendar.okafor, night)


async def test_days_with_the_same_hours_are_one_row_and_a_row_may_have_several_days(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    page = await browser.get(hours_of(calendar.okafor))
    assert keys(page) == ["old0", "new0"]
    days = [one["value"] for one in page.soup.select("[name=hours-old0-day][checked]")]
    assert days == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    typed = {
        "hours-old0-day": ["monday", "wednesday"],
        NEW + "day": ["friday", "sunday"],
        NEW + "from": "8",
        NEW + "to": "10",
    }
    await browser.press(page, hours_of(calendar.okafor), typed)
    assert await kept(calendar.okafor) == [(0, 540, 1020), (2, 540, 1020), (4, 480, 600), (6, 480, 600)]


async def test_of_two_who_change_the_same_hours_the_second_is_told_and_then_has_their_way(cast: Cast):
    calendar = await a_calendar(cast)
    desk, clinician = await cast.browser("front_desk"), await cast.browser("clinician")
    here = hours_of(calendar.okafor)
    theirs, mine = await desk.get(here), await clinician.get(here)
    await desk.press(theirs, here, {"hours-old0-day": ["monday"]})
    page = await clinician.press(mine, here, {"hours-old0-day": ["tuesday"]})
    assert page.status == 422 and "Somebody else changed these hours meanwhile" in page.errors[""]
    assert "As it stands now: Mon 9:00 AM – 5:00 PM, Annapolis" in page.words
    assert [one["value"] for one in page.soup.select("[name=hours-old0-day][checked]")] == ["tuesday"]
    assert await kept(calendar.okafor) == [(0, 540, 1020)]
    page = await clinician.press(page, here)
    assert await kept(calendar.okafor) == [(1, 540, 1020)] and "As it stands now" not in page.words


# The week ------------------------------------------------------------------------------------------------------------


async def test_the_list_says_each_week_in_words(cast: Cast):
    calendar = await a_calendar(cast)
    broken = [Open(day, *span, 0) for day in (0, 2, 4) for span in ((540, 720), (780, 1020))]
    tuesday = Open(1, 600, 660, calendar.site, ("phone",), until=date(2031, 5, 6))
    await availability.set_hours(TEST, calendar.okafor, [*at(calendar.site, tuple(broken)), tuesday])
    page = await (await cast.browser("front_desk")).get("/staff/hours")
    assert "Mon, Wed, Fri 9:00 AM – 12:00 PM, 1:00 PM – 5:00 PM, Annapolis" in page.words
    assert "Tue 10:00 AM – 11:00 AM, Annapolis · Phone call · until May 6, 2031" in page.words
    assert "Mon – Fri 9:00 AM – 5:00 PM, Annapolis" in page.words
    assert "All times are Eastern Time." in page.words


async def test_each_office_keeps_its_own_time(cast: Cast):
    await a_calendar(cast)
    await a_site("Denver", "America/Denver")
    page = await (await cast.browser("front_desk")).get("/staff/hours")
    assert "Annapolis: Eastern Time. Denver: Mountain Time." in page.words


async def test_the_list_asks_as_often_for_thirty_clinicians_as_for_one(cast: Cast):
    site, browser = await a_site(), await cast.browser("front_desk")
    few = await asked(browser, "/staff/hours")
    for place in range(30):
        member, _ = await a_member(Role.CLINICIAN, f"Given{place}", "More", is_clinician=True)
        await availability.set_hours(TEST, member.id, at(site))
    assert await asked(browser, "/staff/hours") == few
    assert (await browser.get("/staff/hours")).text.count("Mon – Fri") == 30


@pytest.mark.parametrize("htmx", [False, True])
async def test_new_hours_are_what_clients_are_offered(cast: Cast, htmx):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    saturday = a_monday() + timedelta(days=5)
    assert await times(cast, calendar, saturday) == []
    page = await browser.get(hours_of(calendar.okafor))
    browser.headers = {"HX-Request": "true"} if htmx else {}
    row = {NEW + "day": "saturday", NEW + "from": "9", NEW + "to": "11:30 am", NEW + "how": ["telehealth"]}
    page = await browser.press(page, hours_of(calendar.okafor), row)
    assert page.status == 200 and page.path == hours_of(calendar.okafor) and "Saved." in page.words
    assert (await kept(calendar.okafor))[-1] == (5, 540, 690) and len(keys(page)) == 3
    assert (await times(cast, calendar, saturday))[0] == second_of(saturday, 9)
    (row,) = await fetch("SELECT detail FROM audit_row WHERE act = 'hours.changed' AND actor <> 'portal: test'")
    assert '"many": 6' in row["detail"]


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("9", 540), ("9:00", 540), ("9:30 am", 570), ("17:30", 1050), ("5pm", 1020), ("12 AM", 0), ("12:15 p.m.", 735)]
    + [("9:30 a. m.", 570), ("1730", 1050), ("9.30", 570), ("24:00", 1440), ("0:00", 0)]
    + [(wrong, None) for wrong in ("", "nine", "25", "9:60", "24:05", "13 pm", "0 am", "9:5", "-9", "٩", "9" * 99)],
)  # fmt: skip
def test_a_time_is_understood_as_people_write_it(typed, minute):
    assert minute_of(typed) == minute


async def test_hours_that_overlap_are_refused_beside_their_row_with_everything_kept(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    before = await kept(calendar.okafor)
    page = await save(browser, calendar.okafor, day="monday", from_="16:30", to="6 pm", since_month="2",
                      since_day="3", since_year="2031")  # fmt: skip
    assert page.status == 422 and list(page.errors) == [NEW + "to"] and "overlap" in page.errors[NEW + "to"]
    assert page.soup.select_one(f"#errors a[href='#{NEW}to']")
    assert (page.value(NEW + "from"), page.value(NEW + "to")) == ("16:30", "6 pm")
    assert [one["value"] for one in page.soup.select(f"[name={NEW}day][checked]")] == ["monday"]
    assert page.value(NEW + "since_year") == "2031" and len(keys(page)) == 2
    assert await kept(calendar.okafor) == before


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        ({"day": "", "from_": "9", "to": "10"}, "day", "Choose the days"),
        ({"day": "sunday", "from_": "", "to": "10"}, "from", "Enter a time"),
        ({"day": "sunday", "from_": "soon", "to": "10"}, "from", "Write the time like 9:00 AM"),
        ({"day": "sunday", "from_": "9:02", "to": "10"}, "from", "multiple of five minutes"),
        ({"day": "sunday", "from_": "9", "to": "5"}, "to", "This is not after 9:00 AM. Write PM"),
        ({"day": "someday", "from_": "9", "to": "10"}, "day", "Choose the days"),
        ({"day": "sunday", "from_": "9", "to": "10", "how": []}, "how", "at least one way to meet"),
        ({"day": "sunday", "from_": "9", "to": "10", "how": ["fax"]}, "how", "at least one way to meet"),
        ({"day": "sunday", "from_": "9", "to": "10", "site": "999"}, "site", "Choose where"),
        ({"day": "sunday", "from_": "9", "to": "10", "since_day": "31"}, "since", "or none"),
        ({"day": "sunday", "from_": "9", "to": "10", **on("since", date(2031, 2, 2)), **on("until", date(2031, 1, 2))},
         "until", "The last day is before the first"),
    ],
)  # fmt: skip
async def test_a_row_that_is_no_stretch_of_time_says_why(cast: Cast, row, field, sentence):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    await a_site("Bowie")
    before = await kept(calendar.okafor)
    page = await save(browser, calendar.okafor, **row)
    assert page.status == 422 and sentence in " ".join(page.errors[NEW + field].split())
    assert await kept(calendar.okafor) == before


async def test_midnight_is_also_when_a_day_ends(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    await save(browser, calendar.okafor, day="sunday", from_="10 pm", to="12 am")
    assert (await kept(calendar.okafor))[-1] == (6, 1320, 1440)
    page = await save(browser, calendar.okafor)
    assert page.status == 200 and (await kept(calendar.okafor))[-1] == (6, 1320, 1440)


@pytest.mark.parametrize("htmx", [False, True])
async def test_rows_are_added_and_removed_and_nothing_typed_is_lost(cast: Cast, htmx):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    two = [Open(0, 540, 720, calendar.site), Open(1, 600, 660, calendar.site)]
    await availability.set_hours(TEST, calendar.okafor, two)
    here, before = hours_of(calendar.okafor), await kept(calendar.okafor)
    page = await browser.get(here)
    browser.headers = {"HX-Request": "true"} if htmx else {}
    page = await browser.press(page, here, {NEW + "day": "sunday", NEW + "from": "nine", "act": "add"})
    assert page.status == 200 and page.errors == {} and keys(page)[-2:] == ["new0", "new1"]
    assert page.value(NEW + "from") == "nine"
    assert page.soup.select_one("[data-focus-here]")["id"] == "hours-new1-row"
    page = await browser.press(page, here, {"act": "remove old0"})
    assert page.soup.select_one("[data-focus-here]")["id"] == "week-h"
    assert keys(page) == ["old1", "new0", "new1"] and page.value(NEW + "from") == "nine"
    assert await kept(calendar.okafor) == before
    page = await browser.press(page, here, {"act": "remove new0"})
    await browser.press(page, here)
    assert await kept(calendar.okafor) == before[1:]


async def test_a_week_may_have_no_hours_at_all_but_never_by_an_empty_form(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    page = await browser.post(hours_of(calendar.okafor))
    assert page.status == 422 and len(keys(page)) == 2 and len(await kept(calendar.okafor)) == 5
    page = await browser.post(hours_of(calendar.okafor), rows="", seen=page.value("seen"))
    assert page.status == 200 and await kept(calendar.okafor) == []
    assert (await browser.post(hours_of(calendar.okafor), rows="<b>")).status == 404
    many = [f"new{number}" for number in range(200)]
    assert (await browser.post(hours_of(calendar.okafor), rows=many)).status == 404


async def test_in_spanish_the_times_that_are_shown_are_understood_again(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    before = await kept(calendar.okafor)
    await browser.post("/language", language="es", next="/")
    page = await save(browser, calendar.okafor)
    assert page.status == 200 and page.soup.html["lang"] == "es" and "lun" in page.words
    assert page.value("hours-old0-from").split() == ["9:00", "a.m."] and await kept(calendar.okafor) == before
    assert "lun – vie" in (await browser.get("/staff/hours")).words


async def test_a_clinician_has_their_own_page_only(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("clinician")
    page = await browser.get("/staff/hours")
    assert page.path == hours_of(calendar.okafor) and "Okafor" in page.heading
    assert (await save(browser, calendar.okafor, day="sunday", from_="9", to="10")).status == 200
    theirs = hours_of(calendar.brandt)
    special = await availability.add_special(TEST, calendar.brandt, a_monday(), a_monday())
    days = [f"{theirs}/days", *(f"{here}/days/{special}/removal" for here in (theirs, hours_of(calendar.okafor)))]
    for path in (theirs, *days):
        assert (await browser.post(path, rows="")).status == 404
    assert (await browser.get(theirs)).status == 404 and (await browser.get("/staff/holidays")).status == 404
    assert len(await kept(calendar.brandt)) == 5 and len(await fetch("SELECT id FROM special_hours")) == 1
    desk = int(cast.accounts["front_desk"].staff_member)
    assert (await (await cast.browser("front_desk")).get(hours_of(desk))).status == 404


async def test_without_an_office_there_are_no_hours_and_no_error_page(cast: Cast):
    browser, clinician = await cast.browser("front_desk"), int(cast.client.principal_clinician)
    page = await save(browser, clinician, day="monday", from_="9", to="10")
    assert page.status == 422 and "no office yet" in page.errors[""]


async def test_hours_at_an_office_that_was_closed_stay_where_they_are(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    await a_site("Bowie")
    await fetch("UPDATE site SET is_active = false WHERE id = {}", calendar.site)
    page = await save(browser, calendar.okafor)
    assert page.status == 200 and "Annapolis (not open any more)" in page.words
    assert {row["site"] for row in await fetch("SELECT site FROM hours")} == {calendar.site}


# Days that are different ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_clinician_is_away_for_days_and_back_when_they_are_removed(cast: Cast, htmx):
    calendar, browser = await a_calendar(cast), await cast.browser("clinician", htmx=htmx)
    monday, here = a_monday(), f"{hours_of(calendar.okafor)}/days"
    two_days = {**on("first_day", monday), **on("last_day", monday + timedelta(days=1))}
    page = await browser.post(here, **{**CLOSED, **two_days})
    assert page.path == (here if htmx else hours_of(calendar.okafor)) and "Saved." in page.words
    found = [len(await times(cast, calendar, monday + timedelta(days=more))) for more in range(3)]
    assert found[:2] == [0, 0] and found[2] > 0
    (row,) = await fetch("SELECT id FROM special_hours")
    page = await browser.post(f"{here}/{row['id']}/removal")
    assert "The usual hours hold again." in page.words and await times(cast, calendar, monday)


async def test_who_closes_days_reads_which_visits_are_booked_then(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday(2)
    for client, day, hour in ((cast.client, 0, 9), (cast.other, 0, 15), (cast.client, 1, 9), (cast.client, 2, 9)):
        await booked(cast, calendar, monday + timedelta(days=day), hour, client=client.id)
    await booked(cast, calendar, monday, 11, client=cast.other.id, clinician=calendar.brandt)
    desk, here = await cast.browser("front_desk"), f"{hours_of(calendar.okafor)}/days"
    there = f"/staff/schedule?view=%s&day={monday}&clinician={calendar.okafor}"
    page = await desk.post(here, **{**CLOSED, **on("first_day", monday), **on("last_day", monday + timedelta(days=1))})
    assert "Saved. 3 visits are booked then and stay so: move or cancel them." in page.words
    assert "3 visits are booked then" in page.words and there % "week" in page.links()
    assert "Jonah" not in page.words and "Jonah Whitfield" in (await desk.get(there % "week")).words
    page = await desk.post(here, **{**CLOSED, **on("first_day", monday), "from": "9:50", "to": "3 pm"})
    assert page.words.count("3 visits are booked then") == 1 and "Saved." in page.words
    page = await desk.post(here, **{**CLOSED, **on("first_day", monday), "from": "9:45", "to": "10 am"})
    assert "1 visit is booked then and stays so" in page.words and there % "day" in page.links()
    page = await desk.post(here, **{**on("first_day", monday), "what": "open", "from": "5 pm", "to": "6 pm",
                                    "how": ["phone"]})  # fmt: skip
    assert "Saved." in page.words and "so: move" not in page.words
    page = await (await cast.browser("administrator")).post(
        "/staff/holidays", **{"from": "", "to": "", "note": ""}, **on("first_day", monday)
    )
    assert "3 visits are booked then" in page.words and f"/staff/schedule?view=day&day={monday}" in page.links()


async def test_what_is_far_ahead_is_a_slip_of_the_year(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    here, monday = f"{hours_of(calendar.okafor)}/days", a_monday()
    far = on("last_day", monday.replace(year=9026))
    page = await browser.post(here, **{**CLOSED, **on("first_day", monday), **far})
    assert page.status == 422 and "check the year" in page.errors["last_day"]
    assert await fetch("SELECT id FROM special_hours") == []


async def test_some_hours_of_a_day_can_be_closed_or_open_as_well(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    here, monday, saturday = f"{hours_of(calendar.okafor)}/days", a_monday(), a_monday() + timedelta(days=5)
    await browser.post(here, **{**CLOSED, **on("first_day", monday), "from": "9", "to": "4 pm", "note": "Dentist"})
    extra = {"what": "open", "from": "10", "to": "11", "how": ["telehealth"]}
    page = await browser.post(here, **{**extra, **on("first_day", saturday)})
    assert await times(cast, calendar, monday) == [second_of(monday, 16)]
    assert await times(cast, calendar, saturday) == [second_of(saturday, 10)]
    assert "Closed, 9:00 AM – 4:00 PM · Dentist" in page.words
    assert "Also open, 10:00 AM – 11:00 AM, Annapolis · Telehealth" in page.words


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "first_day"),
        (on("first_day", date(2020, 1, 2)), "first_day"),
        ({**on("first_day", date(2031, 1, 2)), **on("last_day", date(2031, 1, 1))}, "last_day"),
        ({**on("first_day", date(2031, 1, 2)), "last_day_month": "2"}, "last_day"),
        ({**on("first_day", date(2031, 1, 2)), "what": "open", "to": "10", "how": "phone"}, "from"),
        ({**on("first_day", date(2031, 1, 2)), "what": "open", "from": "9", "to": "10"}, "how"),
        ({**on("first_day", date(2031, 1, 2)), "what": "open", "from": "9", "to": "10", "how": "phone", "site": "999"},
         ""),
        ({**on("first_day", date(2031, 1, 2)), "from": "9"}, "to"),
        ({**on("first_day", date(2031, 1, 2)), "what": "maybe"}, "what"),
        ({**on("first_day", date(2031, 1, 2)), "note": "x" * 121}, "note"),
    ],
)  # fmt: skip
async def test_days_that_are_none_are_refused_with_what_was_typed(cast: Cast, typed, field):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    page = await browser.post(f"{hours_of(calendar.okafor)}/days", **{**CLOSED, "note": "Conference", **typed})
    assert page.status == 422 and list(page.errors) == [field]
    assert page.value("note") == typed.get("note", "Conference")
    assert page.value("first_day_year") == typed.get("first_day_year", "")
    assert await fetch("SELECT id FROM special_hours") == []


async def test_what_is_over_is_not_listed_any_more(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("front_desk")
    today = clock.today(ZONE)
    await availability.add_special(TEST, calendar.okafor, today, today, note="Short trip")
    assert "Short trip" in (await browser.get(hours_of(calendar.okafor))).words
    with clock.shifted(days=1):
        browser = await cast.browser("front_desk")
        assert "Short trip" not in (await browser.get(hours_of(calendar.okafor))).words


async def test_a_holiday_closes_the_day_for_everybody(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("administrator")
    monday = a_monday()
    page = await browser.post("/staff/holidays", **{**on("first_day", monday), "what": "open", "note": "Snow"})
    assert page.path == "/staff/holidays" and "Closed · Snow" in page.words
    page = await browser.post("/staff/holidays", **{**on("first_day", monday), "what": "open", "note": "More snow"})
    assert page.status == 422 and "These days stand there already" in page.words
    wish = await calendar.wish(maya(cast), cast.client.id)
    found = await openings(maya(cast), cast.client.id, wish)
    assert found.of_day(monday) == [] and found.of_day(monday + timedelta(days=1))
    page = await browser.get(hours_of(calendar.brandt))
    assert "Snow" in page.words and "The whole practice" in page.pills()
    (row,) = await fetch("SELECT id, clinician FROM special_hours")
    assert row["clinician"] is None
    assert (await browser.post(f"{hours_of(calendar.brandt)}/days/{row['id']}/removal")).status == 404
    await browser.post(f"/staff/holidays/{row['id']}/removal")
    assert await fetch("SELECT id FROM special_hours") == []


# Types ---------------------------------------------------------------------------------------------------------------


async def test_a_new_type_is_offered_to_whom_it_is_for(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("administrator")
    page = await browser.get(TYPES + "/new")
    assert page.value("place") == "1"
    typed = {"name": "Couples session", "length": "80", "booked_by": "everybody", "at_once": "yes", "place": "9"}
    page = await browser.press(page, TYPES, {**typed, "clinicians": [str(calendar.brandt)], "color": "plum"})
    assert page.path == TYPES and "Couples session 80 minutes, 10 minutes free after" in page.words
    assert "Every client, booked at once · In person, Phone call, Telehealth · Elias Brandt" in page.words
    found = await offers.offers(maya(cast), cast.client.id)
    assert [one.name for one in found] == ["Individual session", "Couples session"] and found[1].is_booked_at_once
    here = f"{TYPES}/{found[1].id}"
    page = await browser.get(here)
    assert page.value("length") == "80" and page.soup.select_one("input[value=plum]").has_attr("checked")
    await browser.press(page, here, booked_by="nobody")
    assert [one.name for one in await offers.offers(maya(cast), cast.client.id)] == ["Individual session"]


async def test_who_saves_a_type_second_is_told_that_it_changed(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("administrator")
    here = f"{TYPES}/{calendar.session}"
    page = await browser.get(here)
    await browser.press(page, here, length="40")
    page = await browser.press(page, here, length="60")
    assert page.status == 422 and "Somebody else changed this type" in page.errors[""] and page.value("length") == "60"
    await browser.press(page, here)
    assert (await browser.get(here)).value("length") == "60"


async def test_by_htmx_one_is_told_to_go_back_to_the_list(cast: Cast):
    browser = await cast.browser("administrator")
    page = await browser.get(TYPES + "/new")
    browser.headers = {"HX-Request": "true"}
    assert (await browser.press(page, TYPES, name="Intake")).headers["hx-redirect"] == TYPES


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "individual SESSION"}, "name"),
        ({"length": ""}, "length"),
        ({"length": "52"}, "length"),
        ({"length": "0"}, "length"),
        ({"before": "-5"}, "before"),
        ({"after": "245"}, "after"),
        ({"how": []}, "how"),
        ({"booked_by": "me"}, "booked_by"),
        ({"at_once": "perhaps"}, "at_once"),
        ({"color": "red"}, "color"),
        ({"place": "1000"}, "place"),
        ({"clinicians": ["999999"]}, "clinicians"),
        ({"clinicians": ["x"]}, "clinicians"),
        ({"sites": ["999999"]}, "sites"),
    ],
)
async def test_a_type_that_is_none_is_refused_with_what_was_typed(cast: Cast, typed, field):
    await a_calendar(cast)
    await a_site("Bowie")
    browser = await cast.browser("administrator")
    page = await browser.get(TYPES + "/new")
    page = await browser.press(page, TYPES, {"name": "Intake", "name_es": "Primera", **typed})
    assert page.status == 422 and list(page.errors) == [field]
    assert page.value("name_es") == "Primera"
    assert len(await fetch("SELECT id FROM appointment_type")) == 1


async def test_a_clinician_who_left_stays_chosen_so_that_a_type_does_not_become_everybodys(cast: Cast):
    calendar = await a_calendar(cast, clinicians=frozenset({int(cast.client.principal_clinician)}))
    await fetch("UPDATE staff_member SET is_active = false WHERE id = {}", calendar.okafor)
    browser, here = await cast.browser("administrator"), f"{TYPES}/{calendar.session}"
    await browser.press(await browser.get(here), here, length="45")
    assert [row["clinician"] for row in await fetch("SELECT clinician FROM type_clinician")] == [calendar.okafor]


async def test_a_retired_type_is_offered_to_nobody_and_what_is_booked_stays(cast: Cast):
    calendar, browser = await a_calendar(cast, is_booked_at_once=True), await cast.browser("administrator")
    wish = await calendar.wish(maya(cast), cast.client.id)
    held = await holding.hold(maya(cast), cast.client.id, wish, second_of(a_monday(), 9))
    await booking.ask(maya(cast), cast.client.id, held, "")
    here = f"{TYPES}/{calendar.session}"
    page = await browser.press(await browser.get(here), here + "/retirement")
    assert page.path == TYPES and "what is booked stays" in page.words and "No types yet." in page.words
    assert await offers.offers(maya(cast), cast.client.id) == []
    client = await cast.browser("client")
    assert "Individual session" in (await client.get(f"/clients/{cast.client.id}/appointments/{held}")).words
    for path in (here, here + "/retirement"):
        assert (await browser.post(path)).status == 404
    assert (await browser.get(here)).status == 404
    assert (await browser.press(await browser.get(TYPES + "/new"), TYPES, name="Individual session")).path == TYPES


async def test_the_settings_lead_there_and_staff_find_hours_in_the_header(cast: Cast):
    page = await (await cast.browser("administrator")).get("/staff/settings")
    assert {"/staff/hours", "/staff/holidays", TYPES} <= set(page.links())
    assert "/staff/hours" in (await (await cast.browser("clinician")).get("/staff/review")).links()
    assert "/staff/hours" not in (await (await cast.browser("biller")).get("/staff/clients")).links()

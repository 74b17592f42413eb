"""The practice books: once, or again and again; what is in the way is said, and what was typed stays."""

import asyncio
from datetime import date, timedelta

import pytest

from portal import clock
from portal.access import NotFoundException, Reach, Role
from portal.appointments.actions import availability, holding
from portal.database import fetch
from portal.refusal import Refused
from portal.schedule.actions import placing
from portal.schedule.queries import plans
from portal.schedule.queries.clashes import slot_of
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, refused, second_of
from tests.cast import Cast
from tests.factories import TEST
from tests.schedule.steps import at, booked, desk, kinds, live, row, staff, where

NEW = "/staff/schedule/new"


def form(cast: Cast, calendar: Calendar, day: date, time: str, **more: object) -> dict[str, object]:
    return {
        "client": cast.client.id, "type": calendar.session, "how": "in_person", "clinician": calendar.okafor,
        "site": calendar.site, "day": day, "time": time, "every": "", "times": "6", "note": "", "link": "", **more,
    }  # fmt: skip


async def test_the_desk_books_and_the_client_is_told_that_something_waits(cast: Cast):
    calendar, monday = await a_calendar(cast, booked_by="nobody"), a_monday()
    browser = await cast.browser("front_desk")
    link = "https://meet.example/a?b=c"
    page = await browser.post(
        NEW, **form(cast, calendar, monday, "9:00 am", how="telehealth", note="First floor", link=link)
    )
    assert page.heading == "Maya Reyes" and "First floor" in page.words and link in page.links()
    (visit, state, starts_at), *others = await live()
    assert (state, starts_at, others) == ("booked", at(monday, 9), [])
    found = await row(visit)
    assert found.busy_until == at(monday, 10) and found.asked_by is None and found.series is None
    assert await kinds() == ["appointment.placed"]
    client = await cast.browser("client")
    assert (
        "The practice has booked this for you"
        in (await client.get(f"/clients/{cast.client.id}/appointments/{visit}")).words
    )
    assert "First floor" not in (await client.get(f"/clients/{cast.client.id}/appointments/{visit}")).words


async def test_who_has_the_time_is_said_and_everything_typed_is_kept(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9, client=cast.other.id)
    browser = await cast.browser("front_desk")
    page = await browser.post(NEW, **form(cast, calendar, monday, "09:30", note="Do keep this"))
    assert page.status == 422
    assert (
        page.errors["time"].replace("\u00a0", " ") == "Dr. Ngozi Okafor has Jonah Whitfield then, 9:00 AM to 9:50 AM."
    )
    assert "Do keep this" in page.text and page.value("time") == "09:30"
    page = await browser.post(NEW, **form(cast, calendar, monday, "09:50"))  # ten minutes are kept free after it
    assert page.status == 422
    assert (await browser.post(NEW, **form(cast, calendar, monday, "10:00"))).status == 200


async def test_the_client_is_not_in_two_places_either(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9)
    page = await (await cast.browser("front_desk")).post(
        NEW, **form(cast, calendar, monday, "9:00", clinician=calendar.brandt)
    )
    assert "Maya Reyes is with Dr. Ngozi Okafor then" in page.errors["time"]


async def test_a_colleagues_own_visit_is_only_taken(cast: Cast):
    """Whoever is a client here as well reads of their own visits as a client, not at work."""
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9)
    viewer = staff(cast, Role.FRONT_DESK, (Reach(cast.client.id, "self", frozenset()),))
    slot = await slot_of(viewer, calendar.session, "phone")
    steps = await plans.to_book(viewer, cast.other.id, slot, where(calendar, monday, 9), [monday])
    assert [str(one) for one in steps[0].clashes] == ["That time is taken."]


async def test_outside_the_hours_and_on_holidays_a_tick_is_asked_for(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await availability.add_special(TEST, None, monday, monday, note="Founders' Day")
    browser = await cast.browser("front_desk")
    for time, words in (("9:00", "Founders' Day"), ("20:00", "Founders' Day")):
        page = await browser.post(NEW, **form(cast, calendar, monday, time))
        assert page.status == 422 and words in page.errors["sure"] and await live() == []
    page = await browser.post(NEW, **form(cast, calendar, monday + timedelta(days=1), "18:00"))
    assert "outside the clinician's hours" in page.errors["sure"]
    page = await browser.press(page, NEW, sure="yes")
    assert page.heading == "Maya Reyes" and len(await live()) == 1
    page = await browser.post(NEW, **form(cast, calendar, clock.today("UTC") - timedelta(days=8), "9:00"))
    assert "in the past" in page.errors["sure"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"day": "30.11.2026"}, "day"), ({"day": ""}, "day"), ({"time": ""}, "time"), ({"time": "25:00"}, "time"),
        ({"time": "9:03"}, "time"), ({"clinician": "99"}, "clinician"), ({"clinician": ""}, "clinician"),
        ({"type": "99"}, "type"), ({"how": "letter"}, "how"), ({"link": "http://meet.example"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"), ({"link": "https://"}, "link"),
        ({"link": "https://x.example:99999/a", "how": "telehealth"}, "link"),
        ({"link": "https://meet.example/a"}, "link"),
        ({"every": "weekly", "times": "1"}, "times"), ({"every": "weekly", "times": "53"}, "times"),
        ({"every": "daily"}, "every"), ({"note": "x" * 1001}, "note"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_beside_its_field(cast: Cast, typed, field):
    calendar = await a_calendar(cast)
    page = await (await cast.browser("front_desk")).post(NEW, **{**form(cast, calendar, a_monday(), "9:00"), **typed})
    assert page.status == 422 and field in page.errors and await live() == []


async def test_a_way_that_the_type_is_not_offered_is_refused(cast: Cast):
    calendar = await a_calendar(cast, contact_types=("phone",))
    page = await (await cast.browser("front_desk")).post(NEW, **form(cast, calendar, a_monday(), "9:00"))
    assert "Phone call" in page.errors["how"]


async def test_a_client_is_found_by_name_and_no_name_stands_in_an_address(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    browser = await cast.browser("front_desk")
    day = await browser.get(f"/staff/schedule?day={monday}")
    gap = next(link for link in day.links() if link.startswith(NEW) and "time=09%3A00" in link)
    page = await browser.press(await browser.get(gap), f"{NEW}/client", words="whitf")
    assert "whitf" not in page.path.casefold()
    page = await browser.get(next(link for link in page.links() if f"client={cast.other.id}" in link))
    assert "Jonah Whitfield" in page.words
    assert (page.value("day"), page.value("time")) == (monday.isoformat(), "09:00")
    page = await browser.press(page, NEW, type=calendar.session)
    assert page.heading == "Jonah Whitfield" and len(await live()) == 1


async def test_the_next_free_time_is_one_press_and_nothing_typed_is_lost(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday(2)
    await booked(cast, calendar, monday, 9, client=cast.other.id)
    browser = await cast.browser("front_desk")
    typed = form(cast, calendar, monday, "", note="Kept")
    page = await browser.post(NEW, **typed, act="free")
    times = [one["value"] for one in page.soup.select("button[name=pick]")]
    assert times[0] == f"{monday} 10:00 {calendar.site}" and len(times) == 6
    page = await browser.post(NEW, **typed, pick=times[0])
    assert page.value("time") == "10:00" and "Kept" in page.text
    page = await browser.press(page, NEW)
    assert [one[2] for one in await live()] == [at(monday, 9), at(monday, 10)]


async def test_a_series_is_looked_over_before_anything_is_written(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(5)]
    await booked(cast, calendar, weeks[1], 9, client=cast.other.id)
    await availability.add_special(TEST, calendar.okafor, weeks[3], weeks[3], note="Conference")
    browser = await cast.browser("front_desk")
    page = await browser.post(NEW, **form(cast, calendar, monday, "9:00", every="weekly", times="5", note="Series"))
    assert page.status == 200 and len(await live()) == 1
    boxes = page.soup.select("input[name=keep]")
    assert [one["value"] for one in boxes] == [day.isoformat() for day in weeks]
    assert [one.has_attr("checked") for one in boxes] == [True, False, True, False, True]
    assert [one.has_attr("disabled") for one in boxes] == [False, True, False, False, False]
    assert "has Jonah Whitfield then" in page.words and "Conference" in page.words
    page = await browser.press(page, NEW, act="keep", keep=[weeks[0].isoformat(), weeks[3].isoformat()])
    assert page.heading == "Maya Reyes" and "Every week, until" in page.words and "Series" in page.words
    mine = await fetch("SELECT starts_at, note FROM appointment WHERE series IS NOT NULL ORDER BY starts_at")
    assert [one["starts_at"] for one in mine] == [at(weeks[0], 9), at(weeks[3], 9)] and mine[1]["note"] == "Series"
    assert await kinds() == ["appointment.placed"] * 2


async def test_a_series_is_all_or_nothing(cast: Cast):
    """Somebody takes one of the dates while they are looked over."""
    calendar, monday = await a_calendar(cast), a_monday()
    weeks = [monday + timedelta(weeks=place) for place in range(3)]
    browser = await cast.browser("front_desk")
    page = await browser.post(NEW, **form(cast, calendar, monday, "9:00", every="weekly", times="3"))
    await booked(cast, calendar, weeks[2], 9, client=cast.other.id)
    page = await browser.press(page, NEW, act="keep")
    assert page.status == 422 and "has Jonah Whitfield then" in page.words and len(await live()) == 1
    page = await browser.press(page, NEW, act="change")
    assert page.status == 200 and page.value("time") == "9:00" and len(await live()) == 1


async def test_of_a_series_at_least_one_is_booked_and_one_alone_is_none(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    browser = await cast.browser("front_desk")
    typed = form(cast, calendar, monday, "9:00", every="monthly", times="3", act="keep")
    assert "Choose at least one visit" in (await browser.post(NEW, **typed)).errors["keep"]
    await browser.post(NEW, **typed, keep=monday.isoformat())
    assert [one["series"] for one in await fetch("SELECT series FROM appointment")] == [None]


async def test_an_hour_that_the_clock_leaves_out_is_told_and_left_out(cast: Cast):
    calendar = await a_calendar(cast)
    slot = await slot_of(desk(cast), calendar.session, "phone")
    days = [date(2027, 3, 7), date(2027, 3, 14), date(2027, 3, 21)]
    steps = await plans.to_book(desk(cast), cast.client.id, slot, where(calendar, days[0], 2, 30), days)
    assert [one.placed is None for one in steps] == [False, True, False]
    assert steps[2].placed is not None and steps[2].words.startswith("Sunday, March 21, 2027")


async def test_the_same_time_goes_to_the_desk_or_to_the_client_and_never_to_both(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    viewer = jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    wish = await calendar.wish(viewer, cast.other.id, clinician=calendar.okafor)
    for hour in (9, 10, 11, 13):
        told = await asyncio.gather(
            holding.hold(viewer, cast.other.id, wish, second_of(monday, hour)),
            booked(cast, calendar, monday, hour),
            return_exceptions=True,
        )
        assert sum(isinstance(one, Refused) for one in told) == 1, told
        taken = [one for one in await live() if one[2] == at(monday, hour)]
        assert len(taken) == 1


async def test_what_somebody_is_choosing_is_taken_and_what_they_left_is_not(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    viewer = jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    wish = await calendar.wish(viewer, cast.other.id, clinician=calendar.okafor)
    await holding.hold(viewer, cast.other.id, wish, second_of(monday, 9))
    with refused("Somebody is choosing that time just now"):
        await booked(cast, calendar, monday, 9)
    with clock.shifted(minutes=11):
        await booked(cast, calendar, monday, 9)
    assert [one[1] for one in await live()] == ["booked"]


async def test_clinicians_book_their_own_clients_into_their_own_calendar(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    browser = await cast.browser("clinician")
    page = await browser.post(NEW, **form(cast, calendar, monday, "9:00"))
    assert page.heading == "Maya Reyes"
    page = await browser.post(NEW, **form(cast, calendar, monday, "11:00", clinician=calendar.brandt))
    assert "clinician" in page.errors
    assert (await browser.post(NEW, **form(cast, calendar, monday, "11:00", client=cast.other.id))).status == 404
    slot = await slot_of(desk(cast), calendar.session, "phone")
    steps = await plans.to_book(
        desk(cast), cast.client.id, slot, where(calendar, monday, 15, clinician=calendar.brandt), [monday]
    )
    with pytest.raises(NotFoundException):
        await placing.book(staff(cast, "clinician"), cast.client.id, [one.placed for one in steps if one.placed])
    assert len(await live()) == 1 and maya(cast).account_id

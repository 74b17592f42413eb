"""A client asks for another time; the old one stays until the new one is booked, and nothing happens twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.appointments.actions import acceptance, booking, decision, holding, keeping, lapse, moving, offering
from portal.appointments.actions.offering import Time
from portal.appointments.queries import history, visits
from portal.appointments.queries.openings import Wish, openings
from portal.database import fetch
from portal.practice import switches
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, refused, second_of
from tests.appointments.test_booking import kinds_of_items, state_of
from tests.appointments.test_keeping import a_booked_one
from tests.cast import Cast
from tests.factories import TEST

MONDAY = 2


async def a_wish(cast: Cast, calendar: Calendar, booked: int, clinician: int | None = None) -> Wish:
    visit = await visits.visit(maya(cast), cast.client.id, booked)
    wish = await calendar.wish(maya(cast), cast.client.id, clinician=clinician or calendar.okafor)
    return replace(wish, moves=visit)


async def asked(cast: Cast, calendar: Calendar, booked: int, hour: int, minute: int = 0) -> int:
    """The request to move it there."""
    wish = await a_wish(cast, calendar, booked)
    held = await holding.hold(maya(cast), cast.client.id, wish, second_of(a_monday(MONDAY), hour, minute))
    await booking.ask(maya(cast), cast.client.id, held, "")
    return held


async def free(cast: Cast, calendar: Calendar) -> list[int]:
    wish = await calendar.wish(jonah(cast), cast.other.id, clinician=calendar.okafor)
    return (await openings(jonah(cast), cast.other.id, wish)).of_day(a_monday(MONDAY))


@pytest.fixture
async def calendar(cast: Cast) -> Calendar:
    found = await a_calendar(cast)
    await fetch("UPDATE client SET principal_clinician = {}", found.okafor)
    return found


async def begins(appointment_id: int) -> int:
    rows = await fetch("SELECT starts_at FROM appointment WHERE id = {}", appointment_id)
    return int(rows[0]["starts_at"].timestamp())


async def test_the_old_time_stays_until_the_new_one_is_approved(cast: Cast, calendar: Calendar):
    nine, two = second_of(a_monday(MONDAY), 9), second_of(a_monday(MONDAY), 14)
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    assert await kinds_of_items() == ["appointment.move_requested"]
    assert await state_of(booked) == "booked" and await begins(booked) == nine
    assert not {nine, two} & set(await free(cast, calendar))
    await decision.approve(TEST, wanted, 2)
    assert await state_of(booked) == "booked" and await begins(booked) == two
    assert await state_of(wanted) == "moved" and await begins(wanted) == nine
    times = await free(cast, calendar)
    assert nine in times and two not in times
    assert await kinds_of_items() == []


async def test_the_visit_that_moves_stays_the_same_and_the_history_keeps_its_old_time(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    before = await visits.visit(maya(cast), cast.client.id, booked)
    await keeping.confirm(maya(cast), cast.client.id, booked)
    await decision.approve(TEST, await asked(cast, calendar, booked, 14), 2)
    after = await visits.visit(maya(cast), cast.client.id, booked)
    assert after.version == before.version + 2 and after.state == "booked", "it is to be confirmed anew"
    assert after.moved_from == before.starts_at and after.move_asked is None
    found = await history.history(maya(cast), cast.client.id, history.Filters())
    assert [(one.state, one.starts_at) for one in found.visits] == [("moved", before.starts_at)]
    kinds = await fetch(
        "SELECT kind FROM event WHERE kind IN ('appointment.rescheduled', 'appointment.answered') ORDER BY id"
    )
    assert [row["kind"] for row in kinds][-2:] == ["appointment.rescheduled", "appointment.answered"]


@pytest.mark.parametrize(("hour", "minute"), [(9, 30), (10, 0)])
async def test_a_visit_may_move_to_where_it_overlaps_itself(cast: Cast, calendar: Calendar, hour, minute):
    """By half an hour; and right behind it, into the time that is kept free after it."""
    booked = await a_booked_one(cast, calendar)
    wish = await a_wish(cast, calendar, booked)
    times = (await openings(maya(cast), cast.client.id, wish)).of_day(a_monday(MONDAY))
    there = second_of(a_monday(MONDAY), hour, minute)
    assert there in times and second_of(a_monday(MONDAY), 9) not in times
    wanted = await asked(cast, calendar, booked, hour, minute)
    assert await free(cast, calendar) and not {second_of(a_monday(MONDAY), 9), there} & set(await free(cast, calendar))
    await decision.approve(TEST, wanted, 2)
    rows = await fetch("SELECT busy_from, busy_until FROM appointment WHERE id = {}", booked)
    assert int(rows[0]["busy_from"].timestamp()) == there
    assert rows[0]["busy_until"] - rows[0]["busy_from"] == timedelta(minutes=60)


async def test_another_clinician_is_no_way_to_be_in_two_places_at_once(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wish = await a_wish(cast, calendar, booked, calendar.brandt)
    times = (await openings(maya(cast), cast.client.id, wish)).of_day(a_monday(MONDAY))
    nine = second_of(a_monday(MONDAY), 9)
    assert nine not in times and nine + 1800 not in times and nine + 3600 in times


async def test_what_is_declined_or_taken_back_leaves_the_visit_where_it_is(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    await decision.decline(TEST, wanted, 2, "clinician", "")
    assert await state_of(booked) == "booked" and await begins(booked) == second_of(a_monday(MONDAY), 9)
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert "cannot offer this time" in page.words and "Your appointment stays on" in page.words
    again = await asked(cast, calendar, booked, 15)
    await booking.withdraw(maya(cast), cast.client.id, again)
    assert await state_of(booked) == "booked" and await kinds_of_items() == []
    assert second_of(a_monday(MONDAY), 15) in await free(cast, calendar)


async def test_a_visit_that_is_cancelled_takes_its_request_along(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    await keeping.cancel(maya(cast), cast.client.id, booked, "")
    assert await state_of(wanted) == "withdrawn"
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert "This request has ended" in page.words and "You took" not in page.words
    assert await kinds_of_items() == ["appointment.cancelled"]
    with pytest.raises(Stale):
        await decision.approve(TEST, wanted, 2)


async def test_one_asks_once_at_a_time(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    with refused("asked to move this appointment already"):
        await asked(cast, calendar, booked, 15)
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}/appointments/{booked}/time")
    assert page.path == f"/clients/{cast.client.id}/appointments/{wanted}"


async def test_where_nobody_has_to_approve_it_moves_at_once_and_staff_see_it(cast: Cast):
    calendar, viewer = await a_calendar(cast, is_booked_at_once=True), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    booked = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(MONDAY), 9))
    await booking.ask(viewer, cast.client.id, booked, "")
    wanted = await asked(cast, calendar, booked, 14)
    for _ in range(2):
        await booking.ask(viewer, cast.client.id, wanted, "")
    assert await begins(booked) == second_of(a_monday(MONDAY), 14)
    assert await state_of(wanted) == "moved" and await kinds_of_items() == ["appointment.booked"]


async def test_an_answer_that_comes_after_the_visit_began_is_none(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    days = (second_of(a_monday(MONDAY), 9) - clock.now().timestamp() + 60) / 86400
    with clock.shifted(days=days):
        await lapse.lapse(TEST)
        assert await state_of(wanted) == "expired" and await state_of(booked) == "booked"
        assert await kinds_of_items() == []


async def test_a_time_that_was_given_away_meanwhile_is_not_moved_to(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    with clock.shifted(hours=49):
        await lapse.lapse(TEST)
        wish = await calendar.wish(jonah(cast), cast.other.id, clinician=calendar.okafor)
        held = await holding.hold(jonah(cast), cast.other.id, wish, second_of(a_monday(MONDAY), 14))
        await booking.ask(jonah(cast), cast.other.id, held, "")
        with refused("Somebody else has that time"):
            await decision.approve(TEST, wanted, 2)
        assert await begins(booked) == second_of(a_monday(MONDAY), 9) and await state_of(wanted) == "requested"


async def test_of_approving_and_cancelling_at_once_one_happens(cast: Cast, calendar: Calendar):
    for hour in (10, 12, 14, 16):
        booked = await a_booked_one(cast, calendar, hour)
        wanted = await asked(cast, calendar, booked, hour - 1)
        ended = await asyncio.gather(
            decision.approve(TEST, wanted, 2),
            keeping.cancel(maya(cast), cast.client.id, booked, ""),
            return_exceptions=True,
        )
        assert all(one is None or isinstance(one, Stale | Refused) for one in ended), ended
        states = (await state_of(booked), await state_of(wanted))
        assert states in {("cancelled", "moved"), ("cancelled", "withdrawn")}
        rows = await fetch("SELECT id FROM appointment WHERE holds")
        assert rows == []


async def test_the_pages_lead_from_the_visit_to_the_request(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    browser = await cast.browser("client")
    here = f"/clients/{cast.client.id}/appointments/{booked}"
    page = await browser.get(here)
    assert f"{here}/time" in page.links()
    page = await browser.get(f"{here}/time?week={a_monday(MONDAY)}")
    assert "It stays booked until the new time is." in page.words
    action = str(page.soup.select_one(f'form[method=post][action^="{here}/time"]')["action"])
    page = await browser.press(page, action, slot="")
    assert page.status == 422 and "Choose a time" in page.words
    slot = next(one["value"] for one in page.soup.select("input[name=slot]") if "T14:00" in one["value"])
    page = await browser.press(page, action, slot=slot)
    assert "Now booked" in page.words and "Ask for this time" in page.words
    page = await browser.press(page, page.path, wish="")
    assert "Your request was sent" in page.words and "until the practice agrees" in page.words
    page = await browser.get(here)
    assert "You have asked for another time." in page.words and f"{here}/time" not in page.links()
    desk = await cast.browser("front_desk")
    wanted = (await visits.visit(maya(cast), cast.client.id, booked)).move_asked
    page = await desk.get(f"/staff/appointments/{wanted}")
    assert "Reschedule request" in page.words and "Now booked" in page.words and "clashes" not in page.words
    page = await desk.press(page, f"/staff/appointments/{wanted}", decision="approve")
    page = await browser.get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert page.path == here and "Your appointment was moved. It was on" in page.words


async def test_close_to_the_visit_one_is_told_what_it_costs_and_then_to_call(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    await switches.turn(TEST, "appointments.late_words", "We charge $50 for it.")
    await switches.turn(TEST, "appointments.notice", "1")
    there = f"/clients/{cast.client.id}/appointments/{booked}/time"
    hours = (second_of(a_monday(MONDAY), 9) - clock.now().timestamp()) / 3600
    with clock.shifted(hours=hours - 23):
        held = await holding.hold(
            maya(cast), cast.client.id, await a_wish(cast, calendar, booked), second_of(a_monday(MONDAY), 16)
        )
        browser = await cast.browser("client")
        page = await browser.get(f"/clients/{cast.client.id}/appointments/{held}/check")
        assert "may count this as late. We charge $50 for it." in page.words
        page = await browser.get(f"/clients/{cast.client.id}/appointments/{booked}/cancellation")
        assert "We charge $50 for it." in page.words
    with clock.shifted(hours=hours - 1):
        browser = await cast.browser("client")
        page = await browser.get(there)
        assert "Please call us to move this appointment." in page.words
        page = await browser.post(there, slot="2026-11-30T14:00-05:00")
        assert "Please call us to move this appointment." in page.words


async def test_nobody_moves_what_is_not_theirs(cast: Cast, calendar: Calendar):
    booked = await a_booked_one(cast, calendar)
    wish = replace(
        await calendar.wish(jonah(cast), cast.other.id), moves=await visits.visit(maya(cast), cast.client.id, booked)
    )
    with refused("not booked any more"):
        await holding.hold(jonah(cast), cast.other.id, wish, second_of(a_monday(MONDAY), 14))
    with pytest.raises(NotFoundException):
        await visits.visit(jonah(cast), cast.other.id, booked)
    page = await (await cast.browser("stranger")).get(f"/clients/{cast.other.id}/appointments/{booked}/time")
    assert page.status == 404


def test_what_its_own_visit_has_is_left_out_of_a_time():
    at = clock.now()

    def piece(*hours: int) -> tuple[int, int]:
        first, last = moving.left_of(*(at + timedelta(hours=hour) for hour in hours))
        return int((first - at).total_seconds()) // 3600, int((last - at).total_seconds()) // 3600

    assert piece(0, 2, 5, 7) == (0, 2)
    assert piece(0, 2, 2, 4) == (0, 2)
    assert piece(0, 4, 2, 6) == (0, 2)
    assert piece(2, 6, 0, 4) == (4, 6)
    assert piece(0, 9, 2, 4) == (4, 9)


async def test_a_request_to_move_that_is_answered_with_other_times_moves_to_the_one_that_is_chosen(
    cast: Cast, calendar: Calendar
):
    booked = await a_booked_one(cast, calendar)
    wanted = await asked(cast, calendar, booked, 14)
    times = [Time(calendar.okafor, calendar.site, second_of(a_monday(MONDAY), hour)) for hour in (11, 15)]
    await offering.offer_others(TEST, wanted, 2, times, "")
    rows = await fetch("SELECT id FROM appointment WHERE instead_of = {} ORDER BY starts_at", wanted)
    for _ in range(2):
        visit = await acceptance.accept(maya(cast), cast.client.id, wanted, rows[1]["id"])
    assert visit == booked and await begins(booked) == second_of(a_monday(MONDAY), 15)
    assert await state_of(rows[1]["id"]) == "moved" and await state_of(rows[0]["id"]) == "expired"
    assert await kinds_of_items() == ["appointment.booked"]
    found = await history.history(maya(cast), cast.client.id, history.Filters())
    assert sorted(one.state for one in found.visits) == ["declined", "moved"]

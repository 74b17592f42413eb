"""What a client asked for in a visit's stead ends with it, or follows it when the practice moves it."""

from dataclasses import replace

import pytest

from portal import clock
from portal.appointments.actions import booking, decision, holding, keeping
from portal.appointments.queries import visits
from portal.database import fetch
from portal.schedule.actions import marking, placing
from tests.appointments.steps import Calendar, a_calendar, a_monday, maya, refused, second_of
from tests.appointments.test_booking import kinds_of_items
from tests.cast import Cast
from tests.factories import TEST
from tests.schedule.steps import at, booked, desk, row, until, where


@pytest.fixture
async def calendar(cast: Cast) -> Calendar:
    found = await a_calendar(cast)
    await fetch("UPDATE client SET principal_clinician = {}", found.okafor)
    return found


async def asked(cast: Cast, calendar: Calendar, visit_id: int, hour: int = 14) -> int:
    """Maya's request to have it at another hour of that Monday."""
    visit = await visits.visit(maya(cast), cast.client.id, visit_id)
    wish = replace(await calendar.wish(maya(cast), cast.client.id, clinician=calendar.okafor), moves=visit)
    held = await holding.hold(maya(cast), cast.client.id, wish, second_of(a_monday(2), hour))
    await booking.ask(maya(cast), cast.client.id, held, "")
    return held


@pytest.mark.parametrize("mark", ["arrived", "completed", "no_show", "late_cancelled"])
async def test_a_mark_ends_the_request_for_another_time(cast: Cast, calendar: Calendar, mark):
    visit = await booked(cast, calendar, a_monday(2), 9)
    wanted = await asked(cast, calendar, visit)
    with clock.shifted(days=until(at(a_monday(2), 9, 10))):
        await marking.mark(desk(cast), visit, mark, 1)
        found = await row(wanted)
        assert (found.state, found.holds) == ("declined", False) and found.read_at is not None
        assert await kinds_of_items() == []
        page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert "This request has ended" in page.words and "stays on" not in page.words
    assert "cannot offer" not in page.words and "You took" not in page.words


async def test_the_request_is_seen_where_staff_act_and_follows_the_visit(cast: Cast, calendar: Calendar):
    visit = await booked(cast, calendar, a_monday(2), 9)
    wanted = await asked(cast, calendar, visit)
    browser = await cast.browser("front_desk")
    page = await browser.get(f"/staff/schedule/visits/{visit}")
    assert "The client has asked for another time" in page.words and f"/staff/appointments/{wanted}" in page.links()
    assert "instead of" in (await browser.get("/staff/review")).words
    await placing.move(desk(cast), visit, 1, where(calendar, a_monday(2), 11))
    assert (await row(wanted)).state == "requested" and await kinds_of_items() == ["appointment.move_requested"]
    queue = (await browser.get("/staff/review")).words
    assert "11:00" in queue and "9:00" not in queue
    desk_page = (await browser.get(f"/staff/appointments/{wanted}")).words
    assert "11:00" in desk_page
    await decision.approve(TEST, wanted, 2)
    assert (await row(visit)).starts_at == at(a_monday(2), 14)


async def test_a_mark_that_is_taken_away_ends_nothing(cast: Cast, calendar: Calendar):
    visit = await booked(cast, calendar, a_monday(2), 9)
    with clock.shifted(days=until(at(a_monday(2), 9, 10))):
        await marking.mark(desk(cast), visit, "no_show", 1)
    await marking.mark(desk(cast), visit, "booked", 2)
    wanted = await asked(cast, calendar, visit)
    with clock.shifted(days=until(at(a_monday(2), 9, 10))), refused("cannot be marked so"):
        await marking.mark(desk(cast), visit, "booked", 3)
    assert (await row(wanted)).state == "requested"


async def test_who_cancels_takes_the_request_back_with_it(cast: Cast, calendar: Calendar):
    visit = await booked(cast, calendar, a_monday(2), 9)
    wanted = await asked(cast, calendar, visit)
    await keeping.cancel(maya(cast), cast.client.id, visit, "")
    found = await row(wanted)
    assert (found.state, found.holds, found.decided_by) == ("withdrawn", False, None)
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert "This request has ended" in page.words and "stays as it was" not in page.words


async def test_staff_read_their_own_words_when_the_visit_that_it_would_move_has_gone(cast: Cast, calendar: Calendar):
    visit = await booked(cast, calendar, a_monday(2), 9)
    wanted = await asked(cast, calendar, visit)
    await fetch("UPDATE appointment SET state = 'cancelled', holds = false WHERE id = {}", visit)
    with refused("The visit that this would move is not to come any more. Decline it"):
        await decision.approve(TEST, wanted, 2)
    await decision.decline(TEST, wanted, 2, "call", "")
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{wanted}")
    assert "Please call us" in page.words and "stays on" not in page.words

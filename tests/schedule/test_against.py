"""A request waits while hours change: whoever answers it reads what speaks against it by now."""

from datetime import timedelta

from portal.appointments.actions import availability, booking, holding
from portal.database import fetch
from tests.appointments.steps import Calendar, a_calendar, a_monday, maya, second_of
from tests.cast import Cast
from tests.factories import TEST


async def asked_for(cast: Cast, calendar: Calendar) -> int:
    viewer = maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), 9))
    await booking.ask(viewer, cast.client.id, held, "")
    return held


async def test_a_time_within_the_hours_needs_no_word(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await asked_for(cast, calendar)
    page = await (await cast.browser("front_desk")).get(f"/staff/appointments/{asked}")
    assert "Approve and open next" in page.words and "Look at the day" not in page.words


async def test_a_day_that_was_closed_meanwhile_is_said_before_one_approves(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday(2)
    asked = await asked_for(cast, calendar)
    await availability.add_special(TEST, calendar.okafor, monday, monday, note="Conference")
    day = f"/staff/schedule?day={monday}&clinician={calendar.okafor}"
    for part in ("front_desk", "clinician"):
        page = await (await cast.browser(part)).get(f"/staff/appointments/{asked}")
        assert "Closed on this day: Conference." in page.words and day in page.links()
    desk = await cast.browser("front_desk")
    page = await desk.get(f"/staff/appointments/{asked}")
    await desk.press(page, f"/staff/appointments/{asked}", decision="approve")
    page = await desk.get(f"/staff/appointments/{asked}")
    assert "Closed on this day" not in page.words


async def test_hours_that_were_given_up_and_a_clinician_who_left_are_said(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await asked_for(cast, calendar)
    await availability.set_hours(TEST, calendar.okafor, [])
    desk = await cast.browser("front_desk")
    page = await desk.get(f"/staff/appointments/{asked}")
    assert "outside the clinician's hours" in page.words
    await fetch("UPDATE staff_member SET is_active = false WHERE id = {}", calendar.okafor)
    page = await desk.get(f"/staff/appointments/{asked}")
    assert "This clinician is not here any more." in page.words


async def test_a_clinician_who_answers_for_another_is_not_led_to_a_calendar_of_hers(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday(2)
    asked = await asked_for(cast, calendar)
    await availability.add_special(TEST, calendar.okafor, monday, monday + timedelta(days=1))
    await fetch("UPDATE client SET principal_clinician = {} WHERE id = {}", calendar.brandt, cast.client.id)
    page = await (await cast.browser("other clinician")).get(f"/staff/appointments/{asked}")
    assert "Closed on this day." in page.words and "Look at the day" not in page.words

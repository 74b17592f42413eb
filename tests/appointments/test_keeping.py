"""A client confirms an appointment, or cancels it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.appointments.actions import booking, decision, holding, keeping, moving
from portal.appointments.queries.openings import openings
from portal.appointments.tables import Appointment
from portal.database import fetch
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, second_of
from tests.appointments.test_booking import kinds_of_items, state_of
from tests.cast import Cast
from tests.factories import TEST


async def a_booked_one(cast: Cast, calendar: Calendar, hour: int = 9) -> int:
    viewer = maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), hour))
    await booking.ask(viewer, cast.client.id, held, "")
    await decision.approve(TEST, held, 2)
    return held


async def test_what_is_booked_is_confirmed_once(cast: Cast):
    booked = await a_booked_one(cast, await a_calendar(cast))
    for _ in range(2):
        await keeping.confirm(maya(cast), cast.client.id, booked)
    assert await state_of(booked) == "confirmed"
    rows = await fetch("SELECT kind FROM event WHERE kind = 'appointment.confirmed'")
    assert len(rows) == 1


async def test_what_is_cancelled_frees_its_time_and_staff_see_it(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    booked = await a_booked_one(cast, calendar)
    await keeping.confirm(viewer, cast.client.id, booked)
    for _ in range(2):
        await keeping.cancel(viewer, cast.client.id, booked, "The car broke down")
    assert await state_of(booked) == "cancelled"
    assert await kinds_of_items() == ["appointment.cancelled"]
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    assert second_of(a_monday(2), 9) in (await openings(viewer, cast.client.id, wish)).of_day(a_monday(2))
    desk = await cast.browser("front_desk")
    page = await desk.get(f"/staff/appointments/{booked}")
    assert "The client cancelled this on" in page.words and "The car broke down" in page.words
    page = await desk.press(page, f"/staff/appointments/{booked}", decision="seen")
    assert "Seen." in page.words and await kinds_of_items() == []


async def test_within_the_practices_window_it_is_late_and_said_before(cast: Cast):
    booked = await a_booked_one(cast, await a_calendar(cast))
    path = f"/clients/{cast.client.id}/appointments/{booked}/cancellation"
    assert "late cancellation" not in (await (await cast.browser("client")).get(path)).words
    days = (second_of(a_monday(2), 9) - clock.now().timestamp()) / 86400
    with clock.shifted(days=days - 0.9):
        browser = await cast.browser("client")
        page = await browser.get(path)
        assert "counts this as a late cancellation" in page.words
        page = await browser.press(page, path, reason="Ill")
        assert page.heading == "Your appointment is cancelled"
        assert "You cancelled this appointment" in page.words and "Late cancellation" in page.pills()
    assert await state_of(booked) == "late_cancelled"


async def test_what_has_begun_is_neither_confirmed_nor_cancelled(cast: Cast):
    booked = await a_booked_one(cast, await a_calendar(cast))
    with clock.shifted(days=16):
        for act in (keeping.confirm(maya(cast), cast.client.id, booked),
                    keeping.cancel(maya(cast), cast.client.id, booked, "")):  # fmt: skip
            with pytest.raises(NotFoundException):
                await act


async def test_nobody_else_confirms_or_cancels_it(cast: Cast):
    booked = await a_booked_one(cast, await a_calendar(cast))
    for client_id in (cast.client.id, cast.other.id):
        for act in (
            keeping.confirm(jonah(cast), client_id, booked),
            keeping.cancel(jonah(cast), client_id, booked, ""),
        ):
            with pytest.raises(NotFoundException):
                await act
    assert await state_of(booked) == "booked"


async def test_a_reason_that_is_too_long_is_refused_and_kept(cast: Cast):
    booked = await a_booked_one(cast, await a_calendar(cast))
    path = f"/clients/{cast.client.id}/appointments/{booked}/cancellation"
    page = await (await cast.browser("client")).post(path, reason="y" * 301)
    assert page.status == 422 and "y" * 301 in page.text and "300 characters or fewer" in page.words
    assert await state_of(booked) == "booked"


async def test_nobody_confirms_or_cancels_a_time_that_they_have_not_seen(cast: Cast):
    """The practice moved the visit while its page was open."""
    calendar = await a_calendar(cast)
    booked = await a_booked_one(cast, calendar)
    here, browser = f"/clients/{cast.client.id}/appointments/{booked}", await cast.browser("client")
    visit, home, leaving = [await browser.get(path) for path in (here, here[:10], f"{here}/cancellation")]
    row = await Appointment.objects().get(Appointment.id == booked)
    assert row is not None
    later = timedelta(days=1)
    place = moving.Placed.of(row)
    times = {name: getattr(place, name) + later for name in ("starts_at", "ends_at", "busy_from", "busy_until")}
    await moving.move(TEST, row, replace(place, **times))
    page = await browser.press(visit, f"{here}/confirmation")
    assert "This appointment was moved meanwhile." in page.words and await state_of(booked) == "booked"
    page = await browser.press(home, f"{here}/confirmation")
    assert page.path == here and "This appointment was moved meanwhile." in page.words
    page = await browser.press(leaving, f"{here}/cancellation", reason="Away")
    assert page.status == 422 and "moved meanwhile" in page.errors[""] and page.value("reason").strip() == "Away"
    assert await state_of(booked) == "booked"
    await browser.press(page, f"{here}/cancellation")
    assert await state_of(booked) == "cancelled"

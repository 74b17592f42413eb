"""Staff offer other times than the one that was asked for, and the client takes one or none."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.access import NotFoundException, Role
from portal.appointments.actions import acceptance, booking, decision, holding, offering
from portal.appointments.actions.offering import Time
from portal.appointments.queries import history
from portal.appointments.queries.history import Filters
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, refused, second_of
from tests.appointments.test_booking import kinds_of_items, state_of
from tests.browser import Browser
from tests.cast import Cast
from tests.factories import TEST, a_member


async def a_request(cast: Cast, calendar: Calendar, hour: int = 9, *, clinician: int | None = None) -> int:
    viewer = maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=clinician or calendar.okafor)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), hour))
    await booking.ask(viewer, cast.client.id, held, "The elevator, please")
    return held


def at(calendar: Calendar, *hours: int, clinician: int | None = None) -> list[Time]:
    day = a_monday(2) + timedelta(days=1)
    return [Time(clinician or calendar.okafor, calendar.site, second_of(day, hour)) for hour in hours]


async def offered_for(request_id: int) -> list[Appointment]:
    return await Appointment.objects().where(Appointment.instead_of == request_id).order_by(Appointment.starts_at)


async def test_other_times_are_kept_and_the_request_is_answered(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    await offering.offer_others(TEST, asked, 2, at(calendar, 10, 13), "Dr. Okafor teaches on Mondays.")
    row = await Appointment.objects().get(Appointment.id == asked)
    assert row is not None and (row.state, row.holds, row.common_reason) == ("declined", False, "other")
    kept = await offered_for(asked)
    assert [(one.state, one.holds, one.wish) for one in kept] == [("offered", True, "The elevator, please")] * 2
    assert all(timedelta(hours=47) < one.held_until - clock.now() <= timedelta(hours=48) for one in kept)
    items = await fetch("SELECT outcome FROM review_item")
    assert [one["outcome"] for one in items] == ["offered"]
    kinds = [one["kind"] for one in await fetch("SELECT kind FROM event WHERE kind LIKE 'appointment%' ORDER BY id")]
    assert kinds == ["appointment.requested", "appointment.answered"]
    theirs = await calendar.wish(maya(cast), cast.client.id, clinician=calendar.okafor)
    with refused("just taken"):
        await holding.hold(maya(cast), cast.client.id, theirs, at(calendar, 10)[0].second)


async def test_the_client_books_one_and_the_others_are_free_again(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    asked = await a_request(cast, calendar)
    await offering.offer_others(TEST, asked, 2, at(calendar, 10, 13, 15), "")
    first, second, third = await offered_for(asked)
    for _ in range(2):
        assert await acceptance.accept(viewer, cast.client.id, asked, second.id) == second.id
    with refused("booked already"):
        await acceptance.accept(viewer, cast.client.id, asked, first.id)
    assert [await state_of(one.id) for one in (first, second, third)] == ["expired", "booked", "expired"]
    assert await kinds_of_items() == ["appointment.booked"]
    held = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    await holding.hold(viewer, cast.client.id, held, at(calendar, 10)[0].second)
    await decision.acknowledge(TEST, second.id)
    assert await kinds_of_items() == []
    with clock.shifted(days=30):
        told = await history.history(viewer, cast.client.id, Filters())
    assert [one.id for one in told.visits] == [second.id, asked]


async def test_the_same_hour_of_another_clinician_can_be_offered(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    same = Time(calendar.brandt, calendar.site, second_of(a_monday(2), 9))
    await offering.offer_others(TEST, asked, 2, [same, *at(calendar, 10)], "")
    kept = await offered_for(asked)
    assert await acceptance.accept(maya(cast), cast.client.id, asked, kept[0].id) == kept[0].id


async def test_who_is_elsewhere_then_by_now_chooses_another(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    asked = await a_request(cast, calendar)
    await offering.offer_others(TEST, asked, 2, at(calendar, 10, 13), "")
    kept = await offered_for(asked)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.brandt)
    held = await holding.hold(viewer, cast.client.id, wish, at(calendar, 10)[0].second)
    await booking.ask(viewer, cast.client.id, held, "")
    path = f"/clients/{cast.client.id}/appointments/{asked}"
    browser = await cast.browser("client")
    page = await browser.get(path)
    page = await browser.press(page, f"{path}/acceptance", chosen=str(kept[0].id))
    assert page.status == 422 and "another appointment at that time" in page.errors["chosen"]
    assert await state_of(kept[0].id) == await state_of(kept[1].id) == "offered"
    page = await browser.press(page, f"{path}/acceptance", chosen=str(kept[1].id))
    assert page.heading == "Your appointment is booked"


async def test_a_time_that_went_meanwhile_is_named_and_nothing_has_happened(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    ten, one = at(calendar, 10, 13)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    wish = await calendar.wish(jonah(cast), cast.other.id, clinician=calendar.okafor)
    await holding.hold(jonah(cast), cast.other.id, wish, ten.second)
    with refused("10:00\u00a0AM"):
        await offering.offer_others(TEST, asked, 2, [ten, one], "")
    assert await state_of(asked) == "requested" and await offered_for(asked) == []
    desk = await cast.browser("front_desk")
    path = f"/staff/appointments/{asked}/offer"
    page = await desk.get(path)
    ticked = [f"{time.clinician}.{time.site}.{time.second}" for time in (ten, one)]
    page = await desk.press(page, path, {"slot": ticked, "reason": "See you soon", "decision": "offer"})
    assert page.status == 422 and "10:00" in page.errors["slot"] and "1:00" not in page.errors["slot"]
    assert [box["value"] for box in page.soup.select("input[name=slot][checked]")] == ticked
    assert page.value("reason").strip() == "See you soon"


ANSWERS = {
    "withdrawn": lambda cast, asked: booking.withdraw(maya(cast), cast.client.id, asked),
    "booked": lambda cast, asked: decision.approve(TEST, asked, 2),
    "declined": lambda cast, asked: decision.decline(TEST, asked, 2, "call", ""),
}


@pytest.mark.parametrize("other", ANSWERS)
async def test_of_two_answers_one_holds(cast: Cast, other):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    offering_them = offering.offer_others(TEST, asked, 2, at(calendar, 10), "")
    told = await asyncio.gather(offering_them, ANSWERS[other](cast, asked), return_exceptions=True)
    assert all(one is None or isinstance(one, Stale) for one in told)
    is_offered = told[0] is None
    assert len(await offered_for(asked)) == is_offered
    assert await state_of(asked) == ("declined" if is_offered else other)
    assert [row["outcome"] for row in await fetch("SELECT outcome FROM review_item")] == [
        "offered" if is_offered else other
    ]


async def test_two_who_offer_one_hour_to_two_clients_keep_it_once(cast: Cast):
    calendar = await a_calendar(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    asked = await a_request(cast, calendar)
    wish = await calendar.wish(jonah(cast), cast.other.id, clinician=calendar.okafor)
    other = await holding.hold(jonah(cast), cast.other.id, wish, second_of(a_monday(2), 15))
    await booking.ask(jonah(cast), cast.other.id, other, "")
    told = await asyncio.gather(
        *(offering.offer_others(TEST, one, 2, at(calendar, 10), "") for one in (asked, other)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in told) == ["NoneType", "Refused"]
    assert (await fetch("SELECT count(*) AS n FROM appointment WHERE state = 'offered'"))[0]["n"] == 1


async def test_what_nobody_takes_lapses_and_the_client_is_told_kindly(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    asked = await a_request(cast, calendar)
    await offering.offer_others(TEST, asked, 2, at(calendar, 10, 13), "")
    path = f"/clients/{cast.client.id}/appointments"
    browser = await cast.browser("client")
    page = await browser.get(path)
    assert "The practice offers other times" in page.words and len(page.soup.select("input[name=chosen]")) == 2
    assert "Declined" not in page.words
    page = await browser.get(f"{path}/{asked}")
    assert page.pills() == ["Other times offered"]
    page = await browser.get(f"/clients/{cast.client.id}")
    assert "Choose one of the times that the practice offers" in page.words and "Kept for you" in page.words
    assert "Declined" not in page.words and "Choose another time" not in page.words
    kept = await offered_for(asked)
    answered = "SELECT id FROM event WHERE kind = 'appointment.answered' AND subject_id = {}"
    before = len(await fetch(answered, asked))
    with clock.shifted(hours=49):
        for _ in range(2):
            await acceptance.lapse_offers(TEST)
        assert len(await fetch(answered, asked)) == before + 1, "one letter, when the last of them is let go"
        browser = await cast.browser("client")
        assert "Choose another time for your appointment" in (await browser.get(f"/clients/{cast.client.id}")).words
        page = await browser.get(f"{path}/{asked}")
        assert "They are not kept for you any more" in page.words and not page.soup.select("input[name=chosen]")
        page = await browser.get(f"{path}/{kept[0].id}")
        assert page.path == f"{path}/{asked}"
        with refused("not kept for you any more"):
            await acceptance.accept(viewer, cast.client.id, asked, kept[0].id)
        assert "offers other times" not in (await browser.get(path)).words
        page = await browser.get(f"/clients/{cast.client.id}")
        assert "Choose another time" not in page.words and "Choose one of the times" not in page.words
    rows = await fetch("SELECT subject_id FROM event WHERE kind = 'appointment.offer_lapsed' ORDER BY subject_id")
    assert [row["subject_id"] for row in rows] == sorted(one.id for one in kept)


async def test_one_that_begins_soon_takes_the_others_not_along(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    asked = await a_request(cast, calendar)
    soon, later = at(calendar, 10)[0], at(calendar, 13)[0]
    begins = datetime.fromtimestamp(soon.second, UTC)
    with clock.shifted(hours=(begins - clock.now()) / timedelta(hours=1) - 2):
        await offering.offer_others(TEST, asked, 2, [soon, later], "")
        first, second = await offered_for(asked)
        assert first.held_until == begins and second.held_until == datetime.fromtimestamp(later.second, UTC)
        browser = await cast.browser("client")
        page = await browser.get(f"/clients/{cast.client.id}/appointments/{asked}")
        assert "Each is kept for you until it begins, at the latest until" in page.words
        assert "1:00\u00a0PM" in page.soup.select_one(".hint").get_text()
    with clock.shifted(hours=(begins - clock.now()) / timedelta(hours=1) + 1):
        await acceptance.lapse_offers(TEST)
        page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{asked}")
        assert [one["value"] for one in page.soup.select("input[name=chosen]")] == [str(second.id)]
        assert await acceptance.accept(viewer, cast.client.id, asked, second.id) == second.id


async def test_nothing_chosen_too_many_or_overlapping_times_are_refused(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    for times, words in ((at(calendar), "one time, two or three"), (at(calendar, 10, 11, 12, 13), "two or three")):
        with refused(words):
            await offering.offer_others(TEST, asked, 2, times, "")
    half = Time(calendar.okafor, calendar.site, at(calendar, 10)[0].second + 1800)
    with refused("overlap"):
        await offering.offer_others(TEST, asked, 2, [*at(calendar, 10), half], "")
    with refused("Just taken"):
        await offering.offer_others(TEST, asked, 2, at(calendar, 3), "")
    assert await state_of(asked) == "requested"


async def test_nobody_else_takes_them(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    await offering.offer_others(TEST, asked, 2, at(calendar, 10), "")
    kept = await offered_for(asked)
    for client_id in (cast.client.id, cast.other.id):
        with pytest.raises(NotFoundException):
            await acceptance.accept(jonah(cast), client_id, asked, kept[0].id)
    with pytest.raises(Refused):
        await acceptance.accept(maya(cast), cast.client.id, asked, None)
    assert await state_of(kept[0].id) == "offered"


async def test_another_week_is_shown_with_everything_that_was_chosen(cast: Cast):
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar)
    desk = await cast.browser("front_desk")
    path = f"/staff/appointments/{asked}/offer"
    page = await desk.get(f"/staff/appointments/{asked}")
    assert path in page.links()
    page = await desk.get(path)
    ticked = page.soup.select("input[name=slot]")[3]["value"]
    page = await desk.press(
        page, path, {"slot": [ticked], "show": a_monday(3).isoformat(), "who": str(calendar.brandt)}
    )
    assert page.status == 200 and "Chosen already" in page.words
    assert page.soup.find("select", attrs={"name": "who"}).find("option", selected=True)["value"] == str(
        calendar.brandt
    )
    assert [box["value"] for box in page.soup.select("input[name=slot][checked]")] == [ticked]
    page = await desk.press(page, path, decision="offer")
    assert "The client chooses one" in page.words
    assert len(await offered_for(asked)) == 1
    page = await desk.get(path)
    assert page.path == f"/staff/appointments/{asked}" and "Other times offered" in page.words


async def test_what_waits_too_long_is_opened_as_what_it_is(cast: Cast):
    from portal.appointments.actions import lapse

    asked = await a_request(cast, await a_calendar(cast))
    with clock.shifted(hours=49):
        await lapse.lapse(TEST)
        page = await (await cast.browser("front_desk")).get(f"/staff/appointments/{asked}")
    assert "Appointment request waits too long" in page.soup.find(id="item-h").get_text()


async def test_a_clinician_answers_for_their_own_time_whoevers_client_it_is(cast: Cast):
    """And does not get to the chart by it; a colleague whose time and client it is not finds nothing."""
    calendar = await a_calendar(cast)
    asked = await a_request(cast, calendar, clinician=calendar.brandt)
    whose = await a_member(Role.CLINICIAN, "Third", "Clinician", is_clinician=True)
    stranger = await Browser().signed_in(whose[1].id)
    assert (await stranger.get(f"/staff/appointments/{asked}")).status == 404
    brandt = await cast.browser("other clinician")
    queue = await brandt.get("/staff/review?mine=yes")
    assert "Appointment request" in queue.words and str(queue.links()).count(f"/staff/appointments/{asked}") == 1
    page = await brandt.get(f"/staff/appointments/{asked}")
    assert "Maya Reyes" in page.words and f"/staff/clients/{cast.client.id}" not in page.links()
    page = await brandt.press(page, f"/staff/appointments/{asked}", decision="approve")
    assert await state_of(asked) == "booked" and await kinds_of_items() == []
    assert (await brandt.get(f"/staff/clients/{cast.client.id}")).status == 404

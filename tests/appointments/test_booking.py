"""From a free time to a booked one."""

import asyncio
from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.appointments.actions import availability, booking, decision, holding, lapse, types
from portal.appointments.actions.availability import Open
from portal.appointments.actions.types import TypeDraft
from portal.appointments.queries import offers
from portal.appointments.queries.openings import Wish, openings
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.practice import switches
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.appointments.steps import a_calendar, a_monday, a_site, jonah, maya, of, refused, said, second_of
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, an_account


async def state_of(appointment_id: int) -> str:
    row = await Appointment.objects().get(Appointment.id == appointment_id)
    assert row is not None
    return str(row.state)


async def test_times_are_offered_within_hours_and_with_time_kept_after_them(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    found = await openings(viewer, cast.client.id, await calendar.wish(viewer, cast.client.id))
    times = found.of_day(a_monday())
    assert times[0] == second_of(a_monday(), 9) and times[1] - times[0] == 1800
    assert times[-1] == second_of(a_monday(), 16)
    assert found.of_day(a_monday() + timedelta(days=5)) == []


async def test_a_held_time_is_gone_for_others_and_free_for_whom_it_is_held(cast: Cast):
    calendar, viewer, other = await a_calendar(cast), maya(cast), jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    nine = second_of(a_monday(), 9)
    mine = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    theirs = await calendar.wish(other, cast.other.id, clinician=calendar.okafor)
    await holding.hold(viewer, cast.client.id, mine, nine)
    assert nine in (await openings(viewer, cast.client.id, mine)).of_day(a_monday())
    free = (await openings(other, cast.other.id, theirs)).of_day(a_monday())
    assert free[0] == second_of(a_monday(), 10)
    with refused("just taken"):
        await holding.hold(other, cast.other.id, theirs, nine)
    with clock.shifted(minutes=11):
        await holding.hold(other, cast.other.id, theirs, nine)


async def test_who_chooses_another_time_lets_the_first_one_go(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    first = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    second = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9, 30))
    assert [row["id"] for row in await fetch("SELECT id FROM appointment")] == [second] == [first]


async def test_anybody_is_ones_own_clinician_first_and_then_whoever_is_free(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    nine = second_of(a_monday(), 9)
    held = await holding.hold(viewer, cast.client.id, wish, nine)
    assert (await fetch("SELECT clinician FROM appointment"))[0]["clinician"] == calendar.okafor
    await booking.ask(viewer, cast.client.id, held, "")
    other = jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    theirs = await holding.hold(other, cast.other.id, await calendar.wish(other, cast.other.id), nine)
    row = await Appointment.objects().get(Appointment.id == theirs)
    assert row is not None and row.clinician == calendar.brandt


async def test_what_was_asked_for_waits_in_the_queue_and_is_approved_once(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    assert await booking.ask(viewer, cast.client.id, held, "The elevator, please") == "requested"
    assert await booking.ask(viewer, cast.client.id, held, "The elevator, please") == "requested"
    rows = await fetch("SELECT kind, client, url FROM review_item WHERE settled_at IS NULL")
    assert rows == [{"kind": "appointment.requested", "client": cast.client.id, "url": f"/staff/appointments/{held}"}]
    await decision.approve(TEST, held, 2)
    assert await state_of(held) == "booked"
    with pytest.raises(Stale):
        await decision.decline(TEST, held, 2, "call", "")
    kinds = [row["kind"] for row in await fetch("SELECT kind FROM event WHERE kind LIKE 'appointment%' ORDER BY id")]
    assert kinds == ["appointment.requested", "appointment.answered"]


async def test_what_was_declined_frees_its_time_and_says_why(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    nine = second_of(a_monday(), 9)
    held = await holding.hold(viewer, cast.client.id, wish, nine)
    await booking.ask(viewer, cast.client.id, held, "")
    with refused("choose a reason"):
        await decision.decline(TEST, held, 2, "", "")
    await decision.decline(TEST, held, 2, "clinician", "")
    assert nine in (await openings(viewer, cast.client.id, wish)).of_day(a_monday())


async def test_a_request_that_was_taken_back_is_settled_and_its_time_is_free(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    await booking.ask(viewer, cast.client.id, held, "")
    for _ in range(2):
        await booking.withdraw(viewer, cast.client.id, held)
    assert await state_of(held) == "withdrawn"
    assert await fetch("SELECT id FROM review_item WHERE settled_at IS NULL") == []
    with pytest.raises(Stale):
        await decision.approve(TEST, held, 2)


async def test_a_type_that_needs_no_approval_is_booked_at_once_and_shown_to_staff(cast: Cast):
    calendar, viewer = await a_calendar(cast, is_booked_at_once=True), maya(cast)
    held = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), second_of(a_monday(), 9)
    )
    assert await booking.ask(viewer, cast.client.id, held, "") == "booked"
    assert (await fetch("SELECT kind FROM review_item"))[0]["kind"] == "appointment.booked"
    await decision.acknowledge(TEST, held)


async def test_a_client_is_not_in_two_places_at_once(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    nine = second_of(a_monday(), 9)
    held = await holding.hold(viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), nine)
    await booking.ask(viewer, cast.client.id, held, "")
    other = await calendar.wish(viewer, cast.client.id, clinician=calendar.brandt)
    assert nine not in (await openings(viewer, cast.client.id, other)).of_day(a_monday())
    with refused("just taken"):
        await holding.hold(viewer, cast.client.id, other, nine)


async def test_so_many_requests_wait_and_no_more(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    await switches.turn(TEST, "appointments.most_open", "1")
    wish = await calendar.wish(viewer, cast.client.id)
    browser, first = await cast.browser("client"), f"/clients/{cast.client.id}/appointments/book"
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    assert "for the practice already" not in (await browser.get(first)).words
    await booking.ask(viewer, cast.client.id, held, "")
    assert "for the practice already" in (await browser.get(first)).words, "before one looks for a time"
    another = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 11))
    with refused("You have a request that waits"):
        await booking.ask(viewer, cast.client.id, another, "")


async def test_where_clients_do_not_book_there_is_nothing(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    await switches.turn(TEST, "appointments.clients_book", "no")
    with pytest.raises(NotFoundException):
        await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))


async def test_who_is_offered_what(cast: Cast):
    calendar = await a_calendar(cast)
    assert len(await offered(maya(cast), cast.client.id)) == 1
    assert await offered(jonah(cast), cast.other.id) == []
    for name, who in (("Intake", "new"), ("For all", "everybody"), ("By phone only", "nobody")):
        await types.save(TEST, None, TypeDraft(name, booked_by=who))
    assert await offered(maya(cast), cast.client.id) == ["For all", "Individual session"]
    assert await offered(jonah(cast), cast.other.id) == ["For all", "Intake"]
    draft = TypeDraft("Individual session", clinicians=frozenset({calendar.brandt}))
    await types.save(TEST, calendar.session, draft)
    found = await openings(maya(cast), cast.client.id, await calendar.wish(maya(cast), cast.client.id))
    assert {one.clinician for one in found.calendars} == {calendar.brandt}


async def offered(viewer, client_id: int) -> list[str]:
    return [one.name for one in await offers.offers(viewer, client_id)]


@pytest.mark.parametrize("people", [12, pytest.param(200, marks=pytest.mark.torture)])
async def test_of_many_who_want_one_time_one_gets_it(cast: Cast, people):
    """The others hear so, and the database holds one."""
    calendar = await a_calendar(cast)
    nine, wants = second_of(a_monday(), 9), []
    for place in range(people):
        chart = await a_client(f"Given{place}", "Family", principal_clinician=calendar.okafor)
        account = await an_account(f"c{place}@example.com", name=f"Client {place}")
        await a_grant(account, chart)
        cast.accounts[f"c{place}"] = account
        viewer = of(cast, f"c{place}", chart.id)
        wish = Wish(await calendar.offer(viewer, chart.id), "telehealth", calendar.okafor)
        wants.append((viewer, chart.id, wish))

    async def want(viewer, client_id, wish):
        try:
            return await booking.ask(viewer, client_id, await holding.hold(viewer, client_id, wish, nine), "")
        except Refused as refusal:
            return said(refusal)

    told = await asyncio.gather(*(want(*one) for one in wants))
    assert told.count("requested") == 1
    assert sum("just taken" in one for one in told) == people - 1
    assert (await fetch("SELECT count(*) AS n FROM appointment"))[0]["n"] == 1
    assert (await fetch("SELECT count(*) AS n FROM review_item"))[0]["n"] == 1


async def test_a_request_that_waits_too_long_frees_its_time_and_everybody_is_told(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor)
    nine = second_of(a_monday(2), 9)
    held = await holding.hold(viewer, cast.client.id, wish, nine)
    await booking.ask(viewer, cast.client.id, held, "")
    await lapse.lapse(TEST)
    assert await kinds_of_items() == ["appointment.requested"]
    with clock.shifted(hours=49):
        for _ in range(2):
            await lapse.lapse(TEST)
        assert nine in (await openings(viewer, cast.client.id, wish)).of_day(a_monday(2))
    assert await kinds_of_items() == ["appointment.overdue"]
    assert await state_of(held) == "requested"
    await decision.approve(TEST, held, 2)
    assert await kinds_of_items() == []


async def test_a_request_whose_time_was_given_away_meanwhile_is_not_approved(cast: Cast):
    calendar, viewer, other = await a_calendar(cast), maya(cast), jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    nine = second_of(a_monday(2), 9)
    first = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id, clinician=calendar.okafor), nine
    )
    await booking.ask(viewer, cast.client.id, first, "")
    with clock.shifted(hours=49):
        await lapse.lapse(TEST)
        wish = await calendar.wish(other, cast.other.id, clinician=calendar.okafor)
        await booking.ask(other, cast.other.id, await holding.hold(other, cast.other.id, wish, nine), "")
        with refused("Somebody else has that time"):
            await decision.approve(TEST, first, 2)
        assert await state_of(first) == "requested"


async def test_a_request_whose_time_has_come_is_over(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    await booking.ask(viewer, cast.client.id, held, "")
    with clock.shifted(days=15):
        await lapse.lapse(TEST)
    assert await state_of(held) == "expired" and await kinds_of_items() == []


async def test_what_is_held_and_left_is_forgotten(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), 9))
    await holding.forget_holds(TEST)
    with clock.shifted(minutes=30):
        await holding.forget_holds(TEST)
    assert await state_of(held) == "held"
    with clock.shifted(minutes=75):
        await holding.forget_holds(TEST)
    assert await fetch("SELECT id FROM appointment") == []
    with pytest.raises(NotFoundException):
        await booking.ask(viewer, cast.client.id, held, "")


async def kinds_of_items() -> list[str]:
    return [row["kind"] for row in await fetch("SELECT kind FROM review_item WHERE settled_at IS NULL ORDER BY kind")]


async def test_extra_hours_are_offered_where_the_week_has_none(cast: Cast):
    """On a Saturday, at another office."""
    calendar, viewer = await a_calendar(cast), maya(cast)
    saturday, other = a_monday() + timedelta(days=5), await a_site("Severna Park")
    hours = Open(5, 540, 660, other, ("in_person",))
    await availability.add_special(TEST, calendar.okafor, saturday, saturday, open_hours=hours)
    wish = Wish(await calendar.offer(viewer, cast.client.id), "in_person", calendar.okafor)
    found = await openings(viewer, cast.client.id, wish)
    assert found.of_day(saturday) == [second_of(saturday, 9), second_of(saturday, 9, 30), second_of(saturday, 10)]
    assert [one.site for one in found.who(second_of(saturday, 9))] == [other]
    places = (await offers.around(viewer, cast.client.id, calendar.session, "in_person")).places
    assert {one.id for one in places} == {calendar.site, other}


async def test_the_queue_says_who_would_see_the_client_where_that_is_not_their_own_clinician(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    desk = await cast.browser("front_desk")
    for clinician, hour, words in ((calendar.okafor, 9, ""), (calendar.brandt, 11, " · with Elias Brandt")):
        wish = await calendar.wish(viewer, cast.client.id, clinician=clinician)
        held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(), hour))
        await booking.ask(viewer, cast.client.id, held, "")
        page = await desk.get("/staff/review")
        lines = [one.get_text().replace("\u00a0", " ") for one in page.soup.select(".queue .what small")]
        assert lines[-1].endswith(f"{hour}:00 AM · Telehealth{words}")
    await desk.post("/language", language="es", next="/")
    assert "con Elias Brandt" in (await desk.get("/staff/review")).words

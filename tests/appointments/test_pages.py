"""Booking as a browser without scripts sees it, and what each page asks of the database."""

from datetime import timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.appointments.actions import availability, booking, holding, types
from portal.appointments.actions.types import TypeDraft
from portal.appointments.tables import Appointment
from portal.database import fetch
from tests.appointments.steps import a_calendar, a_monday, at, jonah, maya, second_of
from tests.cast import Cast
from tests.factories import TEST, a_member
from tests.test_queries import asked

# The session, what is offered, who and where, hours, special hours, what is taken, and how many messages are unread.
OF_A_WEEK = 7
# The session, the appointments, what the wait list says, and how many messages are unread.
OF_A_LIST = 4


def times(cast: Cast, calendar, **more: object) -> str:
    told = {"type": calendar.session, "how": "telehealth", **more}
    return f"/clients/{cast.client.id}/appointments/book/time?" + "&".join(f"{name}={told[name]}" for name in told)


async def test_a_week_costs_the_same_for_two_clinicians_and_for_thirty(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await cast.browser("client")
    assert await asked(browser, times(cast, calendar)) == OF_A_WEEK
    for place in range(30):
        member, _ = await a_member(Role.CLINICIAN, f"Given{place}", "More", is_clinician=True)
        await availability.set_hours(TEST, member.id, at(calendar.site))
    assert await asked(browser, times(cast, calendar)) == OF_A_WEEK


async def test_the_list_costs_the_same_for_one_and_for_thirty(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    path = f"/clients/{cast.client.id}/appointments"
    await an_appointment(cast, calendar, 0)
    one = await asked(browser, path)
    for place in range(1, 30):
        await an_appointment(cast, calendar, place)
    page = await browser.get(path)
    assert page.text.count("Booked") == 30
    assert await asked(browser, path) == one == OF_A_LIST


async def an_appointment(cast: Cast, calendar, place: int, client: int | None = None) -> Appointment:
    starts = clock.now() + timedelta(days=1, hours=2 * place)
    row = Appointment(
        client=client or cast.client.id, clinician=calendar.okafor, site=calendar.site, type=calendar.session,
        contact_type="phone", starts_at=starts, ends_at=starts + timedelta(minutes=50), busy_from=starts,
        busy_until=starts + timedelta(minutes=60), time_zone="America/New_York", state="booked", made_at=clock.now(),
    )  # fmt: skip
    await row.save()
    return row


@pytest.mark.parametrize("slot", ["", "now", "2026-13-45T99:99", "2031-01-06T09:00-05:00", "2026-11-30T09:00"])
async def test_a_time_that_is_none_is_refused_and_the_week_stays(cast: Cast, slot):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    monday = a_monday(2).isoformat()
    form = {"type": calendar.session, "how": "telehealth", "week": monday, "slot": slot}
    page = await browser.post(times(cast, calendar), **form)
    assert page.status == 422
    assert "Choose a time" in page.text or "just taken" in page.text
    assert a_monday(2).strftime("%B %-d") in page.text
    assert await fetch("SELECT id FROM appointment") == []


@pytest.mark.parametrize(
    "query",
    [
        "type=99&how=telehealth",
        "type=x&how=y",
        "how=telehealth&week=nonsense",
        "clinician=99999&site=77",
        "week=9999-12-31",
    ],
)
async def test_an_address_that_somebody_made_up_is_no_error(cast: Cast, query):
    await a_calendar(cast)
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}/appointments/book/time?{query}")
    assert page.status in (200, 422)


async def test_a_held_time_is_nobody_elses_to_check_or_to_read(cast: Cast):
    calendar = await a_calendar(cast)
    viewer = maya(cast)
    held = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), second_of(a_monday(), 9)
    )
    other = await cast.browser("stranger")
    for client_id in (cast.client.id, cast.other.id):
        for path in ("", "/check"):
            page = await other.get(f"/clients/{client_id}/appointments/{held}{path}")
            assert page.status == 404
        for path in ("/check", "/withdrawal"):
            page = await other.post(f"/clients/{client_id}/appointments/{held}{path}", wish="")
            assert page.status in (303, 404)
    row = await Appointment.objects().get(Appointment.id == held)
    assert row is not None and row.state == "held"
    desk = await cast.browser(str(Role.FRONT_DESK))
    assert (await desk.get(f"/staff/appointments/{held}")).status == 404
    assert jonah(cast).account_id != viewer.account_id


async def test_the_words_one_typed_stay_when_the_time_has_gone(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    browser = await cast.browser("client")
    held = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), second_of(a_monday(), 9)
    )
    page = await browser.post(f"/clients/{cast.client.id}/appointments/{held}/check", wish="x" * 501)
    assert page.status == 422 and "x" * 501 in page.text and "500 characters or fewer" in page.text
    with clock.shifted(minutes=12):
        again = await cast.browser("client")
        page = await again.post(f"/clients/{cast.client.id}/appointments/{held}/check", wish="Ground floor")
    assert page.status == 200 and "Your request was sent" in page.text and "Ground floor" in page.text


async def test_a_clinician_sees_requests_of_their_own_clients_only(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    held = await holding.hold(
        viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), second_of(a_monday(), 9)
    )
    await booking.ask(viewer, cast.client.id, held, "")
    for part, status in (("clinician", 200), ("other clinician", 404), (str(Role.BILLER), 404), ("client", 404)):
        browser = await cast.browser(part)
        assert (await browser.get(f"/staff/appointments/{held}")).status == status
        page = await browser.post(f"/staff/appointments/{held}", decision="nonsense", version="2")
        assert page.status == 404


async def test_another_time_keeps_what_was_written_and_old_pages_stay_good(cast: Cast):
    calendar, viewer = await a_calendar(cast), maya(cast)
    browser = await cast.browser("client")
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), 9))
    here = f"/clients/{cast.client.id}/appointments/{held}/check"
    first = await browser.get(here)
    page = await browser.press(first, here, wish="The elevator, please", act="again")
    assert page.path.startswith(f"/clients/{cast.client.id}/appointments/book/time") and str(a_monday(2)) in page.path
    assert await holding.hold(viewer, cast.client.id, wish, second_of(a_monday(2), 11)) == held
    page = await browser.get(here)
    assert page.value("wish").strip() == "The elevator, please" and "11:00" in page.words
    page = await browser.press(first, here, wish="The elevator, please")
    assert page.status == 422 and "You have chosen another time since." in page.errors[""]
    page = await browser.press(page, here)
    assert "Your request was sent" in page.words and "The elevator, please" in page.words and "11:00" in page.words


async def test_both_things_to_choose_are_asked_for_at_once(cast: Cast):
    await a_calendar(cast)
    await types.save(TEST, None, TypeDraft("Check-in call", contact_types=("phone",)))
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}/appointments/book/time")
    assert page.status == 422 and sorted(page.errors) == ["how", "type"]
    page = await browser.get(f"/clients/{cast.client.id}/appointments/book/time?how=phone")
    assert page.status == 422 and list(page.errors) == ["type"]


async def test_the_list_says_where_one_goes_and_only_where_one_goes(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    row, path = await an_appointment(cast, calendar, 0), f"/clients/{cast.client.id}/appointments"
    assert "12 Harbor Lane" not in (await browser.get(path)).words
    row.contact_type = "in_person"
    await row.save()
    assert "Annapolis, 12 Harbor Lane, Annapolis" in (await browser.get(path)).words


async def test_change_leads_back_to_the_week_of_the_time_that_is_held(cast: Cast):
    calendar, viewer, day = await a_calendar(cast), maya(cast), a_monday(3)
    wish = await calendar.wish(viewer, cast.client.id)
    held = await holding.hold(viewer, cast.client.id, wish, second_of(day, 9))
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}/appointments/{held}/check")
    assert times(cast, calendar, week=day) in page.links()


async def test_who_narrows_the_times_stays_at_the_choice_and_who_turns_the_page_is_taken_to_it(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await cast.browser("client", htmx=True)
    page = await browser.get(times(cast, calendar, clinician=calendar.okafor, site=""))
    assert page.soup.select("[data-focus-here]") == []
    page = await browser.get(times(cast, calendar, week=a_monday(2)))
    assert page.soup.select_one("[data-focus-here]")["id"] == "week"

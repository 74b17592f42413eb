"""One visit: marked, cancelled by the practice, and by whom."""

import asyncio
import re
from datetime import timedelta

import pytest

from portal import clock, consequences
from portal.access import NotFoundException, Reach, Role
from portal.appointments.actions import holding, keeping
from portal.appointments.tables import Appointment, State
from portal.database import fetch, transaction
from portal.language import written_date
from portal.notifications import letters as letter_of
from portal.outbox import Event
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule import heard
from portal.schedule.actions import calling_off, marking, placing
from portal.schedule.queries import people
from tests.appointments.steps import a_calendar, a_monday, a_site, jonah, maya, refused, second_of
from tests.appointments.test_booking import kinds_of_items
from tests.cast import Cast
from tests.factories import a_client
from tests.schedule.steps import at, booked, desk, kinds, row, staff, until, where


async def follow_all() -> None:
    """What has happened to appointments, one after the other."""
    for event in await Event.objects().where(Event.kind.like("appointment%")).order_by(Event.id):
        await consequences.follow(event)


async def test_a_visit_is_marked_as_its_day_goes_and_back_when_it_was_wrong(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    with clock.shifted(days=until(at(monday, 9))):
        await marking.mark(desk(cast), visit, "arrived", 1)
        assert (await row(visit)).arrived_at is not None
        await marking.mark(desk(cast), visit, "booked", 2)
        assert (await row(visit)).arrived_at is None
        await marking.mark(desk(cast), visit, "no_show", 3)
        found = await row(visit)
        assert found.state == "no_show" and not found.holds
        await marking.mark(desk(cast), visit, "arrived", 4)
        await marking.mark(desk(cast), visit, "completed", 5)
        found = await row(visit)
        assert found.state == "completed" and found.holds and found.arrived_at is not None
    assert (await kinds()) == ["appointment.placed", *["appointment.marked"] * 5]
    acts = await fetch(
        "SELECT act FROM audit_row WHERE subject_id = {} AND act LIKE 'appointment.%' ORDER BY id", visit
    )
    assert [one["act"].partition(".")[2] for one in acts] == [
        "placed", "arrived", "unmarked", "no_show", "arrived", "completed",
    ]  # fmt: skip


async def test_what_is_to_come_is_not_marked_as_over(cast: Cast):
    visit = await booked(cast, await a_calendar(cast), a_monday(), 9)
    with refused("too early"):
        await marking.mark(desk(cast), visit, "completed", 1)
    with refused("cannot be marked so"):
        await marking.mark(desk(cast), visit, "moved", 1)
    assert (await row(visit)).state == "booked"


async def test_staff_are_told_that_the_client_is_told_only_where_somebody_is(cast: Cast):
    """Maya reads; Tove has nobody in the portal; and of what is over nobody is told."""
    calendar, monday = await a_calendar(cast), a_monday()
    tove = await a_client("Tove", "Lindqvist", principal_clinician=calendar.okafor)
    browser = await cast.browser("front_desk")
    for client, words in ((cast.client.id, "The client is told that something changed, and reads why"),
                          (tove.id, "Nobody uses the portal for this client: call them.")):  # fmt: skip
        visit = await booked(cast, calendar, monday, 9 if client == tove.id else 11, client=client)
        path = f"/staff/schedule/visits/{visit}"
        page = await browser.press(await browser.get(path), f"{path}/cancellation", reason="Sorry")
        assert f"Cancelled. {words}" in page.words
        assert ("call them" in page.words) == (client == tove.id)
    await fetch("UPDATE access_grant SET areas = ARRAY['billing'] WHERE client = {}", cast.client.id)
    assert not await people.is_heard(desk(cast), cast.client.id)
    gone = await booked(cast, calendar, monday, 14)
    with clock.shifted(days=until(at(monday, 17))):
        await calling_off.call_off(desk(cast), gone, 1, "ill", "")
        assert await heard.told(desk(cast), gone, "Cancelled.", heard.READS_WHY) == "Cancelled."


async def test_of_a_series_the_later_ones_are_news_when_the_first_is_over(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    first = await booked(cast, calendar, monday, 9, many=[monday, monday + timedelta(weeks=1)])
    with clock.shifted(days=until(at(monday, 17))):
        assert await heard.told(desk(cast), first, "Done.", heard.SOMETHING_CHANGED) == "Done."
        told = await heard.told(desk(cast), first, "Done.", heard.SOMETHING_CHANGED, with_later=True)
        assert told == "Done. The client is told that something changed."


async def test_of_two_desks_who_mark_at_once_one_does(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    with clock.shifted(days=until(at(monday, 9))):
        told = await asyncio.gather(
            marking.mark(desk(cast), visit, "arrived", 1),
            marking.mark(staff(cast, Role.SUPERVISOR), visit, "no_show", 1),
            return_exceptions=True,
        )
    assert sorted(type(one) for one in told if one is not None) == [Stale]
    assert (await row(visit)).version == 2


async def test_a_mark_is_not_taken_away_when_the_time_is_somebody_elses(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    with clock.shifted(days=until(at(monday, 8))):
        await marking.mark(desk(cast), visit, "late_cancelled", 1)
    await booked(cast, calendar, monday, 9, client=cast.other.id)
    with refused("given to somebody else"):
        await marking.mark(desk(cast), visit, "booked", 2)
    assert (await row(visit)).state == "late_cancelled"


async def test_a_client_who_cancelled_is_told_that_it_is_on_again(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    with clock.shifted(days=until(at(monday, 8))):
        await keeping.cancel(maya(cast), cast.client.id, visit, "Ill")
        assert await kinds_of_items() == ["appointment.cancelled"]
        await marking.mark(desk(cast), visit, "booked", 2)
    found = await row(visit)
    assert (found.state, found.reason, found.read_at) == ("booked", "", None)
    assert (await kinds())[-1] == "appointment.restored" and await kinds_of_items() == []


async def test_a_late_cancellation_is_asked_twice_and_only_within_the_window(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    path = f"/staff/schedule/visits/{visit}"
    with clock.shifted(days=until(at(monday - timedelta(days=2), 8))):
        browser = await cast.browser("front_desk")
        page = await browser.get(path)
        assert "Late cancellation" not in page.words
        page = await browser.post(f"{path}/mark", version=1, to="late_cancelled")
        assert page.status == 422 and "too early for a late cancellation" in page.words
        assert (await row(visit)).state == "booked"
    with clock.shifted(days=until(at(monday, 8))):
        browser = await cast.browser("front_desk")
        page = await browser.get(path)
        [button] = page.soup.select("button[value=late_cancelled]")
        assert button.find_parent("details")["class"] == ["sure"]
        page = await browser.post(f"{path}/mark", version=1, to="late_cancelled")
        assert "Late cancellation" in page.pills()


async def test_the_client_is_told_of_a_late_cancellation_and_not_that_they_did_it(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    with clock.shifted(days=until(at(monday, 8))):
        await follow_all()
        await marking.mark(desk(cast), visit, "late_cancelled", 1)
        await follow_all()
        letters = await fetch("SELECT kind, address FROM delivery")
        assert letters == [{"kind": "appointment-changed", "address": "maya@example.com"}] * 2
        assert await letter_of.changed(visit) is not None
        client = await cast.browser("client")
        assert "Late cancellation" in (await client.get(f"/clients/{cast.client.id}/appointments")).pills()
        words = (await client.get(f"/clients/{cast.client.id}/appointments/{visit}")).words
    assert "This was marked as a late cancellation" in words and "You cancelled" not in words
    assert "had to cancel" not in words and await letter_of.changed(visit) is None


async def test_who_cancels_late_themselves_reads_that_they_did(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    with clock.shifted(days=until(at(monday, 8))):
        await keeping.cancel(maya(cast), cast.client.id, visit, "Ill")
        page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{visit}")
    assert "You cancelled this appointment" in page.words and "was marked" not in page.words


async def test_the_practice_cancels_and_the_client_reads_why(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    path = f"/staff/schedule/visits/{visit}"
    browser = await cast.browser("front_desk")
    page = await browser.press(await browser.get(path), f"{path}/cancellation", common_reason="", reason=" ")
    assert page.status == 422 and page.errors["reason"] == "Say why: choose a reason, or write one"
    assert page.soup.select_one("details.sure")["open"] == ""
    page = await browser.press(page, f"{path}/cancellation", common_reason="ill", reason="Please call us")
    assert page.status == 200 and "Cancelled" in page.pills()
    found = await row(visit)
    assert (found.state, found.holds, found.read_at) == ("cancelled", False, None)
    client = await cast.browser("client")
    assert "Cancelled" in (await client.get(f"/clients/{cast.client.id}/appointments")).pills()
    words = (await client.get(f"/clients/{cast.client.id}/appointments/{visit}")).words
    assert "The practice had to cancel this appointment" in words
    assert "The clinician is ill. Please call us" in words and "You cancelled" not in words
    assert "Cancelled" not in (await client.get(f"/clients/{cast.client.id}/appointments")).pills()


async def test_what_was_asked_for_in_its_place_ends_with_it(cast: Cast):
    """A request to move it, an offer, and what somebody holds while choosing."""
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    others = {}
    for place, state in enumerate((State.REQUESTED, State.OFFERED)):
        begins = at(monday, 11 + place)
        other = Appointment(
            client=cast.client.id, clinician=calendar.okafor, site=calendar.site, type=calendar.session, moves=visit,
            contact_type="phone", starts_at=begins, ends_at=begins + timedelta(minutes=50), busy_from=begins,
            busy_until=begins + timedelta(minutes=60), time_zone="America/New_York", state=state, made_at=clock.now(),
        )  # fmt: skip
        await other.save()
        others[state] = other.id
    await fetch(
        "INSERT INTO review_item (kind, subject_id, client, url, about, opened_at, outcome, reason)"
        " VALUES ('appointment.requested', {}, {}, '/', '', now(), '', '')", others[State.REQUESTED], cast.client.id,
    )  # fmt: skip
    await calling_off.call_off(desk(cast), visit, 1, "closed", "")
    for asked, ended in ((State.REQUESTED, "declined"), (State.OFFERED, "expired")):
        found = await row(others[asked])
        assert (found.state, found.holds) == (ended, False) and found.read_at is not None
    assert await kinds_of_items() == []


@pytest.mark.parametrize("version", [0, 2, 99])
async def test_what_was_changed_meanwhile_is_not_cancelled(cast: Cast, version):
    visit = await booked(cast, await a_calendar(cast), a_monday(), 9)
    with pytest.raises(Stale):
        await calling_off.call_off(desk(cast), visit, version, "ill", "")
    path = f"/staff/schedule/visits/{visit}"
    browser = await cast.browser("front_desk")
    page = await browser.post(f"{path}/cancellation", version=version, reason="Sorry about that")
    assert page.status == 409 and "Somebody changed this meanwhile" in page.words and "Sorry about that" in page.text
    assert (await row(visit)).state == "booked"


async def test_one_of_a_series_is_cancelled_or_it_with_all_later_ones(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    days = [monday + timedelta(weeks=place) for place in range(5)]
    first = await booked(cast, calendar, monday, 9, many=days)
    ids = [one["id"] for one in await fetch("SELECT id FROM appointment ORDER BY starts_at")]
    browser = await cast.browser("front_desk")
    page = await browser.get(f"/staff/schedule/visits/{first}")
    assert "Every week, until" in page.words and "This and all later ones (5 in all)" in page.words
    assert await calling_off.call_off(desk(cast), ids[1], 1, "ill", "") == 1
    assert await calling_off.call_off(desk(cast), ids[2], 1, "away", "", with_later=True) == 3
    states = [one["state"] for one in await fetch("SELECT state FROM appointment ORDER BY starts_at")]
    assert states == ["booked", *["cancelled"] * 4]


async def test_who_is_here_is_not_cancelled_with_the_later_ones(cast: Cast):
    """The words beside the button say how many are, and as many are."""
    calendar, monday = await a_calendar(cast), a_monday()
    first = await booked(cast, calendar, monday, 9, many=[monday + timedelta(weeks=place) for place in range(4)])
    path = f"/staff/schedule/visits/{first}"
    with clock.shifted(days=until(at(monday, 9))):
        browser = await cast.browser("front_desk")
        assert "This and all later ones (4 in all)" in (await browser.get(path)).words
        await marking.mark(desk(cast), first, "arrived", 1)
        page = await browser.get(path)
        assert "All later ones (3 visits), not this one" in page.words and "in all)" not in page.words
        page = await browser.press(page, f"{path}/cancellation", scope="later", reason="Sorry")
        assert "3 visits are cancelled" in page.words
    states = [one["state"] for one in await fetch("SELECT state FROM appointment ORDER BY starts_at")]
    assert states == ["arrived", *["cancelled"] * 3]


async def test_where_nothing_later_stands_an_arrived_visit_stays(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    first = await booked(cast, calendar, monday, 9, many=[monday, monday + timedelta(weeks=1)])
    with clock.shifted(days=until(at(monday, 9))):
        await marking.mark(desk(cast), first, "arrived", 1)
        assert await calling_off.call_off(desk(cast), first, 2, "ill", "", with_later=True) == 1
        with pytest.raises(Stale):
            await calling_off.call_off(desk(cast), first, 2, "ill", "", with_later=True)
    assert (await row(first)).state == "arrived"


async def test_one_letter_tells_of_many_changes_and_says_nothing_of_them(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await booked(cast, calendar, monday, 9, many=[monday + timedelta(weeks=place) for place in range(4)])
    first = (await fetch("SELECT min(id) AS id FROM appointment"))[0]["id"]
    await calling_off.call_off(desk(cast), first, 1, "ill", "", with_later=True)
    await follow_all()
    await follow_all()
    letters = await fetch("SELECT kind, address FROM delivery")
    assert letters == [{"kind": "appointment-changed", "address": "maya@example.com"}]


async def test_workers_who_tell_of_one_series_at_once_write_one_letter(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    first = await booked(cast, calendar, monday, 9, many=[monday + timedelta(weeks=place) for place in range(6)])
    await follow_all()
    await calling_off.call_off(desk(cast), first, 1, "ill", "", with_later=True)
    events = await Event.objects().where(Event.kind == "appointment.called_off")

    all_are_there = asyncio.Barrier(6)

    async def worker(event: Event) -> None:
        async with transaction():
            await fetch("SELECT 1")
            await all_are_there.wait()
            await consequences.follow(event)

    assert len(events) == 6
    await asyncio.gather(*(worker(event) for event in events))
    letters = await fetch("SELECT kind, address FROM delivery")
    assert letters == [{"kind": "appointment-changed", "address": "maya@example.com"}] * 2


async def test_a_visit_that_is_over_does_not_stand_for_those_to_come(cast: Cast):
    """Its letter would not be sent."""
    calendar, monday = await a_calendar(cast), a_monday()
    first = await booked(cast, calendar, monday, 9, many=[monday, monday + timedelta(weeks=1)])
    with clock.shifted(days=until(at(monday, 12))):
        await calling_off.call_off(desk(cast), first, 1, "ill", "", with_later=True)
        await follow_all()
        [letter] = await fetch("SELECT subject_id FROM delivery")
        assert letter["subject_id"] != first and await letter_of.changed(letter["subject_id"]) is not None


async def test_who_may_do_what_with_a_visit(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9, client=cast.other.id)
    seen = {"clinician": 200, "front_desk": 200, "supervisor": 200, "administrator": 200}
    path = f"/staff/schedule/visits/{visit}"
    for part in cast.parts:
        if part == "signed out":
            continue
        browser = await cast.browser(part)
        for place in (path, f"{path}/move"):
            assert (await browser.get(place)).status == seen.get(part, 404), (part, place)
        if part not in seen:
            for act in ("mark", "cancellation", "move"):
                assert (await browser.post(f"{path}/{act}", version=1, to="late_cancelled", reason="x")).status == 404
    assert (await row(visit)).version == 1
    clinician = await (await cast.browser("clinician")).get(path)
    assert "Jonah Whitfield" in clinician.words and f"/staff/clients/{cast.other.id}" not in clinician.links()
    assert f"/staff/clients/{cast.other.id}" in (await (await cast.browser("front_desk")).get(path)).links()


async def test_nobody_keeps_their_own_chart(cast: Cast):
    calendar = await a_calendar(cast)
    visit = await booked(cast, calendar, a_monday(), 9)
    grants = (Reach(cast.client.id, "guardian", frozenset({"appointments"})),)
    for part in (Role.FRONT_DESK, "clinician"):
        with pytest.raises(NotFoundException):
            await calling_off.call_off(staff(cast, part, grants), visit, 1, "ill", "")
        with pytest.raises(NotFoundException):
            await marking.mark(staff(cast, part, grants), visit, "completed", 1)


async def test_what_a_client_only_holds_is_no_visit(cast: Cast):
    calendar, viewer = await a_calendar(cast), jonah(cast)
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    wish = await calendar.wish(viewer, cast.other.id, clinician=calendar.okafor)
    held = await holding.hold(viewer, cast.other.id, wish, second_of(a_monday(), 9))
    browser = await cast.browser("front_desk")
    assert (await browser.get(f"/staff/schedule/visits/{held}")).status == 404
    with pytest.raises(NotFoundException):
        await calling_off.call_off(desk(cast), held, 1, "ill", "")
    with pytest.raises((NotFoundException, Refused)):
        await marking.mark(desk(cast), held, "booked", 1)


async def test_a_line_of_a_visit_that_went_to_another_day_says_which(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    mark = f"/staff/schedule/visits/{visit}/mark"
    back = f"view=day&day={monday}"
    with clock.shifted(days=until(at(monday, 8, 50))):
        quick = await cast.browser("front_desk", htmx=True)
        page = await quick.post(mark, version=9, to="arrived", back=back)
        assert page.status == 409 and str(monday.year) not in page.words
        page = await quick.post(mark, version=1, to="arrived", back=back)
        assert "Checked in" in page.pills() and str(monday.year) not in page.words
        await marking.mark(desk(cast), visit, "booked", 2)
        await placing.move(desk(cast), visit, 3, where(calendar, monday + timedelta(days=1), 9))
        page = await quick.post(mark, version=3, to="arrived", back=back)
    assert page.status == 409 and written_date(monday + timedelta(days=1)) in page.words


async def test_one_press_in_the_day_marks_who_has_come(cast: Cast):
    monday = a_monday()
    visit = await booked(cast, await a_calendar(cast), monday, 9)
    path, mark = f"/staff/schedule?view=day&day={monday}", f"/staff/schedule/visits/{visit}/mark"
    with clock.shifted(days=until(at(monday, 8, 50))):
        browser = await cast.browser("front_desk")
        day = await browser.get(path)
        page = await browser.press(day, mark, to="arrived")
        assert page.path == path and "Checked in" in page.pills()
        quick = await cast.browser("front_desk", htmx=True)
        page = await quick.post(mark, version=1, to="arrived", back="day=" + monday.isoformat())
        assert page.status == 409 and "Somebody changed this meanwhile" in page.words
        await fetch("UPDATE appointment SET state = 'booked', arrived_at = NULL")
        page = await quick.post(mark, version=2, to="arrived", back="")
        assert re.match(rf'\s*<li id="visit-{visit}"', page.text) and "Checked in" in page.pills()


async def test_staff_find_the_room_of_a_visit_by_video_on_its_page(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    visit = await booked(cast, calendar, monday, 9)
    path, browser = f"/staff/schedule/visits/{visit}", await cast.browser("clinician")
    assert "Link of the visit" not in (await browser.get(path)).words
    await fetch("UPDATE appointment SET contact_type = 'telehealth' WHERE id = {}", visit)
    assert "None yet: nobody can join." in (await browser.get(path)).words
    await browser.post(f"/staff/hours/{calendar.okafor}/room", link="https://video.example/okafor")
    page = await browser.get(path)
    assert "https://video.example/okafor" in page.links()
    assert (await browser.get(f"{path}/details")).value("link") == ""
    await browser.post(f"{path}/details", version=1, note="", link="https://video.example/maya")
    page = await browser.get(path)
    assert "https://video.example/maya" in page.links() and "https://video.example/okafor" not in page.links()


async def test_the_note_and_the_link_of_a_visit_are_changed_after_it_was_booked(cast: Cast):
    visit = await booked(cast, await a_calendar(cast), a_monday(), 9)
    await fetch("UPDATE appointment SET contact_type = 'telehealth'")
    path = f"/staff/schedule/visits/{visit}/details"
    browser = await cast.browser("front_desk")
    assert path in (await browser.get(f"/staff/schedule/visits/{visit}")).links()
    page = await browser.post(path, version=1, note="Brings her sister", link="http://example.com/room")
    assert page.status == 422 and "Brings her sister" in page.text and (await row(visit)).note == ""
    page = await browser.post(path, version=1, note="Brings her sister", link="https://video.example/maya")
    assert page.path == f"/staff/schedule/visits/{visit}" and "Brings her sister" in page.words
    assert "Note or link changed" in page.words
    page = await browser.post(path, version=1, note="Comes alone", link="")
    assert page.status == 409 and "Comes alone" in page.text
    found = await row(visit)
    assert (found.note, found.link, found.version) == ("Brings her sister", "https://video.example/maya", 2)
    client = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/{visit}")
    assert "sister" not in client.words


async def test_a_visit_that_does_not_stand_any_more_gets_no_note(cast: Cast):
    visit = await booked(cast, await a_calendar(cast), a_monday(), 9)
    await calling_off.call_off(desk(cast), visit, 1, "ill", "")
    page = await (await cast.browser("front_desk")).post(
        f"/staff/schedule/visits/{visit}/details", version=2, note="Late", link=""
    )
    assert page.status == 422 and (await row(visit)).note == ""


async def test_a_line_that_was_pressed_says_no_more_of_the_place_than_the_list_around_it(cast: Cast):
    calendar, monday = await a_calendar(cast), a_monday()
    await a_site("Bowie")
    visit = await booked(cast, calendar, monday, 9)
    with clock.shifted(days=until(at(monday, 8))):
        browser = await cast.browser("front_desk", htmx=True)
        page = await browser.get(f"/staff/schedule?day={monday}&clinician={calendar.okafor}")
        line = page.soup.select_one(f"#visit-{visit}")
        assert "Annapolis" not in line.get_text() and "Annapolis" in page.words
        told = {name: line.select_one(f"input[name={name}]")["value"] for name in ("back", "at")}
        page = await browser.post(f"/staff/schedule/visits/{visit}/mark", version=1, to="arrived", **told)
        assert "Checked in" in page.words and "Annapolis" not in page.words

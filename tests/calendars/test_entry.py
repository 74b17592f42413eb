"""An appointment for one's own calendar: the right instant, the same entry after each change, and nothing told."""

import pytest

from portal import clock
from portal.appointments.actions import keeping
from portal.appointments.tables import Appointment
from portal.database import fetch
from tests.appointments.steps import a_calendar, maya
from tests.calendars.steps import a_visit, events, in_days, parsed, utc
from tests.cast import Cast


def path(cast: Cast, row: Appointment) -> str:
    return f"/clients/{cast.client.id}/appointments/{row.id}"


async def downloaded(cast: Cast, row: Appointment) -> bytes:
    page = await (await cast.browser("client")).get(f"{path(cast, row)}/calendar.ics")
    assert page.status == 200 and page.headers["content-type"].startswith("text/calendar; method=")
    assert page.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert page.headers["cache-control"] == "no-store"
    return page.response.content


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        ("2026-11-01T05:30", "Sunday, November 1, 2026, 1:30 AM EDT to 1:20 AM EST, Eastern Time"),
        ("2026-11-01T06:30", "Sunday, November 1, 2026, 1:30 AM EST to 2:20 AM, Eastern Time"),
        ("2026-03-08T06:30", "Sunday, March 8, 2026, 1:30 AM to 3:20 AM, Eastern Time"),
        ("2026-03-08T07:00", "Sunday, March 8, 2026, 3:00 AM to 3:50 AM, Eastern Time"),
    ],
)
async def test_it_lands_on_the_right_instant_on_the_nights_when_clocks_change(cast: Cast, instant, words):
    row = await a_visit(cast, await a_calendar(cast), utc(instant))
    content = await downloaded(cast, row)
    assert f"DTSTART:{utc(instant):%Y%m%dT%H%M%SZ}\r\n".encode() in content
    (event,) = events(content)
    assert event["DTSTART"].dt == row.starts_at and event["DTEND"].dt == row.ends_at
    assert event["DESCRIPTION"].replace("\u00a0", " ").splitlines()[0] == words


async def test_it_says_appointment_and_when_and_where_the_portal_is(cast: Cast):
    practice = await a_calendar(cast)
    row = await a_visit(cast, practice, in_days(3), contact_type="in_person", wish="About my sleep")
    content = await downloaded(cast, row)
    (event,) = events(content)
    assert event["SUMMARY"] == "Appointment" and event["CLASS"] == "PRIVATE"
    assert set(event) == {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "CLASS", "DESCRIPTION",
    }  # fmt: skip
    assert "http://portal.test" in event["DESCRIPTION"]
    for told in (b"Okafor", b"session", b"Annapolis", b"Harbor", b"sleep", b"Maya", b"person"):
        assert told not in content
    assert str(row.id) not in event["UID"].split("-") and "portal" not in event["UID"]


async def test_commas_semicolons_and_letters_of_many_bytes_come_back_as_they_were(cast: Cast):
    row = await a_visit(cast, await a_calendar(cast), in_days(3))
    await fetch("UPDATE account SET language = 'es'")
    content = await downloaded(cast, row)
    assert b"\\, " in content and b"\\n" in content
    (event,) = events(content)
    assert event["DESCRIPTION"].count("\n") == 1 and "," in event["DESCRIPTION"] and "\\" not in event["DESCRIPTION"]


async def test_it_stays_the_same_entry_when_it_moves_and_when_it_is_confirmed_and_cancelled(cast: Cast):
    practice = await a_calendar(cast)
    row, other = await a_visit(cast, practice, in_days(3)), await a_visit(cast, practice, in_days(9))
    seen = [events(await downloaded(cast, row))[0]]
    await fetch(
        "UPDATE appointment SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day',"
        " busy_from = busy_from + interval '1 day', busy_until = busy_until + interval '1 day', version = version + 1"
        " WHERE id = {}",
        row.id,
    )
    seen.append(events(await downloaded(cast, row))[0])
    await keeping.confirm(maya(cast), cast.client.id, row.id)
    seen.append(events(await downloaded(cast, row))[0])
    await keeping.cancel(maya(cast), cast.client.id, row.id, "")
    last = parsed(await downloaded(cast, row))
    seen += last.walk("VEVENT")
    assert last["METHOD"] == "CANCEL"
    assert len({event["UID"] for event in seen}) == 1
    assert [event["SEQUENCE"] for event in seen] == [1, 2, 3, 4]
    assert [event["STATUS"] for event in seen] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert seen[1]["DTSTART"].dt > seen[0]["DTSTART"].dt
    assert events(await downloaded(cast, other))[0]["UID"] != seen[0]["UID"]


@pytest.mark.parametrize("state", ["held", "requested", "declined", "withdrawn", "expired", "moved"])
async def test_what_was_never_booked_is_not_for_a_calendar(cast: Cast, state):
    row = await a_visit(cast, await a_calendar(cast), in_days(3), state)
    browser = await cast.browser("client")
    assert (await browser.get(f"{path(cast, row)}/calendar.ics")).status == 404
    if state != "held":
        assert "calendar.ics" not in (await browser.get(path(cast, row))).text


@pytest.mark.parametrize(
    ("state", "words"), [("booked", "Add to your calendar"), ("cancelled", "Take it out of your calendar")]
)
async def test_its_page_leads_there(cast: Cast, state, words):
    row = await a_visit(cast, await a_calendar(cast), in_days(3), state)
    page = await (await cast.browser("client")).get(path(cast, row))
    assert f"{path(cast, row)}/calendar.ics" in page.links() and words in page.words


async def test_it_is_nobody_elses_and_who_took_it_along_is_written_down(cast: Cast):
    row = await a_visit(cast, await a_calendar(cast), in_days(3))
    for part in ("stranger", "ended", "guardian", "front_desk"):
        browser = await cast.browser(part)
        assert (await browser.get(f"{path(cast, row)}/calendar.ics")).status == 404
    theirs = f"/clients/{cast.other.id}/appointments/{row.id}/calendar.ics"
    assert (await (await cast.browser("stranger")).get(theirs)).status == 404
    await downloaded(cast, row)
    rows = await fetch("SELECT account_id, subject_id FROM audit_row WHERE act = 'appointments.exported'")
    assert rows == [{"account_id": cast.accounts["client"].id, "subject_id": row.id}]
    assert clock.now() > row.made_at

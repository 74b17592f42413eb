"""A visit at any moment, and what a calendar program makes of what it reads."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Component

from portal import clock
from portal.appointments.tables import Appointment
from tests.appointments.steps import Calendar as Practice
from tests.cast import Cast

FREE = ("cancelled", "late_cancelled", "no_show", "declined", "withdrawn", "expired", "moved")


async def a_visit(
    cast: Cast, practice: Practice, starts: datetime, state: str = "booked", **more: object
) -> Appointment:
    ends = starts + timedelta(minutes=50)
    told = {
        "client": cast.client.id, "clinician": practice.okafor, "site": practice.site, "type": practice.session,
        "contact_type": "phone", "time_zone": "America/New_York", "made_at": clock.now(), **more,
    }  # fmt: skip
    row = Appointment(
        starts_at=starts, ends_at=ends, busy_from=starts, busy_until=ends, state=state, holds=state not in FREE, **told
    )
    await row.save()
    return row


def in_days(days: float) -> datetime:
    return clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def parsed(content: bytes) -> Calendar:
    """As strict as the standard: lines, their ends and their lengths, and nothing that the parser has to forgive."""
    assert content.endswith(b"END:VCALENDAR\r\n") and content.count(b"\n") == content.count(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    content.decode()
    calendar = Calendar.from_ical(content)
    for component in calendar.walk():
        assert component.errors == []
    assert calendar["version"] == "2.0" and calendar["prodid"]
    assert b"TZID" not in content and b"VTIMEZONE" not in content
    return calendar


def events(content: bytes) -> list[Component]:
    found = list(parsed(content).walk("VEVENT"))
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"} <= set(event)
        assert event["DTSTAMP"].dt.tzinfo == event["DTSTART"].dt.tzinfo
    return found

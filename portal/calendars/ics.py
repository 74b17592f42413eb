"""Appointments in the form that calendar programs read. The door to icalendar.

Instants are written in UTC: no program has to know a time zone's rules, and the hour that comes twice stays two hours.
Calendars are shared with families and employers, so nothing stands here but when.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event, vDuration

from portal.language import gettext

MADE_BY = "-//Client portal//Appointments//EN"
READ_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """`version` grows with each change of the appointment; `changed_at` is when it last was."""

    id: int
    made_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    version: int
    is_cancelled: bool

    @property
    def uid(self) -> str:
        """The same for as long as the appointment lives; it names neither the practice nor a number of ours."""
        return str(uuid5(NAMESPACE_URL, f"appointment {self.id} {self.made_at.timestamp():.6f}"))


def one(entry: Entry, description: str, now: datetime) -> bytes:
    """To keep, or to take out what was kept before."""
    event = _event(entry, now)
    event.add("description", description)
    calendar = _calendar(method(entry))
    calendar.add_component(event)
    return calendar.to_ical()


def method(entry: Entry) -> str:
    return "CANCEL" if entry.is_cancelled else "PUBLISH"


def feed(entries: Iterable[Entry]) -> bytes:
    """To be read again and again: the same appointments are the same bytes."""
    calendar = _calendar("PUBLISH")
    name = gettext("Appointments")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(READ_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN))
    for entry in entries:
        calendar.add_component(_event(entry, entry.changed_at))
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    for name, value in (("version", "2.0"), ("prodid", MADE_BY), ("calscale", "GREGORIAN"), ("method", method)):
        calendar.add(name, value)
    return calendar


def _event(entry: Entry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", gettext("Appointment"))
    event.add("sequence", entry.version)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event

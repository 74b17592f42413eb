"""What stands in the way of a visit, said so that whoever reads it knows whom to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.appointments.actions.moving import Placed
from portal.appointments.tables import State
from portal.clients.names import full_name
from portal.database import fetch
from portal.language import lazy, written_time
from portal.practice.queries import name_of
from portal.schedule.queries.hours import Hours, hours
from portal.schedule.queries.people import kept, must_keep, people
from portal.schedule.repeats import minute_of_day
from portal.schedule.rules import day_of

# The clinician's time with what is kept free around it; the client's visits alone, as the constraints have it.
CLASHES = f"""
SELECT w.place, appointment.state, starts_at, ends_at, appointment.time_zone,
       appointment.clinician = w.clinician AS is_theirs,
       {name_of("m")} AS clinician, c.given_name, c.family_name, c.suffix, {{}} AS is_kept
  FROM unnest({{}}::bigint[], {{}}::timestamptz[], {{}}::timestamptz[], {{}}::timestamptz[], {{}}::timestamptz[])
       WITH ORDINALITY AS w (clinician, busy_begins, busy_ends, begins, ends, place)
  JOIN appointment ON holds AND appointment.id <> ALL({{}}::bigint[])
       AND NOT (appointment.state = 'held' AND held_until <= {{}})
       AND (appointment.clinician = w.clinician AND busy_from < w.busy_ends AND busy_until > w.busy_begins
            AND busy_from > w.busy_begins - interval '1 day'
            OR appointment.client = {{}} AND appointment.state <> 'offered'
            AND starts_at < w.ends AND ends_at > w.begins AND starts_at > w.begins - interval '1 day')
  JOIN staff_member AS m ON m.id = appointment.clinician JOIN client AS c ON c.id = appointment.client
 ORDER BY w.place, starts_at, appointment.id
"""
TYPE = "SELECT id, length, before, after, contact_types, is_active FROM appointment_type WHERE id = {}"


@dataclass(frozen=True)
class Slot:
    """What a visit takes: its type's minutes, and how one meets."""

    type: int
    length: int
    before: int
    after: int
    contact_type: str

    def placed(self, clinician: int, site: int, zone: str, starts_at: datetime) -> Placed:
        ends_at = starts_at + timedelta(minutes=self.length)
        busy = starts_at - timedelta(minutes=self.before), ends_at + timedelta(minutes=self.after)
        return Placed(clinician, site, zone, starts_at, ends_at, *busy, self.contact_type, self.type)


async def slot_of(viewer: Viewer, type_id: int, contact_type: str) -> Slot:
    rows = await fetch(TYPE, type_id)
    if not rows:
        raise NotFoundException
    return Slot(type_id, rows[0]["length"], rows[0]["before"], rows[0]["after"], contact_type)


async def clashes(
    viewer: Viewer, client_id: int, wanted: Sequence[Placed], but: Sequence[int] = ()
) -> dict[int, list[object]]:
    """Place among the wanted → sentences; all of them at one question. What is wanted does not clash with itself."""
    for clinician in {one.clinician for one in wanted}:
        must_keep(viewer, clinician)
    parts = [[getattr(one, name) for one in wanted] for name in PARTS]
    rows = await fetch(CLASHES, kept(viewer), *parts, list(but), clock.now(), client_id)
    found: dict[int, list[object]] = {}
    for row in rows:
        found.setdefault(row["place"] - 1, []).append(_sentence(row))
    return found


PARTS = ("clinician", "busy_from", "busy_until", "starts_at", "ends_at")


async def doubts(viewer: Viewer, wanted: Sequence[Placed]) -> dict[int, list[object]]:
    """What staff may do all the same, if they are sure: outside the hours, on a holiday, in the past."""
    if not wanted:
        return {}
    days = [day_of(one.starts_at, one.time_zone) for one in wanted]
    found = await hours(viewer, sorted({one.clinician for one in wanted}), min(days), max(days))
    gone = {one.id for one in await people(viewer) if not one.is_active}
    told = {place: _doubts(found, one, day, gone) for place, (one, day) in enumerate(zip(wanted, days, strict=True))}
    return {place: sentences for place, sentences in told.items() if sentences}


def _doubts(found: Hours, one: Placed, day: date, gone: set[int]) -> list[object]:
    told: list[object] = []
    if one.starts_at < clock.now():
        told.append(lazy("This time is in the past."))
    if one.clinician in gone:
        told.append(lazy("This clinician is not here any more."))
    if not found.covers(one.clinician, one.site, one.contact_type, one.starts_at, one.ends_at):
        told.append(_why_not(found, one, day))
    return told


def _why_not(found: Hours, one: Placed, day: date) -> object:
    """Only what the visit meets is named."""
    if not found.places[one.site].is_active:
        return lazy("This office is not open any more.")
    begins = minute_of_day(one.starts_at, one.time_zone)
    ends = begins + (one.ends_at - one.starts_at) // timedelta(minutes=1)
    closed = [
        other
        for other in found.different(one.clinician, day, one.site)
        if not other.is_open and other.begins < ends and other.ends > begins
    ]
    note = next((other.note for other in closed if other.note), "")
    if note and any(other.is_whole for other in closed):
        return lazy("Closed on this day: %(note)s.", note=note)
    if note:
        return lazy("Closed then: %(note)s.", note=note)
    if closed:
        return lazy("Closed on this day.") if closed[0].is_whole else lazy("Closed then.")
    return lazy("This is outside the clinician's hours there, or they do not meet this way then.")


def _sentence(row: dict[str, Any]) -> object:
    zone = row["time_zone"]
    begins, ends = (written_time(row[name].astimezone(UTC), zone) for name in ("starts_at", "ends_at"))
    if row["state"] == State.HELD:
        return lazy("Somebody is choosing that time just now. Look again in ten minutes, or choose another.")
    if not row["is_kept"]:
        return lazy("That time is taken.")
    told = {"clinician": row["clinician"], "client": full_name(row), "from": begins, "until": ends}
    if not row["is_theirs"]:
        return lazy("%(client)s is with %(clinician)s then, %(from)s to %(until)s.", **told)
    if row["state"] in (State.REQUESTED, State.OFFERED):
        return lazy("%(client)s has asked for that time: %(clinician)s, %(from)s to %(until)s.", **told)
    return lazy("%(clinician)s has %(client)s then, %(from)s to %(until)s.", **told)

"""Entries of the wait list, as their clients and staff read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access import Area, Permission, Viewer
from portal.appointments.kinds import MEETINGS
from portal.clients.names import full_name
from portal.database import Prepared, fetch
from portal.language import in_language
from portal.practice.queries import name_of
from portal.waitlist.tables import WaitEntry

FIELDS = f"""
e.id, e.client AS client_id, c.given_name, c.family_name, c.suffix, e.type AS type_id, t.name, t.name_es,
e.contact_type, e.weekdays, e.parts, e.last_day, e.moves, v.starts_at AS before, v.time_zone AS before_zone,
e.clinician AS clinician_id, e.site AS site_id, e.made_at, e.state, e.ended_at,
coalesce({name_of("m")}, '') AS clinician, coalesce(s.name, '') AS site,
o.id AS offer_id, o.starts_at AS offered, o.time_zone, o.held_until AS kept_until
"""
JOINED = """
  FROM wait_entry AS e JOIN client AS c ON c.id = e.client JOIN appointment_type AS t ON t.id = e.type
  LEFT JOIN staff_member AS m ON m.id = e.clinician LEFT JOIN site AS s ON s.id = e.site
  LEFT JOIN appointment AS v ON v.id = e.moves
  LEFT JOIN appointment AS o ON o.waits = e.id AND o.state = 'offered' AND o.held_until > $1
"""
OWN = Prepared(
    f"SELECT {FIELDS} {JOINED} WHERE e.client = $2 AND e.state = 'open' ORDER BY e.made_at, e.id", "now", "client"
)
MOST_SHOWN = 200


@dataclass(frozen=True)
class Waiting:
    """`before` is when the visit begins that would move. `offer_id` is a time that is kept for them now."""

    id: int
    client_id: int
    client: str
    type_id: int
    type: str
    contact_type: str
    weekdays: tuple[int, ...]
    parts: tuple[str, ...]
    last_day: date
    moves: int | None
    before: datetime | None
    before_zone: str | None
    clinician_id: int | None
    site_id: int | None
    made_at: datetime
    state: str
    clinician: str
    site: str
    offer_id: int | None = None
    offered: datetime | None = None
    time_zone: str | None = None
    kept_until: datetime | None = None

    @property
    def meeting(self) -> object:
        return MEETINGS[self.contact_type]

    @property
    def is_open(self) -> bool:
        return self.state == "open"


async def of_client(viewer: Viewer, client_id: int) -> list[Waiting]:
    """What is open, who has waited longest first."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return [_read(row) for row in await OWN(now=clock.now(), client=client_id)]


async def for_type(viewer: Viewer, client_id: int, type_id: int) -> Waiting | None:
    """The entry that joining for this type again would change."""
    return next((one for one in await of_client(viewer, client_id) if one.type_id == type_id), None)


async def entry(viewer: Viewer, client_id: int, entry_id: int) -> Waiting | None:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    rows = await fetch(
        f"SELECT {FIELDS} {JOINED.replace('$1', '{}')} WHERE e.client = {{}} AND e.id = {{}}",
        clock.now(),
        client_id,
        entry_id,
    )
    return _read(rows[0]) if rows else None


async def everybody(viewer: Viewer) -> tuple[list[Waiting], int]:
    """Of the clients whom the viewer reaches: who waits longest, and how many there are."""
    viewer.must(Permission.SCHEDULE_KEEP)
    ids = (
        await WaitEntry.select(WaitEntry.id)
        .where(viewer.reaches(WaitEntry), WaitEntry.state == "open")
        .order_by(WaitEntry.made_at, WaitEntry.id)
    )
    shown = [row["id"] for row in ids[:MOST_SHOWN]]
    rows = await fetch(
        f"SELECT {FIELDS} {JOINED.replace('$1', '{}')} WHERE e.id = ANY({{}}::bigint[]) ORDER BY e.made_at, e.id",
        clock.now(),
        shown,
    )
    return [_read(row) for row in rows], len(ids)


def _read(row: dict[str, Any]) -> Waiting:
    own = {name: row[name] for name in Waiting.__dataclass_fields__ if name in row}
    spoken = in_language(row["name"], row["name_es"])
    told = {"weekdays": tuple(row["weekdays"]), "parts": tuple(row["parts"])}
    return Waiting(**{**own, **told}, client=full_name(row), type=spoken)

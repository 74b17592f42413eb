"""Visits as those read them whom they concern."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import states
from portal.appointments.kinds import BOOKED, CANCELLED, MEETINGS, REQUESTED, reason
from portal.appointments.tables import State
from portal.clients.names import full_name
from portal.database import Prepared, fetch
from portal.language import current
from portal.practice.queries import name_of

BOOKED_STATES = "('booked', 'confirmed', 'arrived')"
FIELDS = f"""
a.id, a.client AS client_id, c.given_name, c.family_name, c.suffix, a.clinician AS clinician_id,
{name_of("m")} AS clinician, a.site AS site_id, s.name AS site,
concat_ws(', ', nullif(s.street, ''), nullif(s.city, '')) AS address, t.id AS type_id, t.name, t.name_es,
t.is_booked_at_once, a.contact_type, a.starts_at, a.ends_at, a.busy_from, a.busy_until, a.time_zone, a.state, a.holds,
a.version, a.wish, a.made_at, a.held_until, a.decided_at, a.read_at, a.reason, a.common_reason,
coalesce(nullif(asker.name, ''), asker.email, '') AS asked_by, {name_of("d")} AS decided_by
"""
JOINED = """
  FROM appointment AS a JOIN client AS c ON c.id = a.client JOIN staff_member AS m ON m.id = a.clinician
  JOIN site AS s ON s.id = a.site JOIN appointment_type AS t ON t.id = a.type
  LEFT JOIN account AS asker ON asker.id = a.asked_by LEFT JOIN staff_member AS d ON d.id = a.decided_by
"""
STANDING = f"""
((state = 'requested' OR state IN {BOOKED_STATES}) AND ends_at > $2 OR state = 'declined' AND read_at IS NULL
 OR state = 'cancelled' AND read_at IS NULL AND decided_by IS NOT NULL AND ends_at > $2)
"""
COMING = Prepared(
    f"SELECT {FIELDS} {JOINED} WHERE a.id IN (SELECT id FROM appointment WHERE client = $1 AND {STANDING})"
    " ORDER BY a.starts_at, a.id",
    "client",
    "now",
)
SUMMARY = Prepared(
    f"""
    SELECT next.starts_at AS next, next.time_zone AS zone, next.id AS next_id,
           (SELECT count(*) FROM appointment WHERE client = $1 AND state = 'requested' AND ends_at > $2) AS asked,
           ARRAY(SELECT id FROM appointment
                  WHERE client = $1 AND state = 'declined' AND read_at IS NULL ORDER BY id) AS declined
      FROM (SELECT 1) AS once LEFT JOIN LATERAL (
             SELECT id, starts_at, time_zone FROM appointment
              WHERE client = $1 AND state IN {BOOKED_STATES} AND ends_at > $2 ORDER BY starts_at LIMIT 1
           ) AS next ON true
    """,
    "client",
    "now",
)


@dataclass(frozen=True)
class Visit:
    """One appointment with the names that belong to it. `time_zone` is of the place."""

    id: int
    client_id: int
    client: str
    clinician_id: int
    clinician: str
    site_id: int
    site: str
    address: str
    type_id: int
    type: str
    is_booked_at_once: bool
    contact_type: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    time_zone: str
    state: str
    holds: bool
    version: int
    wish: str
    made_at: datetime
    held_until: datetime | None
    decided_at: datetime | None
    decided_by: str
    read_at: datetime | None
    why: str
    asked_by: str

    @property
    def meeting(self) -> object:
        return MEETINGS[self.contact_type]

    @property
    def standing(self) -> object:
        return states.WORDS[self.state]

    @property
    def mark(self) -> str:
        """The kind of its pill."""
        return states.KINDS.get(State(self.state), "")

    @property
    def is_held(self) -> bool:
        return self.state == State.HELD

    @property
    def is_asked(self) -> bool:
        return self.state == State.REQUESTED

    @property
    def is_booked(self) -> bool:
        return self.state in (State.BOOKED, State.CONFIRMED, State.ARRIVED)

    @property
    def is_cancelled(self) -> bool:
        return self.state in (State.CANCELLED, State.LATE_CANCELLED)

    @property
    def is_called_off(self) -> bool:
        """By the practice."""
        return self.state == State.CANCELLED and bool(self.decided_by)

    @property
    def may_be_kept(self) -> bool:
        """It can still be confirmed or cancelled."""
        return self.state in (State.BOOKED, State.CONFIRMED) and self.starts_at > clock.now()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    def clashes_with(self, other: "Visit") -> bool:
        """Of the same clinician, with the time kept free around both; of the same client, the visits alone."""
        if self.clinician_id == other.clinician_id:
            return self.busy_from < other.busy_until and other.busy_from < self.busy_until
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def kind(self) -> str:
        """Which item of the queue it is, or was."""
        if self.is_cancelled:
            return CANCELLED.name
        return BOOKED.name if self.is_booked_at_once else REQUESTED.name


@dataclass(frozen=True)
class Summary:
    """For the first screen: the next visit, how many requests wait, and which were declined and not read yet."""

    next: datetime | None
    next_id: int | None
    zone: str | None
    asked: int
    declined: list[int]


async def coming(viewer: Viewer, client_id: int) -> list[Visit]:
    """What is booked or asked for, soonest first; and what was declined until it has been read."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return [written(row) for row in await COMING(client=client_id, now=clock.now())]


async def visit(viewer: Viewer, client_id: int, appointment_id: int) -> Visit:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    sql = f"SELECT {FIELDS} {JOINED} WHERE a.id = {{}} AND a.client = {{}}"
    return only(await fetch(sql, appointment_id, client_id))


async def summary(viewer: Viewer, client_id: int) -> Summary:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return Summary(**(await SUMMARY(client=client_id, now=clock.now()))[0])


def only(rows: list[dict[str, Any]]) -> Visit:
    if not rows:
        raise NotFoundException
    return written(rows[0])


def written(row: dict[str, Any]) -> Visit:
    own = {name: row[name] for name in Visit.__dataclass_fields__ if name in row}
    spoken = row["name_es"] if current() == "es" and row["name_es"] else row["name"]
    return Visit(**own, client=full_name(row), type=spoken, why=reason(row["common_reason"], row["reason"]))

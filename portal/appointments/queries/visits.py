"""Visits as those read them whom they concern."""

from typing import Any

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.appointments.kinds import reason
from portal.appointments.settings import MOST_OPEN, number
from portal.appointments.visit import Visit
from portal.clients.names import full_name
from portal.database import Prepared, fetch
from portal.language import in_language, lazy
from portal.practice.queries import name_of

BOOKED_STATES = "('booked', 'confirmed', 'arrived')"
FIELDS = f"""
a.id, a.client AS client_id, c.given_name, c.family_name, c.suffix, a.clinician AS clinician_id,
{name_of("m")} AS clinician, a.site AS site_id, s.name AS site,
concat_ws(', ', nullif(s.street, ''), nullif(s.city, '')) AS address, t.id AS type_id, t.name, t.name_es,
t.is_booked_at_once, a.contact_type, a.starts_at, a.ends_at, a.busy_from, a.busy_until, a.time_zone, a.state, a.holds,
a.version, a.wish, a.made_at, a.held_until, a.decided_at, a.read_at, a.reason, a.common_reason,
a.instead_of, a.waits, coalesce(nullif(asker.name, ''), asker.email, '') AS asked_by, {name_of("d")} AS decided_by,
a.moves, original.starts_at AS instead_of_time, original.state AS instead_of_state,
(SELECT id FROM appointment WHERE moves = a.id AND state = 'requested' LIMIT 1) AS move_asked,
(SELECT starts_at FROM appointment WHERE moves = a.id AND state = 'moved'
  ORDER BY decided_at DESC LIMIT 1) AS moved_from
"""
JOINED = """
  FROM appointment AS a JOIN client AS c ON c.id = a.client JOIN staff_member AS m ON m.id = a.clinician
  JOIN site AS s ON s.id = a.site JOIN appointment_type AS t ON t.id = a.type
  LEFT JOIN account AS asker ON asker.id = a.asked_by LEFT JOIN staff_member AS d ON d.id = a.decided_by
  LEFT JOIN appointment AS original ON original.id = a.moves
"""
OFFERED = "state = 'offered' AND held_until > $2"
STANDING = f"""
((state = 'requested' OR state IN {BOOKED_STATES}) AND ends_at > $2 OR state = 'declined' AND read_at IS NULL
 OR {OFFERED} OR state IN ('cancelled', 'late_cancelled') AND read_at IS NULL
     AND decided_by IS NOT NULL AND ends_at > $2)
"""
COMING = Prepared(
    f"SELECT {FIELDS} {JOINED} WHERE a.id IN (SELECT id FROM appointment WHERE client = $1 AND {STANDING})"
    " ORDER BY a.starts_at, a.id",
    "client",
    "now",
)


async def coming(viewer: Viewer, client_id: int) -> list[Visit]:
    """What is booked, asked for or offered, soonest first; and what was declined until it has been read."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return [written(row) for row in await COMING(client=client_id, now=clock.now())]


async def visit(viewer: Viewer, client_id: int, appointment_id: int) -> Visit:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    sql = f"SELECT {FIELDS} {JOINED} WHERE a.id = {{}} AND a.client = {{}}"
    return only(await fetch(sql, appointment_id, client_id))


def only(rows: list[dict[str, Any]]) -> Visit:
    if not rows:
        raise NotFoundException
    return written(rows[0])


def written(row: dict[str, Any]) -> Visit:
    own = {name: row[name] for name in Visit.__dataclass_fields__ if name in row}
    spoken = in_language(row["name"], row["name_es"])
    return Visit(**own, client=full_name(row), type=spoken, why=reason(row["common_reason"], row["reason"]))


async def too_many(viewer: Viewer, client_id: int) -> object | None:
    """What a client reads who has asked for as much as the practice allows at once."""
    most = await number(viewer, MOST_OPEN)
    rows = await fetch("SELECT count(*) FROM appointment WHERE client = {} AND state = 'requested'", client_id)
    if rows[0]["count"] < most:
        return None
    if most == 1:
        return lazy("You have a request that waits for the practice already. Take it back first, or call us.")
    return lazy(
        "You have %(num)s requests that wait for the practice already. Take one back first, or call us.", num=most
    )

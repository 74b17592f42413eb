"""A client's appointments for the first screen, in one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.access import Area, Viewer
from portal.appointments.queries.visits import BOOKED_STATES, FIELDS, JOINED, OFFERED, written
from portal.appointments.visit import Visit
from portal.database import Prepared

SUMMARY = Prepared(
    f"""
    SELECT told.*, next.*
      FROM (SELECT (SELECT count(*) FROM appointment WHERE client = $1 AND state = 'requested' AND ends_at > $2)
                     AS asked,
                   ARRAY(SELECT id FROM appointment
                          WHERE client = $1 AND state = 'declined' AND read_at IS NULL AND id NOT IN (
                                SELECT instead_of FROM appointment
                                 WHERE client = $1 AND instead_of IS NOT NULL AND {OFFERED}) ORDER BY id)
                     AS declined,
                   ARRAY(SELECT DISTINCT instead_of FROM appointment
                          WHERE client = $1 AND instead_of IS NOT NULL AND {OFFERED} ORDER BY instead_of) AS others,
                   ARRAY(SELECT id FROM appointment
                          WHERE client = $1 AND waits IS NOT NULL AND {OFFERED} ORDER BY id) AS kept) AS told
      LEFT JOIN (SELECT {FIELDS} {JOINED} WHERE a.id = (
             SELECT id FROM appointment
              WHERE client = $1 AND state IN {BOOKED_STATES} AND ends_at > $2 ORDER BY starts_at LIMIT 1
           )) AS next ON true
    """,
    "client",
    "now",
)


@dataclass(frozen=True)
class Summary:
    """The next visit, how many requests wait, which were declined and not read yet, which are answered with other
    times, which times are kept for who is on the wait list; and the reader's zone.
    """

    next: Visit | None
    asked: int
    declined: list[int]
    others: list[int]
    kept: list[int]
    own_zone: str = ""


async def summary(viewer: Viewer, client_id: int) -> Summary:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return told((await SUMMARY(client=client_id, now=clock.now()))[0], viewer.time_zone)


def told(row: Mapping[str, Any], own_zone: str = "") -> Summary:
    visit = written(dict(row)) if row["id"] else None
    return Summary(visit, row["asked"], row["declined"], row["others"], row["kept"], own_zone)

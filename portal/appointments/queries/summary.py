"""A client's appointments for the first screen, in one question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.access import Area, Viewer
from portal.appointments.queries.visits import BOOKED_STATES, FIELDS, JOINED, Visit, written
from portal.database import Prepared

SUMMARY = Prepared(
    f"""
    SELECT told.*, next.*
      FROM (SELECT (SELECT count(*) FROM appointment WHERE client = $1 AND state = 'requested' AND ends_at > $2)
                     AS asked,
                   ARRAY(SELECT id FROM appointment
                          WHERE client = $1 AND state = 'declined' AND read_at IS NULL ORDER BY id) AS declined) AS told
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
    """The next visit, how many requests wait, and which were declined and not read yet."""

    next: Visit | None
    asked: int
    declined: list[int]


async def summary(viewer: Viewer, client_id: int) -> Summary:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    return told((await SUMMARY(client=client_id, now=clock.now()))[0])


def told(row: Mapping[str, Any]) -> Summary:
    return Summary(written(dict(row)) if row["id"] else None, row["asked"], row["declined"])

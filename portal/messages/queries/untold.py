"""Who has not read what, on the side of the client, while they may still read it."""

from dataclasses import dataclass

from portal import clock
from portal.access import Area, Viewer
from portal.database import Prepared

READER = Prepared(
    """
    SELECT t.client AS client_id, t.id AS thread_id, a.email AS address, a.language, unread.latest, unread.untold
      FROM thread_participant AS p JOIN thread AS t ON t.id = p.thread JOIN account AS a ON a.id = p.account
     CROSS JOIN LATERAL (
           SELECT max(m.id) AS latest, min(m.id) FILTER (WHERE m.id > p.told_to) AS untold FROM message AS m
            WHERE m.thread = t.id AND m.id > p.read_to AND m.kind <> 'automatic' AND m.author <> a.id) AS unread
     WHERE p.id = $1 AND NOT a.is_suspended AND EXISTS (
           SELECT FROM access_grant AS g WHERE g.account = a.id AND g.client = t.client AND $2 = ANY(g.areas)
              AND g.starts_at <= $3 AND (g.ends_at IS NULL OR g.ends_at > $3))
    """,
    "participant",
    "area",
    "now",
)


@dataclass(frozen=True)
class Reader:
    """`latest` is the last message that they have not read, `untold` the first of which no letter has told."""

    client_id: int
    thread_id: int
    address: str
    language: str
    latest: int
    untold: int | None


async def reader(viewer: Viewer, participant_id: int) -> Reader | None:
    """None for whoever has read everything, or may not read it any more."""
    rows = await READER(participant=participant_id, area=str(Area.MESSAGES), now=clock.now())
    return Reader(**rows[0]) if rows and rows[0]["latest"] is not None else None

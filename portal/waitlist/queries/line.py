"""Who is next: the entries that could be offered a time, and what their clients do meanwhile."""

from dataclasses import dataclass
from datetime import date, datetime

from portal import clock
from portal.access import Area, Viewer
from portal.database import Prepared

# Whoever cannot read an offer any more is offered none; to whom one is kept waits for no other.
LINE = Prepared(
    """
    SELECT e.id, e.client AS client_id, e.type AS type_id, e.contact_type, e.clinician, e.site, e.weekdays, e.parts,
           e.last_day, e.moves, e.asked_by, c.principal_clinician AS own, o.starts_at AS before,
           ARRAY(SELECT extract(epoch FROM starts_at)::bigint FROM appointment WHERE waits = e.id) AS told
      FROM wait_entry AS e JOIN client AS c ON c.id = e.client AND c.is_active
      JOIN account AS a ON a.id = e.asked_by AND NOT a.is_suspended
      JOIN appointment_type AS t ON t.id = e.type AND t.is_active AND t.booked_by <> 'nobody'
      LEFT JOIN appointment AS o ON o.id = e.moves
     WHERE e.state = 'open' AND NOT EXISTS (SELECT FROM appointment WHERE waits = e.id AND state = 'offered')
       AND EXISTS (SELECT FROM access_grant AS g
                    WHERE g.account = a.id AND g.client = c.id AND $2 = ANY(g.areas)
                      AND g.starts_at <= $1 AND (g.ends_at IS NULL OR g.ends_at > $1))
     ORDER BY e.made_at, e.id
    """,
    "now",
    "area",
)
ELSEWHERE = Prepared(
    """
    SELECT client, array_agg(extract(epoch FROM starts_at)::bigint) AS begins,
           array_agg(extract(epoch FROM ends_at)::bigint) AS ends
      FROM appointment WHERE holds AND client = ANY($1::bigint[]) AND ends_at > $2 AND state <> 'held' GROUP BY client
    """,
    "clients",
    "now",
)
OVER = Prepared(
    """
    SELECT e.id, e.client AS client_id FROM wait_entry AS e LEFT JOIN appointment AS o ON o.id = e.moves
     WHERE e.state = 'open' AND (e.last_day < $1
           OR e.moves IS NOT NULL AND (o.id IS NULL OR o.state NOT IN ('booked', 'confirmed') OR o.starts_at <= $2))
     ORDER BY e.id
    """,
    "today",
    "now",
)


@dataclass(frozen=True)
class Next:
    """`told` are the times that were offered to this entry already; `before` is when the visit begins that moves."""

    id: int
    client_id: int
    type_id: int
    contact_type: str
    clinician: int | None
    site: int | None
    weekdays: tuple[int, ...]
    parts: tuple[str, ...]
    last_day: date
    moves: int | None
    asked_by: int
    own: int | None
    before: datetime | None
    told: tuple[int, ...]


async def line(viewer: Viewer) -> list[Next]:
    """Who has waited longest first."""
    lists = ("weekdays", "parts", "told")
    return [
        Next(**{**row, **{name: tuple(row[name]) for name in lists}})
        for row in await LINE(now=clock.now(), area=str(Area.APPOINTMENTS))
    ]


async def elsewhere(viewer: Viewer, clients: list[int]) -> dict[int, list[tuple[int, int]]]:
    """Client → their visits, and what else is kept for them."""
    rows = await ELSEWHERE(clients=clients, now=clock.now())
    return {row["client"]: list(zip(row["begins"], row["ends"], strict=True)) for row in rows}


async def over(viewer: Viewer, today: date) -> list[tuple[int, int]]:
    """Entry and client where nothing more can be offered: its last day is behind, or the visit that would move."""
    return [(row["id"], row["client_id"]) for row in await OVER(today=today, now=clock.now())]

"""Who may take part in a conversation about a client, and whom of the practice the client sees."""

from dataclasses import dataclass

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.accounts.tables import GrantKind
from portal.clients.tables import Client
from portal.database import Prepared, fetch
from portal.practice.queries import Person, name_of

OF_CLIENT = Prepared(
    """
    SELECT a.id AS account_id, a.name, g.kind, a.language
      FROM access_grant AS g JOIN account AS a ON a.id = g.account AND NOT a.is_suspended
     WHERE g.client = $1 AND $2 = ANY(g.areas) AND g.starts_at <= $3 AND (g.ends_at IS NULL OR g.ends_at > $3)
     ORDER BY g.kind <> 'self', a.name, a.id
    """,
    "client",
    "area",
    "now",
)
BESIDE = Prepared(
    """
    SELECT a.name FROM thread_participant AS p JOIN thread AS t ON t.id = p.thread
      JOIN account AS a ON a.id = p.account AND NOT a.is_suspended
     WHERE p.thread = $1 AND p.account <> $2 AND EXISTS (
           SELECT FROM access_grant AS g WHERE g.account = p.account AND g.client = t.client
              AND $3 = ANY(g.areas) AND g.starts_at <= $4 AND (g.ends_at IS NULL OR g.ends_at > $4))
     ORDER BY a.name, a.id
    """,
    "thread",
    "account",
    "area",
    "now",
)
# The clinician of the chart, and whom the client has seen in a year, or is going to see.
SEEN = f"""
SELECT m.id, {name_of("m")} AS name FROM staff_member AS m
 WHERE m.is_active AND m.is_clinician AND EXISTS (SELECT FROM account WHERE staff_member = m.id AND NOT is_suspended)
   AND (m.id = (SELECT principal_clinician FROM client WHERE id = {{}})
    OR m.id IN (SELECT clinician FROM appointment
                 WHERE client = {{}} AND starts_at > {{}}::timestamptz - interval '1 year'
                   AND state IN ('booked', 'confirmed', 'arrived', 'completed')))
 ORDER BY m.family_name, m.given_name, m.id
"""


@dataclass(frozen=True)
class Somebody:
    """An account that may read the messages of a client; `kind` says as whom."""

    account_id: int
    name: str
    kind: str
    language: str

    @property
    def is_self(self) -> bool:
        return self.kind == GrantKind.SELF


async def of_client(viewer: Viewer, client_id: int) -> list[Somebody]:
    """The client first. Whoever asks has been asked whether they reach the client."""
    rows = await OF_CLIENT(client=client_id, area=str(Area.MESSAGES), now=clock.now())
    return [Somebody(**row) for row in rows]


async def clinicians(viewer: Viewer, client_id: int) -> list[Person]:
    """Whom the client sees and who can read a message."""
    return [Person(row["id"], row["name"]) for row in await fetch(SEEN, client_id, client_id, clock.now())]


async def must_reach(viewer: Viewer, client_id: int) -> None:
    """As staff, by the chart; a clinician also who comes to them."""
    reached = viewer.reaches(Client).querystring
    rows = await fetch("SELECT id FROM client WHERE id = {} AND {}", client_id, reached)
    if not rows:
        raise NotFoundException


async def beside(viewer: Viewer, thread_id: int) -> list[str]:
    """The names of those who read a thread with the viewer, on the client's side, now."""
    rows = await BESIDE(thread=thread_id, account=viewer.account_id, area=str(Area.MESSAGES), now=clock.now())
    return [row["name"] for row in rows]

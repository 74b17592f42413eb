"""What stands beside a conversation for staff: whom it is about, who takes part, and what staff told each other."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access import HOLDS, Area, Permission, Viewer
from portal.appointments.queries.visits import BOOKED_STATES
from portal.clients.names import full_name
from portal.clients.tables import Client
from portal.database import Prepared, fetch
from portal.language import language_name
from portal.messages.queries import away
from portal.messages.queries.conversation import Head
from portal.practice.queries import name_of

READERS = [str(role) for role, held in HOLDS.items() if Permission.MESSAGE_READ in held]
VISIT = """
SELECT a.starts_at, a.time_zone, t.name, t.name_es
  FROM appointment AS a JOIN appointment_type AS t ON t.id = a.type
"""
ABOUT = f"""
SELECT client.given_name, client.family_name, client.suffix, client.pronouns, client.birth_date, client.deceased_on,
       coalesce(nullif(client.preferred_name, ''), client.given_name) AS called, client.language,
       {name_of("m")} AS clinician, {{}} AS is_charted,
       coalesce((SELECT number FROM client_phone WHERE client = client.id ORDER BY kind <> 'mobile', id LIMIT 1), '')
         AS phone
  FROM client LEFT JOIN staff_member AS m ON m.id = client.principal_clinician WHERE client.id = {{}}
"""
VISITS = f"""
(SELECT TRUE AS is_next, v.* FROM ({VISIT} WHERE a.client = {{}} AND a.state IN {BOOKED_STATES} AND a.ends_at > {{}}
  ORDER BY a.starts_at LIMIT 1) AS v)
UNION ALL
(SELECT FALSE, v.* FROM ({VISIT} WHERE a.client = {{}} AND a.state IN ('booked', 'confirmed', 'arrived', 'completed')
   AND a.ends_at <= {{}} ORDER BY a.starts_at DESC LIMIT 1) AS v)
"""
PARTICIPANTS = Prepared(
    """
    SELECT a.id AS account_id, a.name, a.language, coalesce(g.kind, '') AS kind, p.read_to
      FROM thread_participant AS p JOIN account AS a ON a.id = p.account
      LEFT JOIN access_grant AS g ON g.account = a.id AND g.client = $2 AND $3 = ANY(g.areas) AND g.starts_at <= $4
            AND (g.ends_at IS NULL OR g.ends_at > $4) AND NOT a.is_suspended
     WHERE p.thread = $1 ORDER BY g.kind <> 'self', a.name, a.id
    """,
    "thread",
    "client",
    "area",
    "now",
)
NOTES = Prepared(
    f"""
    SELECT n.id, {name_of("s")} AS by, n.body, n.made_at
      FROM thread_note AS n JOIN staff_member AS s ON s.id = n.staff WHERE n.thread = $1 ORDER BY n.id
    """,
    "thread",
)
COLLEAGUES = Prepared(
    f"""
    SELECT m.id, {name_of("m")} AS name,
           (SELECT max(w.last_day) FROM staff_away AS w WHERE w.staff = m.id AND $4 BETWEEN w.first_day AND w.last_day)
             AS away_through
      FROM staff_member AS m JOIN account AS a ON a.staff_member = m.id
     WHERE m.is_active AND NOT a.is_suspended AND m.role = ANY($1)
       AND NOT EXISTS (SELECT FROM access_grant AS g WHERE g.account = a.id AND g.client = $2
                          AND g.starts_at <= $3 AND (g.ends_at IS NULL OR g.ends_at > $3))
     ORDER BY m.family_name, m.given_name, m.id
    """,
    "roles",
    "client",
    "now",
    "today",
)


@dataclass(frozen=True)
class Visit:
    starts_at: datetime
    time_zone: str
    name: str
    name_es: str

    def called(self, locale: str) -> str:
        return self.name_es if locale == "es" and self.name_es else self.name


@dataclass(frozen=True)
class About:
    """The client, as somebody who answers needs to know them; visits only for those who reach the chart."""

    name: str
    called: str
    pronouns: str
    birth_date: date | None
    deceased_on: date | None
    language: str
    phone: str
    clinician: str
    is_charted: bool
    next: Visit | None = None
    last: Visit | None = None

    @property
    def spoken(self) -> str:
        return language_name(self.language) if self.language else ""

    def age(self, today: date) -> int | None:
        if self.birth_date is None:
            return None
        born = self.birth_date
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


@dataclass(frozen=True)
class Somebody:
    """Who takes part on the client's side; `kind` is empty where they read no longer."""

    account_id: int
    name: str
    language: str
    kind: str
    read_to: int


@dataclass(frozen=True)
class Colleague:
    """`away_through` is the last day of an absence that lasts today."""

    id: int
    name: str
    away_through: date | None


@dataclass(frozen=True)
class Note:
    id: int
    by: str
    body: str
    made_at: datetime


async def about(viewer: Viewer, head: Head) -> About:
    """For whoever reads the thread, and so has its head."""
    row = (await fetch(ABOUT, viewer.reaches(Client).querystring, head.client_id))[0]
    visits = await _visits(head.client_id) if row["is_charted"] else {}
    told = {name: row[name] for name in About.__dataclass_fields__ if name in row}
    return About(name=full_name(row), next=visits.get(True), last=visits.get(False), **told)


async def participants(viewer: Viewer, head: Head) -> list[Somebody]:
    rows = await PARTICIPANTS(thread=head.id, client=head.client_id, area=str(Area.MESSAGES), now=clock.now())
    return [Somebody(**row) for row in rows]


async def notes(viewer: Viewer, head: Head) -> list[Note]:
    viewer.must(Permission.MESSAGE_READ)
    return [Note(**row) for row in await NOTES(thread=head.id)]


async def colleagues(viewer: Viewer, client_id: int) -> list[Colleague]:
    """Who could read a thread about this client if it were theirs: never somebody who acts for the client."""
    viewer.must(Permission.MESSAGE_READ)
    rows = await COLLEAGUES(roles=READERS, client=client_id, now=clock.now(), today=await away.today(viewer))
    return [Colleague(**row) for row in rows]


async def came_since(viewer: Viewer, head: Head, seen: int) -> int:
    """How much was written by others after the last message that the viewer had on their page."""
    rows = await fetch(
        "SELECT count(*) FROM message WHERE thread = {} AND id > {} AND kind <> 'automatic'"
        " AND author IS DISTINCT FROM {}::bigint",
        head.id,
        seen,
        viewer.account_id,
    )
    return int(rows[0]["count"])


async def is_clinician(viewer: Viewer) -> bool:
    """Whoever sees clients may write to one of them alone."""
    viewer.must(Permission.MESSAGE_READ)
    rows = await fetch("SELECT is_clinician FROM staff_member WHERE id = {}::bigint", viewer.staff_id)
    return bool(rows and rows[0]["is_clinician"])


async def _visits(client_id: int) -> dict[bool, Visit]:
    now = clock.now()
    rows: list[dict[str, Any]] = await fetch(VISITS, client_id, now, client_id, now)
    return {row.pop("is_next"): Visit(**row) for row in rows}

"""Which visits are to be reminded of, whom it is told, and where a client gets text messages."""

from dataclasses import dataclass, replace
from datetime import datetime

from portal import clock, phones
from portal.access import Area, Viewer
from portal.accounts import links as letters
from portal.database import fetch
from portal.reminders import links
from portal.reminders.rules import CLOSEST, Quiet, due_at, goes_now

COMING = """
SELECT r.rule, r.hours, a.id AS appointment_id, a.client AS client_id, a.starts_at, a.time_zone, a.booked_at
  FROM unnest({}::smallint[], {}::int[]) AS r (rule, hours), LATERAL (
         SELECT id, client, starts_at, time_zone, greatest(made_at, decided_at) AS booked_at FROM appointment
          WHERE state IN ('booked', 'confirmed')
            AND starts_at >= {} AND starts_at <= {}::timestamptz + make_interval(hours => r.hours)
       ) AS a JOIN client AS c ON c.id = a.client
 WHERE c.deceased_on IS NULL AND a.booked_at <= a.starts_at - make_interval(hours => r.hours)
   AND NOT EXISTS (SELECT FROM reminder AS m
                    WHERE m.appointment = a.id AND m.rule = r.rule AND m.starts_at = a.starts_at)
 ORDER BY a.starts_at, a.id, r.hours DESC, r.rule
"""
ACTS = """
{} = ANY(g.areas) AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {}) AND NOT a.is_suspended
"""
HEARERS = f"""
SELECT DISTINCT a.id, a.email AS address, a.language, a.time_zone
  FROM access_grant AS g JOIN account AS a ON a.id = g.account WHERE g.client = {{}} AND {ACTS} ORDER BY a.id
"""
TOLD = """
SELECT m.id AS reminder_id, m.client AS client_id, m.starts_at, a.id AS appointment_id, a.time_zone, a.state,
       a.starts_at AS stands_at
  FROM reminder AS m JOIN appointment AS a ON a.id = m.appointment WHERE m.id = {}
"""
CONSENT = f"""
SELECT t.id, t.number, a.language,
       EXISTS (SELECT FROM access_grant AS g WHERE g.account = t.account AND g.client = t.client AND {ACTS}) AS acts
  FROM text_consent AS t JOIN account AS a ON a.id = t.account WHERE t.client = {{}} AND t.ended_at IS NULL
"""


@dataclass(frozen=True)
class Due:
    """A visit of which somebody is to be reminded now, by these rules: mostly one."""

    appointment_id: int
    client_id: int
    starts_at: datetime
    rules: tuple[int, ...]


@dataclass(frozen=True)
class Hearer:
    """Somebody who acts for the client. `time_zone` is where they live, if they have said so."""

    id: int
    address: str
    language: str
    time_zone: str


@dataclass(frozen=True)
class Told:
    """What a reminder said, and what has become of its visit."""

    reminder_id: int
    client_id: int
    starts_at: datetime
    appointment_id: int
    time_zone: str
    state: str
    stands_at: datetime

    @property
    def stands(self) -> bool:
        """At the time that was told."""
        return self.state in ("booked", "confirmed", "arrived") and self.stands_at == self.starts_at

    @property
    def is_over(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def is_coming(self) -> bool:
        return self.stands and not self.is_over and self.state != "arrived"

    @property
    def is_open(self) -> bool:
        """To be confirmed."""
        return self.is_coming and self.state == "booked"

    @property
    def token(self) -> str:
        return links.token(self.reminder_id, self.appointment_id, self.starts_at)


@dataclass(frozen=True)
class Consent:
    """To text messages. It holds while the number is on the chart and whoever agreed acts for the client."""

    id: int
    number: str
    language: str
    holds: bool


@dataclass(frozen=True)
class Mobile:
    """A number on the chart; whoever may not read the chart's details sees how it ends."""

    id: int
    number: str
    is_shown: bool


async def due(viewer: Viewer, hours_before: dict[int, int], quiet: Quiet | None) -> list[Due]:
    """By rule so many hours. The query finds by the index what may be due, `rules` says what is."""
    now, found = clock.now(), dict[int, Due]()
    until = now + quiet.longest if quiet else now
    for row in await fetch(COMING, list(hours_before), list(hours_before.values()), now + CLOSEST, until):
        starts_at, zone, visit_id = row["starts_at"], row["time_zone"], row["appointment_id"]
        moment = due_at(starts_at, zone, row["hours"], quiet)
        if goes_now(now, starts_at, zone, row["booked_at"], moment, quiet):
            one = found.get(visit_id) or Due(visit_id, row["client_id"], starts_at, ())
            found[visit_id] = replace(one, rules=(*one.rules, row["rule"]))
    return list(found.values())


async def hearers(viewer: Viewer, client_id: int) -> list[Hearer]:
    """Everybody who acts for the client in appointments now."""
    now = clock.now()
    return [Hearer(**row) for row in await fetch(HEARERS, client_id, str(Area.APPOINTMENTS), now, now)]


async def told(viewer: Viewer, reminder_id: int) -> Told | None:
    rows = await fetch(TOLD, reminder_id)
    return Told(**rows[0]) if rows else None


async def by_token(viewer: Viewer, token: str) -> Told | None:
    """None for a link that this portal never made. The link itself is the right to see day and time."""
    row_id = letters.row_id(token)
    found = await told(viewer, row_id) if row_id else None
    if found is None or not links.is_token(token, found.reminder_id, found.appointment_id, found.starts_at):
        return None
    return found


async def language_of(viewer: Viewer, client_id: int) -> str:
    """In which those who act for the client are written to, where they agree on one; else English."""
    spoken = {one.language for one in await hearers(viewer, client_id)}
    return spoken.pop() if len(spoken) == 1 else "en"


async def consent(viewer: Viewer, client_id: int) -> Consent | None:
    """The one that has not ended, whether or not it holds still."""
    _must_reach(viewer, client_id)
    now = clock.now()
    rows = await fetch(CONSENT, str(Area.APPOINTMENTS), now, now, client_id)
    if not rows:
        return None
    row = rows[0]
    is_there = any(one.number == row["number"] for one in await mobiles(viewer, client_id))
    return Consent(row["id"], row["number"], row["language"], row["acts"] and is_there)


async def mobiles(viewer: Viewer, client_id: int) -> list[Mobile]:
    """The mobile numbers on the chart, each once, as far as they can be called."""
    _must_reach(viewer, client_id)
    is_shown = viewer.is_portal or viewer.acts_for(client_id, Area.INFORMATION)
    rows = await fetch(
        "SELECT id, number FROM client_phone WHERE client = {} AND kind = 'mobile' ORDER BY id", client_id
    )
    found: dict[str, Mobile] = {}
    for row in rows:
        number = phones.e164(row["number"])
        if number:
            found.setdefault(number, Mobile(row["id"], number, is_shown))
    return list(found.values())


def _must_reach(viewer: Viewer, client_id: int) -> None:
    if not viewer.is_portal:
        viewer.must_act_for(client_id, Area.APPOINTMENTS)

"""Appointments as calendars keep them, and the link by which a program reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal import clock, keys
from portal.access import Area, NotFoundException, Reach, Viewer
from portal.accounts import links
from portal.appointments.queries import visits
from portal.appointments.tables import State
from portal.appointments.visit import Visit
from portal.calendars.ics import Entry
from portal.database import Prepared, fetch

LINK = "calendar"
BACK = timedelta(days=90)
# What is only asked for is not in them: a calendar's owner takes an entry for something to keep, and would keep it
# when the practice has declined. Nor is what was moved, which stands there at its new time.
KEPT = (State.BOOKED, State.CONFIRMED, State.ARRIVED, State.COMPLETED, State.NO_SHOW)
CANCELLED = (State.CANCELLED, State.LATE_CANCELLED)
IN_CALENDARS = ", ".join(f"'{state}'" for state in (*KEPT, *CANCELLED))
ENTRIES = Prepared(
    f"""
    SELECT id, made_at, coalesce(decided_at, made_at) AS changed_at, starts_at, ends_at, version, state
      FROM appointment WHERE client = ANY($1::bigint[]) AND starts_at > $2 AND state IN ({IN_CALENDARS})
     ORDER BY starts_at, id
    """,
    "clients",
    "since",
)
READER = Prepared(
    f"""
    SELECT f.id, f.nonce, f.key_id, f.read_at, a.id AS account, a.email, a.name, a.language,
           ARRAY(SELECT g.client FROM access_grant AS g
                  WHERE g.account = a.id AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2)
                    AND '{Area.APPOINTMENTS}' = ANY(g.areas) ORDER BY g.client) AS clients
      FROM calendar_feed AS f JOIN account AS a ON a.id = f.account
     WHERE f.id = $1 AND f.ended_at IS NULL AND NOT a.is_suspended
    """,
    "feed",
    "now",
)


@dataclass(frozen=True)
class Feed:
    id: int
    token: str
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Reading:
    """Who a program reads for: an account that reaches appointments and nothing else by this link."""

    feed_id: int
    viewer: Viewer
    language: str
    read_at: datetime | None


async def entry(viewer: Viewer, client_id: int, appointment_id: int) -> tuple[Entry, Visit]:
    """Not found for what never was to be kept."""
    found = await visits.visit(viewer, client_id, appointment_id)
    if found.state not in (*KEPT, *CANCELLED):
        raise NotFoundException
    own = {name: getattr(found, name) for name in ("id", "made_at", "starts_at", "ends_at", "version")}
    changed = found.decided_at or found.made_at
    return _entry({**own, "changed_at": changed, "state": found.state}), found


async def entries(viewer: Viewer) -> list[Entry]:
    """Of everybody for whose appointments the viewer acts, in order."""
    clients = [grant.client_id for grant in viewer.grants if Area.APPOINTMENTS in grant.areas]
    return [_entry(row) for row in await ENTRIES(clients=clients, since=clock.now() - BACK)]


async def feed(viewer: Viewer) -> Feed | None:
    """The one that is open; a link whose key is gone is none."""
    rows = await fetch(
        "SELECT id, nonce, key_id, made_at, read_at FROM calendar_feed WHERE account = {} AND ended_at IS NULL",
        viewer.account_id,
    )
    for row in rows:
        if not keys.knows(row["key_id"]):
            return None
        token = links.token(LINK, row["id"], bytes(row["nonce"]), row["key_id"])
        return Feed(row["id"], token, row["made_at"], row["read_at"])
    return None


async def reading(viewer: Viewer, token: str) -> Reading:
    """Not found for a link that was never made or is no longer open, and for an account that is suspended."""
    row_id = links.row_id(token)
    for row in await READER(feed=row_id, now=clock.now()) if row_id else ():
        if links.is_token(token, LINK, row["id"], bytes(row["nonce"]), row["key_id"]):
            return Reading(row["id"], _reader(viewer, row), row["language"], row["read_at"])
    raise NotFoundException


def _reader(viewer: Viewer, row: dict[str, object]) -> Viewer:
    clients: Iterable[int] = row["clients"]  # type: ignore[assignment]
    only = frozenset({Area.APPOINTMENTS})
    return viewer.on(
        account_id=row["account"],
        name=row["name"] or row["email"],
        grants=tuple(Reach(client, "", only) for client in clients),
    )


def _entry(row: dict[str, object]) -> Entry:
    told = {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in row.items()}
    is_cancelled = told.pop("state") in CANCELLED
    return Entry(**told, is_cancelled=is_cancelled)  # type: ignore[arg-type]

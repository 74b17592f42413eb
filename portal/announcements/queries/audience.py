"""Whom an announcement reaches: clients in whose messages somebody can read it."""

from dataclasses import dataclass

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Area, Viewer
from portal.database import fetch

LIVE = """access_grant AS g JOIN account AS a ON a.id = g.account AND NOT a.is_suspended
       AND {} = ANY(g.areas) AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {})"""
IN_CARE = "c.is_active AND c.deceased_on IS NULL AND ({}::bigint IS NULL OR c.principal_clinician = {})"
# The client's own account; without one, everybody who reads for them.
READERS = """
SELECT client, array_agg(account ORDER BY account) AS accounts, array_agg(DISTINCT language) AS languages
  FROM (SELECT g.client, a.id AS account, a.language, g.kind = 'self' AS is_own,
               bool_or(g.kind = 'self') OVER (PARTITION BY g.client) AS has_own
          FROM {} WHERE {}) AS live
 WHERE is_own OR NOT has_own GROUP BY client ORDER BY client
"""


@dataclass(frozen=True)
class Size:
    """So many clients get it, of whom so many read Spanish only."""

    clients: int
    in_spanish: int


@dataclass(frozen=True)
class Readers:
    """Who reads the thread of one client, and in which languages they read."""

    client_id: int
    accounts: tuple[int, ...]
    languages: frozenset[str]


async def size(viewer: Viewer, clinician: int | None) -> Size:
    """As of now; when it is sent, whoever has access then gets it."""
    own = QueryString(f"g.client IN (SELECT c.id FROM client AS c WHERE {IN_CARE})", clinician, clinician)
    rows = await fetch(
        "SELECT count(*) AS clients, count(*) FILTER (WHERE languages = ARRAY['es']::varchar[]) AS in_spanish"
        " FROM ({}) AS readers",
        QueryString(READERS, _live(), own),
    )
    return Size(**rows[0])


async def next_clients(viewer: Viewer, clinician: int | None, after: int, most: int) -> list[int]:
    """Those behind this one, by id; held until the transaction ends.

    Counted and not `EXISTS`: that the planner turns into a join with everybody, for the sake of fifty.
    """
    rows = await fetch(
        f"SELECT c.id FROM client AS c WHERE c.id > {{}} AND {IN_CARE}"
        " AND (SELECT count(*) FROM {} WHERE g.client = c.id) > 0 ORDER BY c.id LIMIT {} FOR NO KEY UPDATE OF c",
        after,
        clinician,
        clinician,
        _live(),
        most,
    )
    return [row["id"] for row in rows]


async def readers(viewer: Viewer, clients: list[int]) -> list[Readers]:
    rows = await fetch(READERS, _live(), QueryString("g.client = ANY({}::bigint[])", clients))
    return [Readers(row["client"], tuple(row["accounts"]), frozenset(row["languages"])) for row in rows]


def _live() -> QueryString:
    now = clock.now()
    return QueryString(LIVE, str(Area.MESSAGES), now, now)

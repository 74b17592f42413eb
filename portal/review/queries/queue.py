"""What waits: the list that staff work through, and what comes next in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Permission, Viewer
from portal.clients.names import full_name
from portal.database import fetch
from portal.keyset import Place, turned
from portal.practice import queries as practice
from portal.review.filters import EVERYTHING, Filters
from portal.review.kinds import kind_of
from portal.review.reach import every, free, reached
from portal.review.tables import HELD_FOR

PAGE = 25
OPEN = QueryString("review_item.settled_at IS NULL")
MATCHING = "FROM review_item LEFT JOIN client AS c ON c.id = review_item.client WHERE {}"
COUNT = "SELECT count(*) FROM review_item WHERE settled_at IS NULL AND {}"


class Waiting(NamedTuple):
    """One line of the queue. `held_by` is somebody else who has it open."""

    id: int
    kind: str
    title: object
    line: object
    url: str
    is_on_desk: bool
    client_id: int | None
    client: str
    clinician: str
    opened_at: datetime
    held_by: str

    @property
    def place(self) -> Place:
        return Place(self.opened_at, self.id)


@dataclass(frozen=True)
class Queue:
    """A page of it, how many there are in all, and where the pages before and after begin."""

    items: list[Waiting]
    total: int
    before: Place | None
    after: Place | None


class Next(NamedTuple):
    url: str
    is_on_desk: bool


async def waiting(viewer: Viewer, filters: Filters = EVERYTHING) -> Queue:
    is_forwards = filters.before is None
    beyond = _beyond(filters, filters.after or filters.before, is_forwards=is_forwards)
    sql = _page(is_ascending=filters.is_newest_first != is_forwards)
    rows = await fetch(sql, _matching(viewer, filters), beyond, viewer.staff_id, clock.now() - HELD_FOR)
    found = [_waiting(row) for row in rows if row["id"]]
    is_begun = filters.after is not None
    items, has_before, has_after = turned(found, PAGE, is_begun=is_begun, is_backwards=not is_forwards)
    return Queue(
        items,
        rows[0]["total"],
        items[0].place if items and has_before else None,
        items[-1].place if items and has_after else None,
    )


async def next_free(viewer: Viewer, filters: Filters, place: Place | None, but: int) -> Next | None:
    """The first behind a place that nobody else has open."""
    another = QueryString("review_item.id <> {}", but)
    beyond = _beyond(filters, place, is_forwards=True)
    rows = await fetch(
        _first(is_ascending=not filters.is_newest_first),
        every(_matching(viewer, filters), another, free(viewer), beyond),
    )
    return Next(rows[0]["url"], kind_of(rows[0]["kind"]).is_on_desk) if rows else None


async def how_many_wait(viewer: Viewer) -> int:
    if not viewer.may(Permission.REVIEW_READ):
        return 0
    return int((await fetch(COUNT, reached(viewer)))[0]["count"])


def _matching(viewer: Viewer, filters: Filters) -> QueryString:
    conditions = [OPEN, reached(viewer)]
    if filters.kind:
        conditions.append(QueryString("review_item.kind = {}", filters.kind))
    if filters.clinician:
        conditions.append(QueryString("c.principal_clinician = {}", filters.clinician))
    if filters.age:
        conditions.append(QueryString("review_item.opened_at < {}", clock.now() - timedelta(days=filters.age)))
    if filters.is_mine:
        me = viewer.staff_id
        mine = "(c.principal_clinician = {} OR only_for = {} OR (held_by = {} AND held_at >= {}))"
        conditions.append(QueryString(mine, me, me, me, clock.now() - HELD_FOR))
    return every(*conditions)


def _beyond(filters: Filters, place: Place | None, *, is_forwards: bool) -> QueryString:
    if place is None:
        return QueryString("TRUE")
    way = ">" if is_forwards != filters.is_newest_first else "<"
    return QueryString(f"(review_item.opened_at, review_item.id) {way} ({{}}, {{}})", *place)


@cache
def _page(*, is_ascending: bool) -> str:
    """One statement counts and lists: the number in the heading is that of the list below it."""
    order = _order(is_ascending=is_ascending)
    return f"""
    WITH matching AS NOT MATERIALIZED (
        SELECT review_item.id, kind, about, url, opened_at, client, held_by, held_at,
               c.given_name, c.family_name, c.suffix, c.principal_clinician
          {MATCHING}
    )
    SELECT counted.total, page.*
      FROM (SELECT count(*) AS total FROM matching) AS counted
      LEFT JOIN (
        SELECT m.id, kind, about, url, opened_at, client, m.given_name, m.family_name, m.suffix,
               {practice.name_of("p")} AS clinician,
               {practice.name_of("h")} AS held_by
          FROM (SELECT * FROM matching AS review_item WHERE {{}} {order} LIMIT {PAGE + 1}) AS m
          LEFT JOIN staff_member AS p ON p.id = m.principal_clinician
          LEFT JOIN staff_member AS h ON h.id = m.held_by AND m.held_by IS DISTINCT FROM {{}} AND m.held_at >= {{}}
      ) AS page ON TRUE
     {order}"""


@cache
def _first(*, is_ascending: bool) -> str:
    return f"SELECT kind, url {MATCHING} {_order(is_ascending=is_ascending, of='review_item.')} LIMIT 1"


def _order(*, is_ascending: bool, of: str = "") -> str:
    way = "ASC" if is_ascending else "DESC"
    return f"ORDER BY {of}opened_at {way}, {of}id {way}"


def _waiting(row: dict[str, Any]) -> Waiting:
    kind = kind_of(row["kind"])
    return Waiting(
        id=row["id"],
        kind=kind.name,
        title=kind.title,
        line=kind.says(row["about"]),
        url=row["url"],
        is_on_desk=kind.is_on_desk,
        client_id=row["client"],
        client=full_name(row),
        clinician=row["clinician"],
        opened_at=row["opened_at"],
        held_by=row["held_by"],
    )

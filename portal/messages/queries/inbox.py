"""The conversations that a member of the staff reads: what waits, what is theirs, everything."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Permission, Viewer
from portal.clients.names import full_name, sought
from portal.database import fetch
from portal.keyset import Place, turned
from portal.messages import finding
from portal.messages.filters import Filters, View
from portal.messages.reach import near, own, read_by
from portal.practice.queries import name_of

PAGE = 50
MOST_COUNTED = 1000
WAITS = "thread.waiting_since IS NOT NULL AND thread.closed_at IS NULL"
# What was told to many is no conversation until somebody answers it: a thousand of them would hide all others.
IS_TALK = "(thread.announcement IS NULL OR thread.waiting_since IS NOT NULL OR thread.office_read_to > 0)"
OF_VIEW = {View.WAITING: WAITS, View.MINE: "thread.closed_at IS NULL", View.CLOSED: "thread.closed_at IS NOT NULL"}
LINE = f"""
t.id, t.client AS client_id, c.given_name, c.family_name, c.suffix, t.subject, t.topic, {name_of("p")} AS clinician,
t.assigned_to, {name_of("s")} AS assigned, t.waiting_since, t.latest_at, t.closed_at,
EXISTS (SELECT FROM message AS m WHERE m.thread = t.id AND m.id > t.office_read_to AND m.kind = 'client') AS is_unread,
t.waiting_since IS NOT NULL OR EXISTS (SELECT FROM message AS m WHERE m.thread = t.id AND m.kind = 'client') AS is_asked
"""
JOINED = """
JOIN client AS c ON c.id = t.client LEFT JOIN staff_member AS p ON p.id = t.clinician
LEFT JOIN staff_member AS s ON s.id = t.assigned_to
"""
COUNT = f"SELECT count(*) FROM thread WHERE {WAITS} AND {{}}"
OF_CLIENT = f"""
SELECT {LINE} FROM (
    SELECT * FROM thread WHERE client = {{}} AND id <> {{}} AND {{}} AND {{}}
     ORDER BY latest_at DESC, id DESC LIMIT {{}}
  ) AS t {JOINED} ORDER BY t.latest_at DESC, t.id DESC
"""
NEXT = f"""
SELECT {LINE} FROM (
    SELECT * FROM thread WHERE {WAITS} AND id <> {{}} AND (assigned_to IS NULL OR assigned_to = {{}}::bigint) AND {{}}
     ORDER BY waiting_since, id LIMIT 1
  ) AS t {JOINED}
"""


@dataclass(frozen=True)
class Line:
    """One conversation in a list. `is_unread`: the client wrote something that nobody of the staff has opened.

    Where nothing was asked, only the practice has written.
    """

    id: int
    client_id: int
    client: str
    subject: str
    topic: str
    clinician: str
    assigned_to: int | None
    assigned: str
    waiting_since: datetime | None
    latest_at: datetime
    closed_at: datetime | None
    is_unread: bool
    is_asked: bool

    def place(self, filters: Filters) -> Place:
        return Place(self.waiting_since if filters.is_oldest_first and self.waiting_since else self.latest_at, self.id)


@dataclass(frozen=True)
class Inbox:
    """A page of it; `total` is exact up to a thousand."""

    lines: list[Line]
    total: int
    before: Place | None
    after: Place | None

    @property
    def is_more(self) -> bool:
        return self.total > MOST_COUNTED


async def inbox(viewer: Viewer, filters: Filters) -> Inbox:
    is_forwards = filters.before is None
    is_ascending = filters.is_oldest_first == is_forwards
    sql = _page(filters.is_oldest_first, is_ascending, OF_VIEW.get(filters.view, "TRUE"))
    rows = await fetch(sql, await _matching(viewer, filters), _beyond(filters, is_ascending=is_ascending))
    found = [_line(row) for row in rows if row["id"]]
    lines, has_before, has_after = turned(found, PAGE, is_begun=filters.after is not None, is_backwards=not is_forwards)
    return Inbox(
        lines,
        rows[0]["total"],
        lines[0].place(filters) if lines and has_before else None,
        lines[-1].place(filters) if lines and has_after else None,
    )


async def how_many_wait(viewer: Viewer) -> int:
    """For the badge: the conversations of the inbox's first view."""
    if not viewer.may(Permission.MESSAGE_READ):
        return 0
    return int((await fetch(COUNT, await read_by(viewer)))[0]["count"])


async def of_client(
    viewer: Viewer, client_id: int, *, but: int = 0, is_open: bool = False, most: int = 5
) -> list[Line]:
    """The latest about one client, within the viewer's reach; one more than `most`, if there are so many."""
    which = QueryString(f"thread.closed_at IS NULL AND {IS_TALK}" if is_open else "TRUE")
    return [_line(row) for row in await fetch(OF_CLIENT, client_id, but, which, await read_by(viewer), most + 1)]


async def next_waiting(viewer: Viewer, but: int) -> Line | None:
    """Who has waited longest of those that nobody else has taken."""
    rows = await fetch(NEXT, but, viewer.staff_id, await read_by(viewer))
    return _line(rows[0]) if rows else None


async def _matching(viewer: Viewer, filters: Filters) -> QueryString:
    conditions = [await read_by(viewer)]
    if filters.view in (View.ALL, View.CLOSED):
        conditions.append(await near(viewer))
    if filters.view == View.ALL and not filters.is_narrow:
        conditions.append(QueryString(IS_TALK))
    if filters.view == View.MINE:
        conditions.append(await own(viewer))
    if filters.topic:
        conditions.append(QueryString("thread.topic = {}", filters.topic))
    if filters.client_id:
        conditions.append(QueryString("thread.client = {}", filters.client_id))
    if filters.words:
        conditions.append(
            QueryString(
                "(thread.client IN (SELECT id FROM client WHERE search @@ {}::tsquery)"
                " OR thread.id IN (SELECT m.thread FROM message AS m WHERE m.search @@ {}::tsquery))",
                sought(filters.words),
                finding.sought(filters.words),
            )
        )
    return QueryString(" AND ".join(["{}"] * len(conditions)), *conditions)


def _beyond(filters: Filters, *, is_ascending: bool) -> QueryString:
    place = filters.after or filters.before
    if place is None:
        return QueryString("TRUE")
    by = "waiting_since" if filters.is_oldest_first else "latest_at"
    return QueryString(f"(thread.{by}, thread.id) {'>' if is_ascending else '<'} ({{}}, {{}})", *place)


@cache
def _page(by_waiting: bool, is_ascending: bool, view: str) -> str:
    """One statement counts and lists: the number in the heading is that of the list below it."""
    by, way = "waiting_since" if by_waiting else "latest_at", "ASC" if is_ascending else "DESC"
    return f"""
    WITH matching AS NOT MATERIALIZED (SELECT thread.* FROM thread WHERE {view} AND {{}})
    SELECT counted.total, page.*
      FROM (SELECT count(*) AS total FROM (SELECT FROM matching LIMIT {MOST_COUNTED + 1}) AS known) AS counted
      LEFT JOIN (
        SELECT {LINE} FROM (SELECT * FROM matching AS thread WHERE {{}} ORDER BY {by} {way}, id {way} LIMIT {PAGE + 1})
            AS t {JOINED}
      ) AS page ON TRUE
     ORDER BY page.{by} {way}, page.id {way}"""


def _line(row: dict[str, Any]) -> Line:
    own_fields = {name: row[name] for name in Line.__dataclass_fields__ if name in row}
    return Line(**own_fields, client=full_name(row))

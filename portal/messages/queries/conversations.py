"""A client's conversations, as one who takes part in them sees them: the one in which something was said last first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Area, Viewer
from portal.database import fetch
from portal.keyset import Place, turned
from portal.messages.finding import is_found, sought
from portal.messages.queries.unread import IS_NEW
from portal.messages.tables import MessageKind, Topic
from portal.practice.queries import name_of

PAGE, EXCERPT = 25, 110
OF = "thread_participant AS p JOIN thread AS t ON t.id = p.thread WHERE p.account = {} AND t.client = {}"
ROWS = f"""
SELECT t.id, t.subject, t.topic, {name_of("c")} AS clinician, t.closed_at IS NOT NULL AS is_closed, t.latest_at,
       m.kind, coalesce(m.author = p.account, false) AS is_own, a.name AS author, {name_of("s")} AS staff,
       left(m.body, 400) AS body, d.id IS NOT NULL AS has_draft,
       CASE WHEN t.latest > p.read_to THEN
         (SELECT count(*) FROM message AS m WHERE m.thread = t.id AND {IS_NEW}) ELSE 0 END AS new
  FROM thread_participant AS p JOIN thread AS t ON t.id = p.thread
  LEFT JOIN staff_member AS c ON c.id = t.clinician
  JOIN message AS m ON m.id = t.latest
  LEFT JOIN account AS a ON a.id = m.author LEFT JOIN staff_member AS s ON s.id = m.staff
  LEFT JOIN message_draft AS d ON d.account = p.account AND d.client = t.client AND NOT d.is_staff AND d.thread = t.id
 WHERE p.account = {{}} AND t.client = {{}} AND {{}}
"""


@dataclass(frozen=True)
class Row:
    """One conversation; `new` is how many messages in it the viewer has not read."""

    id: int
    subject: str
    topic: str
    clinician: str
    is_closed: bool
    latest_at: datetime
    kind: str
    is_own: bool
    author: str
    staff: str
    body: str
    has_draft: bool
    new: int

    @property
    def is_personal(self) -> bool:
        return self.topic == Topic.PERSONAL

    @property
    def is_automatic(self) -> bool:
        return self.kind == MessageKind.AUTOMATIC

    @property
    def is_from_practice(self) -> bool:
        return self.kind == MessageKind.OFFICE

    @property
    def line(self) -> str:
        return shorten(self.body, EXCERPT, placeholder="…")


@dataclass(frozen=True)
class Inbox:
    """`total` counts on all pages."""

    rows: list[Row]
    total: int
    newer: Place | None
    older: Place | None


async def inbox(
    viewer: Viewer, client_id: int, words: str = "", *, after: Place | None = None, before: Place | None = None
) -> Inbox:
    """With words, what they stand in: a subject, or a message."""
    viewer.must_act_for(client_id, Area.MESSAGES)
    narrow = await _found(viewer, client_id, words) if words else QueryString("TRUE")
    total = (await fetch(f"SELECT count(*) AS n FROM {OF} AND {{}}", viewer.account_id, client_id, narrow))[0]["n"]
    rows = await _rows(viewer, client_id, narrow, after or before, is_backwards=before is not None)
    page, has_newer, has_older = turned(rows, PAGE, is_begun=after is not None, is_backwards=before is not None)
    return Inbox(
        page, total, _place(page[0]) if page and has_newer else None, _place(page[-1]) if page and has_older else None
    )


async def _found(viewer: Viewer, client_id: int, words: str) -> QueryString:
    """Subjects are few for each reader, and folded here as the words of messages were when they were written."""
    subjects = await fetch(f"SELECT t.id, t.subject FROM {OF}", viewer.account_id, client_id)
    ids = [row["id"] for row in subjects if is_found(row["subject"], words)]
    if not (query := sought(words)):
        return QueryString("FALSE")
    return QueryString(
        "(t.id = ANY({}::bigint[])"
        " OR (SELECT TRUE FROM message WHERE thread = t.id AND search @@ {}::tsquery LIMIT 1))",
        ids,
        query,
    )


async def _rows(
    viewer: Viewer, client_id: int, narrow: QueryString, edge: Place | None, *, is_backwards: bool
) -> Sequence[Row]:
    way, beyond = ("ASC", ">") if is_backwards else ("DESC", "<")
    if edge:
        narrow = QueryString(f"{{}} AND (t.latest_at, t.id) {beyond} ({{}}, {{}})", narrow, *edge)
    sql = f"{ROWS} ORDER BY t.latest_at {way}, t.id {way} LIMIT {PAGE + 1}"
    return [_row(row) for row in await fetch(sql, viewer.account_id, client_id, narrow)]


def _row(row: dict[str, Any]) -> Row:
    return Row(
        **{**row, "author": row["author"] or "", "staff": row["staff"] or "", "clinician": row["clinician"] or ""}
    )


def _place(row: Row) -> Place:
    return Place(row.latest_at, row.id)

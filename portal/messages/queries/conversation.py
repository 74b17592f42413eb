"""What was said in a thread, in the order in which it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Area, NotFoundException, Viewer
from portal.database import Prepared, fetch
from portal.messages.reach import read_by
from portal.messages.tables import FileState, MessageKind, Topic
from portal.practice.queries import name_of

PAGE = 50
HEAD = f"""
SELECT thread.id, thread.client AS client_id, thread.topic, thread.subject, thread.clinician AS clinician_id,
       {name_of("c")} AS clinician, thread.may_reply, thread.assigned_to, {name_of("s")} AS assigned,
       thread.waiting_since, thread.latest, thread.latest_at, thread.office_read_to, thread.office_read_at,
       thread.closed_at, thread.version, {{read}} AS read_to, {{asked}} AS is_asked
  FROM thread LEFT JOIN staff_member AS c ON c.id = thread.clinician
  LEFT JOIN staff_member AS s ON s.id = thread.assigned_to
"""
IS_ASKED = "EXISTS (SELECT FROM message AS m WHERE m.thread = thread.id AND m.kind = 'client')"
OF_CLIENT = Prepared(
    HEAD.format(read="p.read_to", asked="TRUE")
    + " JOIN thread_participant AS p ON p.thread = thread.id AND p.account = $1"
    " WHERE thread.client = $2 AND thread.id = $3",
    "account",
    "client",
    "thread",
)
SAID = f"""
SELECT m.id, m.kind, m.author AS author_id, a.name AS author, {name_of("s")} AS staff, m.body, m.sent_at
  FROM message AS m LEFT JOIN account AS a ON a.id = m.author LEFT JOIN staff_member AS s ON s.id = m.staff
 WHERE m.thread = {{}} AND {{}} ORDER BY m.id DESC LIMIT {PAGE + 1}
"""
FILES = Prepared(
    """
    SELECT id, message AS message_id, name, kind, size, state, pages, width, height,
           thumbnail_key <> '' AS has_thumbnail, preview_key <> '' OR kind IN ('jpeg', 'png') AS has_preview
      FROM attachment WHERE message = ANY($1::bigint[]) ORDER BY id
    """,
    "messages",
)


@dataclass(frozen=True)
class Head:
    """A thread without its words. `read_to` is how far the reader had read it; for staff, how far anybody had.

    Where nothing was asked, only the practice has written.
    """

    id: int
    client_id: int
    topic: str
    subject: str
    clinician_id: int | None
    clinician: str
    may_reply: bool
    assigned_to: int | None
    assigned: str
    waiting_since: datetime | None
    latest: int
    latest_at: datetime
    office_read_to: int
    office_read_at: datetime | None
    closed_at: datetime | None
    version: int
    read_to: int
    is_asked: bool

    @property
    def about(self) -> Topic:
        return Topic(self.topic)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


@dataclass(frozen=True)
class File:
    id: int
    message_id: int
    name: str
    kind: str
    size: int
    state: str
    pages: int | None
    width: int | None
    height: int | None
    has_thumbnail: bool
    has_preview: bool

    @property
    def is_clean(self) -> bool:
        return self.state == FileState.CLEAN


@dataclass(frozen=True)
class Said:
    """One message. `staff` is who wrote it for the practice; what is automatic was written by nobody."""

    id: int
    kind: str
    author_id: int | None
    author: str
    staff: str
    body: str
    sent_at: datetime
    files: tuple[File, ...] = ()

    @property
    def is_from_practice(self) -> bool:
        return self.kind != MessageKind.CLIENT

    @property
    def is_automatic(self) -> bool:
        return self.kind == MessageKind.AUTOMATIC

    @property
    def paragraphs(self) -> list[str]:
        return [part for part in self.body.split("\n\n") if part.strip()]


async def of_client(viewer: Viewer, client_id: int, thread_id: int) -> Head:
    """For whoever takes part in it and acts for the client; otherwise not found."""
    viewer.must_act_for(client_id, Area.MESSAGES)
    return _head(await OF_CLIENT(account=viewer.account_id, client=client_id, thread=thread_id))


async def of_staff(viewer: Viewer, thread_id: int) -> Head:
    sql = HEAD.format(read="thread.office_read_to", asked=IS_ASKED) + " WHERE thread.id = {} AND {}"
    return _head(await fetch(sql, thread_id, await read_by(viewer)))


async def said(viewer: Viewer, head: Head, before: int | None = None) -> tuple[list[Said], bool]:
    """The last page of messages, or the one before a message, oldest first; and whether there are older ones."""
    rows = await fetch(SAID, head.id, _edge(before))
    shown = rows[:PAGE][::-1]
    files = await _files([row["id"] for row in shown])
    return [Said(**_written(row), files=files.get(row["id"], ())) for row in shown], len(rows) > PAGE


def _head(rows: Sequence[dict[str, Any]]) -> Head:
    if not rows:
        raise NotFoundException
    return Head(**rows[0])


def _edge(before: int | None) -> QueryString:
    return QueryString("m.id < {}", before) if before else QueryString("TRUE")


def _written(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "author": row["author"] or "", "staff": row["staff"] or ""}


async def _files(messages: list[int]) -> dict[int, tuple[File, ...]]:
    found: dict[int, tuple[File, ...]] = {}
    for row in await FILES(messages=messages):
        found[row["message_id"]] = (*found.get(row["message_id"], ()), File(**row))
    return found

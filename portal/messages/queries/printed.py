"""What goes onto one paper: a whole thread as a rule, and of a very long one as much as a printer can bear."""

from dataclasses import dataclass

from portal.access import NotFoundException, Viewer
from portal.clients.names import full_name
from portal.database import fetch
from portal.messages.queries.conversation import FILES, File, Head, Said
from portal.practice.queries import name_of

MOST_MESSAGES, MOST_SIGNS = 1000, 750_000
FITTING = f"""
WITH lately AS (
  SELECT id, sum(length(body)) OVER (ORDER BY id DESC) AS signs, row_number() OVER (ORDER BY id DESC) AS place
    FROM (SELECT id, body FROM message WHERE thread = {{}} AND id <= {{}} AND ({{}}::bigint IS NULL OR id = {{}})
           ORDER BY id DESC LIMIT {MOST_MESSAGES + 1}) AS last
)
SELECT m.id, m.kind, m.author AS author_id, coalesce(a.name, '') AS author, {name_of("s")} AS staff, m.body, m.sent_at
  FROM lately JOIN message AS m ON m.id = lately.id
  LEFT JOIN account AS a ON a.id = m.author LEFT JOIN staff_member AS s ON s.id = m.staff
 WHERE lately.place = 1 OR lately.place <= {MOST_MESSAGES} AND lately.signs <= {MOST_SIGNS} ORDER BY m.id
"""
EARLIER = "SELECT max(id) AS id FROM message WHERE thread = {} AND id < {}"


@dataclass(frozen=True)
class Printed:
    """`client` is whom the thread is about. Where `earlier` is set, messages up to that one did not fit."""

    said: list[Said]
    client: str
    earlier: int | None

    @property
    def up_to(self) -> int:
        return self.said[-1].id


async def printed(viewer: Viewer, head: Head, *, until: int | None = None, message_id: int | None = None) -> Printed:
    """Of a thread that the viewer reads: all of it, all up to a message, or one message. Nothing there: not found."""
    rows = await fetch(FITTING, head.id, head.latest if until is None else until, message_id, message_id)
    if not rows:
        raise NotFoundException
    files: dict[int, tuple[File, ...]] = {}
    for row in await FILES(messages=[row["id"] for row in rows]):
        files[row["message_id"]] = (*files.get(row["message_id"], ()), File(**row))
    said = [Said(**row, files=files.get(row["id"], ())) for row in rows]
    client = await fetch("SELECT given_name, family_name, suffix FROM client WHERE id = {}", head.client_id)
    earlier = None if message_id else (await fetch(EARLIER, head.id, said[0].id))[0]["id"]
    return Printed(said, full_name(client[0]), earlier)


async def thread_of(viewer: Viewer, message_id: int) -> int:
    """Whoever asks is asked for the thread next."""
    rows = await fetch("SELECT thread FROM message WHERE id = {}", message_id)
    if not rows:
        raise NotFoundException
    return int(rows[0]["thread"])

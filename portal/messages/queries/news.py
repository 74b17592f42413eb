"""What a client has written that nobody of the office has read: of which whom of the staff is told."""

from datetime import datetime

from portal.access import Viewer
from portal.database import fetch
from portal.messages.reach import told_of

UNREAD = """
FROM thread JOIN message AS m ON m.thread = thread.id AND m.kind = 'client' AND m.id > thread.office_read_to
 WHERE thread.waiting_since IS NOT NULL AND thread.closed_at IS NULL
"""
SINCE = "AND m.sent_at > coalesce({}::timestamptz, '-infinity') AND m.sent_at <= {} AND {}"
WAITING = "SELECT count(*) FROM thread WHERE waiting_since IS NOT NULL AND closed_at IS NULL AND {}"
# Of a burst, and of everything that is unread, the first letter is enough.
TOLD = f"""
SELECT d.id FROM delivery AS d WHERE d.kind = 'message-received' AND d.address = {{}} AND d.subject_id IN (
  SELECT m.id {UNREAD} AND thread.id = (SELECT thread FROM message WHERE id = {{}})) LIMIT 1
"""


async def is_news(viewer: Viewer, message_id: int) -> bool:
    """Whether the viewer is to be told of this message, and nobody has read it yet."""
    return bool(await fetch(f"SELECT m.id {UNREAD} AND m.id = {{}} AND {{}}", message_id, await told_of(viewer)))


async def is_told(viewer: Viewer, message_id: int) -> bool:
    """Whether a letter has told them of the thread already, since somebody has read it. One at a time may ask."""
    key = "SELECT pg_advisory_xact_lock(hashtextextended('message-received:' || thread, 0)) FROM message WHERE id = {}"
    await fetch(key, message_id)
    return bool(await fetch(TOLD, viewer.email, message_id))


async def has_come(viewer: Viewer, since: datetime | None, until: datetime) -> bool:
    """Whether something came between that is unread still."""
    rows = await fetch(f"SELECT EXISTS (SELECT {UNREAD} {SINCE}) AS any", since, until, await told_of(viewer))
    return bool(rows[0]["any"])


async def how_many_wait(viewer: Viewer) -> int:
    """Threads without an answer, of those that are the viewer's to answer."""
    return int((await fetch(WAITING, await told_of(viewer)))[0]["count"])


async def thread_of(viewer: Viewer, message_id: int) -> int | None:
    rows = await fetch("SELECT thread FROM message WHERE id = {}", message_id)
    return int(rows[0]["thread"]) if rows else None

"""What somebody was about to write, with the files that came already: on every device the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import Area, Permission, Viewer
from portal.database import Prepared
from portal.messages.queries.conversation import File
from portal.messages.tables import Topic

DRAFT = Prepared(
    """
    SELECT id, key, topic, clinician, people, subject, body, saved_at FROM message_draft
     WHERE account = $1 AND client = $2 AND is_staff = $3 AND coalesce(thread, 0) = $4
    """,
    "account",
    "client",
    "is_staff",
    "thread",
)
FILES = Prepared(
    """
    SELECT id, 0::bigint AS message_id, name, kind, size, state, pages, width, height,
           thumbnail_key <> '' AS has_thumbnail, preview_key <> '' OR kind IN ('jpeg', 'png') AS has_preview
      FROM attachment WHERE draft = $1 ORDER BY id
    """,
    "draft",
)


@dataclass(frozen=True)
class Draft:
    """`key` becomes the message's. Of an answer only the words and the files count."""

    id: int
    key: str
    topic: str
    clinician: int | None
    people: Sequence[int]
    subject: str
    body: str
    saved_at: datetime
    files: tuple[File, ...] = ()

    @property
    def chosen(self) -> str:
        """The topic, or the clinician, as the form names them."""
        return f"{Topic.PERSONAL}-{self.clinician}" if self.clinician else self.topic


async def draft(viewer: Viewer, client_id: int, thread_id: int | None, *, is_staff: bool) -> Draft | None:
    """One's own, for this thread or for a new one. Whoever asks has been asked whether they reach the thread."""
    if is_staff:
        viewer.must(Permission.MESSAGE_READ)
    else:
        viewer.must_act_for(client_id, Area.MESSAGES)
    rows = await DRAFT(account=viewer.account_id, client=client_id, is_staff=is_staff, thread=thread_id or 0)
    return await _whole(rows[0]) if rows else None


async def _whole(row: dict[str, Any]) -> Draft:
    return Draft(**row, files=tuple(File(**one) for one in await FILES(draft=row["id"])))

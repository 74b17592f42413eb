"""One file: of a message in a thread that one reads, or of one's own draft. What is not clean is not there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from portal import storage
from portal.access import NotFoundException, Permission, Viewer
from portal.access.permissions import Area
from portal.database import fetch
from portal.messages.queries import conversation

COLUMNS = (
    "f.id, f.client AS client_id, f.name, f.kind, f.media_type, f.size, f.key, f.thumbnail_key, f.preview_key, f.pages"
)


@dataclass(frozen=True)
class Kept:
    """`picture_key` is what shows it: its first page, or itself."""

    id: int
    client_id: int
    name: str
    kind: str
    media_type: str
    size: int
    key: str
    thumbnail_key: str
    preview_key: str
    pages: int | None

    @property
    def picture_key(self) -> str:
        return self.preview_key or (self.key if self.kind in ("jpeg", "png") else "")

    @property
    def picture_type(self) -> str:
        return "image/png" if not self.preview_key and self.kind == "png" else "image/jpeg"


async def of_client(viewer: Viewer, client_id: int, thread_id: int, attachment_id: int) -> Kept:
    head = await conversation.of_client(viewer, client_id, thread_id)
    return await _of_thread(head.id, attachment_id)


async def of_staff(viewer: Viewer, thread_id: int, attachment_id: int) -> Kept:
    head = await conversation.of_staff(viewer, thread_id)
    return await _of_thread(head.id, attachment_id)


async def of_draft(viewer: Viewer, attachment_id: int) -> Kept:
    """Its writer's alone, for as long as the writer may still send it."""
    rows = await fetch(
        f"SELECT {COLUMNS}, d.is_staff FROM attachment AS f JOIN message_draft AS d ON d.id = f.draft"
        " WHERE f.id = {} AND f.state = 'clean' AND d.account = {}",
        attachment_id,
        viewer.account_id,
    )
    if not rows:
        raise NotFoundException
    if rows[0].pop("is_staff"):
        viewer.must(Permission.MESSAGE_READ)
    else:
        viewer.must_act_for(rows[0]["client_id"], Area.MESSAGES)
    return Kept(**rows[0])


async def content(viewer: Viewer, key: str) -> AsyncIterator[bytes]:
    """Whoever has the row was allowed to. Its first portion is there when this returns."""
    try:
        return await storage.begun(key)
    except storage.NoSuchFile:
        raise NotFoundException from None


async def _of_thread(thread_id: int, attachment_id: int) -> Kept:
    rows = await fetch(
        f"SELECT {COLUMNS} FROM attachment AS f JOIN message AS m ON m.id = f.message"
        " WHERE f.id = {} AND f.state = 'clean' AND m.thread = {}",
        attachment_id,
        thread_id,
    )
    if not rows:
        raise NotFoundException
    return Kept(**rows[0])

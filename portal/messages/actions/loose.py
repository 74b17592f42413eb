"""Files that belong to no message and no draft are let go of after a day, and gone after another.

In two steps, because of the backup that has read the row and not yet the file.
"""

from datetime import datetime, timedelta

from portal import clock, storage
from portal.access import Viewer
from portal.database import fetch, transaction

DAY, OLD = timedelta(days=1), timedelta(days=30)
LOOSE = """
    message IS NULL AND (draft IS NULL OR EXISTS (
        SELECT FROM message_draft AS d WHERE d.id = attachment.draft AND d.saved_at < {}))
"""


async def forget_files(viewer: Viewer) -> None:
    """Of drafts, too, that nobody has gone on with for a month: their words stay."""
    now = clock.now()
    await fetch(f"UPDATE attachment SET let_go_at = NULL WHERE let_go_at IS NOT NULL AND NOT ({LOOSE})", now - OLD)
    await fetch(
        f"UPDATE attachment SET let_go_at = {{}} WHERE let_go_at IS NULL AND added_at < {{}} AND {LOOSE}",
        now,
        now - DAY,
        now - OLD,
    )
    for one in await fetch("SELECT id FROM attachment WHERE let_go_at < {} ORDER BY id", now - DAY):
        await _forget(one["id"], now)


async def _forget(attachment_id: int, now: datetime) -> None:
    """The files first: where they cannot be deleted, the row is there to try again."""
    async with transaction():
        rows = await fetch(
            f"SELECT key, thumbnail_key, preview_key FROM attachment WHERE id = {{}} AND let_go_at < {{}} AND {LOOSE}"
            " FOR UPDATE",
            attachment_id,
            now - DAY,
            now - OLD,
        )
        for row in rows:
            for key in filter(None, row.values()):
                await storage.delete(key)
            await fetch("DELETE FROM attachment WHERE id = {}", attachment_id)

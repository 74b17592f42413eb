"""What has been read: read marks, the one thing that looking changes."""

from portal import clock
from portal.access import Area, Viewer
from portal.database import fetch
from portal.messages.reach import read_by


async def mark_read(viewer: Viewer, client_id: int, thread_id: int, up_to: int) -> None:
    """What was on the page, and never less than before."""
    viewer.must_act_for(client_id, Area.MESSAGES)
    await fetch(
        "UPDATE thread_participant SET read_to = {}, read_at = {} WHERE thread = {} AND account = {} AND read_to < {}",
        up_to,
        clock.now(),
        thread_id,
        viewer.account_id,
        up_to,
    )


async def mark_read_for_staff(viewer: Viewer, thread_id: int, up_to: int) -> None:
    """The client sees that the office has read it."""
    await fetch(
        "UPDATE thread SET office_read_to = {}, office_read_at = {} WHERE id = {} AND office_read_to < {} AND {}",
        up_to,
        clock.now(),
        thread_id,
        up_to,
        await read_by(viewer),
    )

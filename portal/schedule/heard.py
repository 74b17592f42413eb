"""What staff read of whether the client hears of what they did."""

from portal.access import Viewer
from portal.language import lazy
from portal.schedule.queries import people

SOMETHING_WAITS = lazy("The client is told that something waits.")
SOMETHING_CHANGED = lazy("The client is told that something changed.")
READS_WHY = lazy("The client is told that something changed, and reads why in the portal.")
NOBODY = lazy("Nobody uses the portal for this client: call them.")


async def told(viewer: Viewer, appointment_id: int, done: object, hears: object, *, with_later: bool = False) -> str:
    """`done`, and then what the client hears of it; nothing more where it is over, since no letter leaves then.

    `with_later`: of the visit's series more were changed than it alone.
    """
    if not await people.is_news(viewer, appointment_id, with_later=with_later):
        return str(done)
    row = await people.row_of(viewer, appointment_id)
    return f"{done} {hears if await people.is_heard(viewer, row.client) else NOBODY}"

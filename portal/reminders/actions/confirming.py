"""A visit is confirmed by the link of a reminder, without signing in."""

from portal.access import Area, NotFoundException, Reach, Viewer
from portal.accounts import throttle
from portal.appointments.actions import keeping
from portal.appointments.settings import asks_to_confirm
from portal.clients import record
from portal.database import transaction
from portal.reminders import queries

DOOR = "confirm"


async def confirm(viewer: Viewer, token: str) -> None:
    """Who holds the link may say that they come, and nothing else. Where it is too late nothing happens; twice is as
    good as once. Raises not found for a link of nobody's, and `TooMany` for who guesses.
    """
    found = await queries.by_token(viewer, token)
    if found is None:
        await throttle.knock(DOOR, viewer.address, viewer.address, most=throttle.ENDLESS)
        raise NotFoundException
    if not await asks_to_confirm(viewer):
        return
    async with transaction():
        await record.lock(viewer, found.client_id)
        now = await queries.told(viewer, found.reminder_id)
        if now is not None and now.is_open:
            holder = viewer.on(grants=(Reach(now.client_id, "link", frozenset({str(Area.APPOINTMENTS)})),))
            await keeping.confirm(holder, now.client_id, now.appointment_id)

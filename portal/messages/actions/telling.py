"""Whoever takes part hears that a message waits: one letter for a burst, none for what was read meanwhile."""

from datetime import timedelta

from portal import audit, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.messages.queries import untold
from portal.outbox import Event

PATIENCE = timedelta(minutes=5)
OTHERS = """
SELECT p.id FROM message AS m JOIN thread_participant AS p ON p.thread = m.thread
 WHERE m.id = {} AND m.kind <> 'automatic' AND p.account <> m.author ORDER BY p.id
"""


async def tell_later(event: Event) -> None:
    """A message was sent: in five minutes it is seen who has not read it."""
    for row in await fetch(OTHERS, event.subject_id):
        await outbox.send_on("tell", row["id"], _key(row["id"], event.subject_id), event.happened_at + PATIENCE)


async def tell(viewer: Viewer, participant_id: int) -> None:
    """One letter tells of what there is by now: the errands of the rest of a burst find nothing left to tell."""
    async with transaction():
        await fetch("SELECT id FROM thread_participant WHERE id = {} FOR UPDATE", participant_id)
        reader = await untold.reader(viewer, participant_id)
        if reader is not None and reader.untold is not None and not await _has_time(participant_id, reader.untold):
            await fetch("UPDATE thread_participant SET told_to = {} WHERE id = {}", reader.latest, participant_id)
            await audit.record(viewer, "message.told", client_id=reader.client_id, subject_id=participant_id)
            await outbox.record("message.waits", participant_id, reader.client_id)


async def _has_time(participant_id: int, message_id: int) -> bool:
    """What came before was read: the first that was not has an errand of its own, which is not due yet."""
    key = _key(participant_id, message_id)
    return bool(await fetch("SELECT id FROM errand WHERE dedupe_key = {} AND state = 'queued'", key))


def _key(participant_id: int, message_id: int) -> str:
    return f"tell:{participant_id}:{message_id}"

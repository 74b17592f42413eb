"""Who is written to about a message: whoever takes part in it, and whoever of the staff answers it."""

from portal.letters import actions as letters
from portal.messages.actions.telling import PATIENCE
from portal.messages.queries import news, untold
from portal.notifications import rules
from portal.notifications.actions import POST_OFFICE
from portal.notifications.queries import told
from portal.outbox import Event


async def tell_message_waits(event: Event) -> None:
    """On the side of the client."""
    reader = await untold.reader(POST_OFFICE, event.subject_id)
    if reader is not None:
        await letters.write(POST_OFFICE, event, "message-waiting", reader.address, reader.language)


async def tell_staff_of_message(event: Event) -> None:
    """Where they are told at once: with some patience, so that whoever reads it first is not written to."""
    audience, timing = await told.rule(POST_OFFICE, rules.NEW_MESSAGE.name)
    if audience != rules.READERS or timing != rules.AT_ONCE:
        return
    for one in await told.colleagues(POST_OFFICE, letter=told.NEW_MESSAGES):
        if await news.is_news(one.viewer, event.subject_id) and not await news.is_told(one.viewer, event.subject_id):
            due_at = event.happened_at + PATIENCE
            await letters.write(POST_OFFICE, event, "message-received", one.viewer.email, one.language, due_at=due_at)

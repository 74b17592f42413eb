"""A text message is a row first, as a letter is: written with its event, then handed over, then settled."""

from portal import clock, language, outbox
from portal.access import Viewer
from portal.appointments.settings import asks_to_confirm
from portal.database import fetch, transaction
from portal.outbox import Event
from portal.reminders import queries, words
from portal.reminders.actions import consent
from portal.reminders.tables import TextMessage, TextState
from portal.settings import settings

KIND = "appointment-reminder"
PHONE = Viewer.portal("texts")


async def tell_by_text(event: Event) -> None:
    """A reminder that came due, to the one number where the client agreed to it."""
    reminder = await queries.told(PHONE, event.subject_id)
    agreed = await queries.consent(PHONE, reminder.client_id) if reminder and reminder.is_coming else None
    if agreed is not None and agreed.holds:
        await _write(event, agreed.number, agreed.language)


async def _write(event: Event, number: str, spoken: str) -> None:
    """One per event, kind and number: a second arrival writes nothing."""
    async with transaction():
        rows = await fetch(
            "INSERT INTO text_message"
            " (event, client, kind, subject_id, number, language, state, written_at, last_error)"
            " VALUES ({}, {}, {}, {}, {}, {}, 'queued', {}, '')"
            " ON CONFLICT (event, kind, number) DO NOTHING RETURNING id",
            event.id,
            event.client_id,
            KIND,
            event.subject_id,
            number,
            spoken,
            clock.now(),
        )
        for row in rows:
            await outbox.send_on("text", row["id"], f"text:{row['id']}")


async def words_of(viewer: Viewer, message: TextMessage) -> str | None:
    """What it says when it goes out; None where it has lost its point, or nobody agrees to it any more.

    A consent whose number has left the chart, or whose giver acts for the client no longer, ends here.
    """
    agreed = await queries.consent(viewer, message.client)
    if agreed is not None and not agreed.holds:
        await consent.end(viewer, message.client)
    if agreed is None or not agreed.holds or agreed.number != message.number:
        return None
    reminder = await queries.told(viewer, message.subject_id)
    if reminder is None or not reminder.is_coming:
        return None
    is_asked = reminder.is_open and await asks_to_confirm(viewer)
    link = f"{settings().base_url}/confirm/{reminder.token}" if is_asked else ""
    with language.speaking(message.language):
        return words.reminder(reminder.starts_at, reminder.time_zone, link)


async def settle(viewer: Viewer, message_id: int, state: TextState, error: str = "") -> None:
    """Written is not sent: that a message is sent, only a carrier can say."""
    await fetch(
        "UPDATE text_message SET state = {}, ended_at = {}, last_error = {} WHERE id = {}",
        str(state),
        clock.now(),
        error[:300],
        message_id,
    )

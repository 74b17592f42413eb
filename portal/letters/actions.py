"""A letter is a row first: written with its event, then sent, then settled."""

from datetime import datetime

from portal import clock, keys, outbox
from portal.access import NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.letters.tables import Delivery, DeliveryState
from portal.outbox import Event, Leased, LeaseLost
from portal.settings import settings


async def write(
    viewer: Viewer, event: Event, kind: str, address: str, language: str, *, due_at: datetime | None = None
) -> None:
    """One per event, kind and address: a second arrival writes nothing. The Message-ID stays through every retry."""
    async with transaction():
        rows = await fetch(
            "INSERT INTO delivery"
            " (event, kind, subject_id, client_id, address, language, message_id, state, written_at, last_error)"
            " VALUES ({}, {}, {}, {}, {}, {}, {}, 'queued', {}, '')"
            " ON CONFLICT (event, kind, address) DO NOTHING RETURNING id",
            event.id,
            kind,
            event.subject_id,
            event.client_id,
            address,
            language,
            _message_id(event.id, kind, address),
            clock.now(),
        )
        for row in rows:
            await outbox.send_on("deliver", row["id"], f"deliver:{row['id']}", due_at)


async def settle(viewer: Viewer, delivery: Delivery, state: DeliveryState, error: str = "") -> None:
    await fetch(
        "UPDATE delivery SET state = {}, ended_at = {}, last_error = {} WHERE id = {}",
        str(state),
        clock.now() if state != DeliveryState.QUEUED else None,
        error[:300],
        delivery.id,
    )


async def settle_sent(viewer: Viewer, delivery: Delivery, errand: Leased) -> None:
    """The letter is out. In one statement with its errand: until it is noted, a kill makes the letter go out again."""
    noted = await fetch(
        "WITH settled AS ({}) UPDATE delivery SET state = 'sent', ended_at = {}, last_error = ''"
        " WHERE id = {} AND EXISTS (SELECT FROM settled) RETURNING id",
        outbox.settling(errand),
        clock.now(),
        delivery.id,
    )
    if not noted:
        raise LeaseLost


async def bounce(viewer: Viewer, message_id: str) -> Delivery | None:
    """The address did not take a letter after all; None where no letter of ours has this Message-ID."""
    found = await Delivery.objects().where(Delivery.message_id == message_id).first()
    if found is not None and found.state == DeliveryState.SENT:
        await settle(viewer, found, DeliveryState.BOUNCED)
    return found


async def queue_again(viewer: Viewer, delivery_id: int) -> None:
    """A letter that failed is tried once more. Raises not found for one that has not failed or is out of reach."""
    delivery = await _failed(viewer, delivery_id)
    await settle(viewer, delivery, DeliveryState.QUEUED)
    await outbox.send_on("deliver", delivery.id, f"deliver:{delivery.id}:again:{clock.now().isoformat()}")


async def drop(viewer: Viewer, delivery_id: int) -> None:
    await settle(viewer, await _failed(viewer, delivery_id), DeliveryState.DROPPED)


async def _failed(viewer: Viewer, delivery_id: int) -> Delivery:
    found = await (
        Delivery.objects()
        .where(
            viewer.reaches(Delivery) | (Delivery.client_id.is_null()),
            Delivery.id == delivery_id,
            Delivery.state.is_in([DeliveryState.FAILED, DeliveryState.BOUNCED]),
        )
        .lock_rows("UPDATE")
        .first()
    )
    if found is None:
        raise NotFoundException
    return found


def _message_id(event_id: int, kind: str, address: str) -> str:
    """The same for the same letter, whoever sends it, however often."""
    return f"<{keys.derive('message-id', event_id, kind, address)[:15].hex()}@{settings().mail_domain}>"

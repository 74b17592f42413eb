"""The text door: a message's row goes to a carrier, or into a folder. The only place that knows either."""

import os
from collections.abc import Mapping
from typing import Protocol

import dramatiq

import tasks.broker  # noqa: F401
from portal import clock, consequences, outbox
from portal.access import Viewer
from portal.database import transaction
from portal.outbox import Leased
from portal.reminders.actions import texts
from portal.reminders.tables import TextMessage, TextState
from portal.settings import settings
from tasks.actors import carry_out, in_thread

PHONE = Viewer.portal("texts")
WAITING = (TextState.QUEUED, TextState.FAILED)


class Refused(Exception):
    """The carrier will not take this message, now or later."""


class Carrier(Protocol):
    """`outcome` is what may be said of a message once it was handed over: sent only where somebody sends it."""

    outcome: TextState

    def hand_over(self, key: str, number: str, words: str) -> None:
        """Blocks until it is theirs. `key` is the same through every retry, so that they can tell a copy.

        Raises `Refused` for a lasting no, and anything else for a passing one.
        """


class File:
    """One file for each message; nobody sends it."""

    outcome = TextState.WRITTEN

    def hand_over(self, key: str, number: str, words: str) -> None:
        folder = settings().data_dir / "texts"
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{key}.{os.getpid()}.new"
        with draft.open("w", encoding="utf-8") as file:
            file.write(f"To: {number}\nDate: {clock.now().isoformat(timespec='seconds')}\n\n{words}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / f"{key}.txt")


CARRIERS: Mapping[str, type[Carrier]] = {"file": File}


@dramatiq.actor
async def text(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, send)


async def send(errand: Leased) -> None:
    """One that failed is taken up again where staff have asked for it."""
    message = await TextMessage.objects().get(TextMessage.id == errand.subject_id)
    assert message is not None
    if message.state not in WAITING:
        await outbox.settle(errand)
        return
    words = await texts.words_of(PHONE, message)
    if words is None:
        await _settle(errand, TextState.DROPPED)
        return
    carrier = CARRIERS[settings().text_carrier]()
    try:
        await in_thread(carrier.hand_over, f"text-{message.id}", message.number, words)
        await _settle(errand, carrier.outcome)
    except Refused as refusal:
        await _give_up(errand, str(refusal))


async def _settle(errand: Leased, state: TextState) -> None:
    async with transaction():
        await texts.settle(PHONE, errand.subject_id, state)
        await outbox.settle(errand)


async def _give_up(errand: Leased, why: str) -> None:
    async with transaction():
        await outbox.fail(errand, why, for_good=True)
        await consequences.alarm_about_errand(errand, why)

"""Somebody writes: a new thread or an answer, once, in the order in which the database takes them."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from portal import clock
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.messages.actions import automatic
from portal.messages.actions.putting import Beginning, Words, lock, open_thread, put
from portal.messages.queries import conversation, people
from portal.messages.settings import clients_write, writes_to_clinicians
from portal.messages.tables import MessageKind, Topic
from portal.messages.topics import READERS
from portal.practice import queries as practices
from portal.refusal import Refused

MOST_AN_HOUR = 30
JUST_NOW = timedelta(minutes=2)
NOTHING_SAID = lazy("Write your message")


async def begin(viewer: Viewer, client_id: int, beginning: Beginning, words: Words) -> int:
    """By somebody who acts for the client. Returns the thread; that of the first time where it was sent already.

    Raises `Refused`.
    """
    viewer.must_act_for(client_id, Area.MESSAGES)
    if not await clients_write(viewer):
        raise NotFoundException
    await _must_be_readable(viewer, client_id, beginning)
    others = beginning.people & {one.account_id for one in await people.of_client(viewer, client_id)}
    async with transaction():
        await record.lock(viewer, client_id)
        words, known = await _once(viewer, words)
        if known is not None:
            return known
        await _must_not_flood(viewer)
        thread_id = await open_thread(viewer, client_id, beginning, others | {int(viewer.account_id or 0)})
        await put(viewer, client_id, thread_id, MessageKind.CLIENT, words)
        await automatic.answer(viewer, client_id, thread_id)
    return thread_id


async def begin_for_staff(viewer: Viewer, client_id: int, beginning: Beginning, words: Words) -> int:
    """By staff, to the people they choose; what is personal is between them and their writer. Raises `Refused`."""
    viewer.must(Permission.MESSAGE_READ)
    if not await _may_begin(viewer, beginning):
        raise Refused(topic=lazy("Choose what it is about"))
    await people.must_reach(viewer, client_id)
    reached = beginning.people & {one.account_id for one in await people.of_client(viewer, client_id)}
    if not reached:
        raise Refused(people=lazy("Choose who gets the message"))
    async with transaction():
        await record.lock(viewer, client_id)
        words, known = await _once(viewer, words)
        if known is not None:
            return known
        thread_id = await open_thread(viewer, client_id, beginning, reached)
        await put(viewer, client_id, thread_id, MessageKind.OFFICE, words)
    return thread_id


async def _may_begin(viewer: Viewer, beginning: Beginning) -> bool:
    """What is personal is a clinician's own; of the rest, what one reads."""
    if beginning.topic != Topic.PERSONAL:
        return viewer.may(READERS[beginning.topic])
    clinicians = {one.id for one in await practices.clinicians(viewer)}
    return beginning.clinician == viewer.staff_id and viewer.staff_id in clinicians


async def answer(viewer: Viewer, client_id: int, thread_id: int, words: Words) -> None:
    """By somebody who takes part. A thread that was closed is open again. Raises `Refused`."""
    head = await conversation.of_client(viewer, client_id, thread_id)
    if not head.may_reply:
        raise NotFoundException
    async with transaction():
        await lock(viewer, thread_id)
        words, known = await _once(viewer, words, thread_id)
        if known is None:
            await _must_not_flood(viewer)
            await put(viewer, client_id, thread_id, MessageKind.CLIENT, words)
            await automatic.answer(viewer, client_id, thread_id)


async def answer_for_staff(viewer: Viewer, thread_id: int, words: Words) -> None:
    """By whoever of the staff reads it."""
    head = await conversation.of_staff(viewer, thread_id)
    async with transaction():
        await lock(viewer, thread_id)
        words, known = await _once(viewer, words, thread_id)
        if known is None:
            await put(viewer, head.client_id, thread_id, MessageKind.OFFICE, words)


async def _must_be_readable(viewer: Viewer, client_id: int, beginning: Beginning) -> None:
    """What is personal goes to a clinician the client sees, everything else to a topic."""
    if beginning.topic == Topic.PERSONAL:
        seen = await people.clinicians(viewer, client_id) if await writes_to_clinicians(viewer) else []
        if beginning.clinician not in {one.id for one in seen}:
            raise Refused(topic=lazy("Choose who the message is for"))
    elif beginning.clinician is not None:
        raise Refused(topic=lazy("Choose who the message is for"))


async def _once(viewer: Viewer, words: Words, thread_id: int | None = None) -> tuple[Words, int | None]:
    """The words under the key that is theirs, and the thread in which they stand already, if they do.

    A form that is open twice has one key: other words from it, or for another thread, are a message of their own.
    """
    rows = await fetch("SELECT thread, body FROM message WHERE author = {} AND key = {}", viewer.account_id, words.key)
    if not rows:
        await _must_say_something(words)
        return words, await _said_just_now(viewer, words, thread_id)
    if rows[0]["body"] == words.body and thread_id in (None, rows[0]["thread"]):
        return words, int(rows[0]["thread"])
    other = sha256(f"{words.key}:{thread_id}:{words.body}".encode()).hexdigest()[:32]
    return await _once(viewer, replace(words, key=other), thread_id)


async def _must_say_something(words: Words) -> None:
    if not words.body.strip() and not await _has_files(words):
        raise Refused(body=NOTHING_SAID)


async def _has_files(words: Words) -> bool:
    return bool(words.draft and await fetch("SELECT FROM attachment WHERE draft = {}", words.draft))


async def _said_just_now(viewer: Viewer, words: Words, thread_id: int | None) -> int | None:
    """Back, and Send once more: a fresh form with the words that the browser has kept. With files it is meant."""
    if thread_id is None or await _has_files(words):
        return None
    rows = await fetch(
        "SELECT body FROM message WHERE thread = {} AND author = {} AND sent_at > {} ORDER BY id DESC LIMIT 1",
        thread_id,
        viewer.account_id,
        clock.now() - JUST_NOW,
    )
    if not rows or rows[0]["body"] != words.body:
        return None
    await fetch("DELETE FROM message_draft WHERE id = {} AND account = {}", words.draft, viewer.account_id)
    return thread_id


async def _must_not_flood(viewer: Viewer) -> None:
    rows = await fetch(
        "SELECT count(*) FROM message WHERE author = {} AND sent_at > {}::timestamptz - interval '1 hour'",
        viewer.account_id,
        clock.now(),
    )
    if rows[0]["count"] >= MOST_AN_HOUR:
        raise Refused({"": lazy("That is a lot for one hour: wait a little, or call the office")})

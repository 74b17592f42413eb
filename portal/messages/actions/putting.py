"""How a message gets into the database: inside the transaction of whoever has asked whether it may."""

from collections.abc import Collection
from dataclasses import dataclass, field

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.database import fetch
from portal.messages.actions import waiting
from portal.messages.finding import words_of
from portal.messages.tables import MessageKind, Topic

MOST_TERMS = 400


@dataclass(frozen=True)
class Words:
    """What is sent. `key` comes from the form: sent twice, it is one message. The files are those of `draft`.

    Staff answer what they have `seen`, up to that message; without it, everything.
    """

    body: str
    key: str
    draft: int | None = None
    without: frozenset[int] = field(default_factory=frozenset)
    seen: int | None = None


@dataclass(frozen=True)
class Beginning:
    """A new thread: about what, or to which clinician; `people` are the accounts that take part beside its author."""

    topic: Topic
    subject: str
    clinician: int | None = None
    people: frozenset[int] = field(default_factory=frozenset)
    announcement: int | None = None
    may_reply: bool = True


async def lock(viewer: Viewer, thread_id: int) -> None:
    """Whoever adds to a thread, or decides about it, waits here for whoever else does."""
    await fetch("SELECT id FROM thread WHERE id = {} FOR UPDATE", thread_id)


async def open_thread(viewer: Viewer, client_id: int, beginning: Beginning, accounts: Collection[int]) -> int:
    now = clock.now()
    rows = await fetch(
        "INSERT INTO thread (client, topic, clinician, subject, started_at, latest_at, announcement, may_reply, latest,"
        " office_read_to, version) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, 0, 0, 1) RETURNING id",
        client_id,
        str(beginning.topic),
        beginning.clinician,
        beginning.subject,
        now,
        now,
        beginning.announcement,
        beginning.may_reply,
    )
    await fetch(
        "INSERT INTO thread_participant (thread, account, read_to, told_to, added_at)"
        " SELECT {}, account, 0, 0, {} FROM unnest({}::bigint[]) AS account",
        rows[0]["id"],
        now,
        sorted(accounts),
    )
    return int(rows[0]["id"])


async def put(viewer: Viewer, client_id: int, thread_id: int, kind: MessageKind, words: Words) -> int:
    """In the transaction of its caller, who holds the thread."""
    now = clock.now()
    rows = await fetch(
        "INSERT INTO message (thread, client, kind, author, staff, body, key, sent_at, search)"
        " VALUES ({}, {}, {}, {}, {}, {}, {}, {}, array_to_tsvector({}::text[])) RETURNING id",
        thread_id,
        client_id,
        str(kind),
        None if kind == MessageKind.AUTOMATIC else viewer.account_id,
        viewer.staff_id if kind == MessageKind.OFFICE else None,
        words.body,
        words.key,
        now,
        terms(f"{await _title(thread_id)} {words.body}"),
    )
    message_id = int(rows[0]["id"])
    await fetch(
        "UPDATE thread SET latest = {}, latest_at = {}, closed_at = NULL, closed_by = NULL,"
        " waiting_since = CASE {} WHEN 'client' THEN coalesce(waiting_since, {})"
        " WHEN 'automatic' THEN waiting_since"
        " ELSE (SELECT min(sent_at) FROM message AS m WHERE m.thread = thread.id AND m.kind = 'client'"
        "   AND m.id > {}::bigint) END WHERE id = {}",
        message_id,
        now,
        str(kind),
        now,
        message_id if words.seen is None else words.seen,
        thread_id,
    )
    if kind == MessageKind.OFFICE:
        await waiting.settle(viewer, thread_id)
    if words.draft is not None:
        await _hand_over_files(viewer, words, message_id)
    await audit.record(viewer, "message.sent", client_id=client_id, subject_id=message_id, thread=thread_id)
    await outbox.record("message.sent", message_id, client_id)
    return message_id


async def _title(thread_id: int) -> str:
    """Of a thread without messages yet: its first one is found by it too."""
    rows = await fetch("SELECT subject FROM thread WHERE id = {} AND latest = 0", thread_id)
    return str(rows[0]["subject"]) if rows else ""


async def _hand_over_files(viewer: Viewer, words: Words, message_id: int) -> None:
    """From the writer's own draft, which is over with it. A form that was sent twice at once has brought each twice."""
    await fetch(
        "UPDATE attachment SET draft = NULL, message = CASE WHEN attachment.id <> ALL({}::bigint[]) AND NOT EXISTS ("
        " SELECT FROM attachment AS same WHERE same.draft = attachment.draft AND same.id < attachment.id"
        " AND (same.name, same.sha256) = (attachment.name, attachment.sha256)) THEN {}::bigint END"
        " FROM message_draft AS d WHERE d.id = attachment.draft AND d.id = {} AND d.account = {}",
        sorted(words.without),
        message_id,
        words.draft,
        viewer.account_id,
    )
    await fetch("DELETE FROM message_draft WHERE id = {} AND account = {}", words.draft, viewer.account_id)


def terms(body: str) -> list[str]:
    """The words that find a message, as lexemes of its search vector."""
    return sorted(set(words_of(body)))[:MOST_TERMS]

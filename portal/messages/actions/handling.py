"""Whose a conversation is, and whether it is done: one decides, and whoever was slower is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.messages.actions import waiting
from portal.messages.actions.putting import lock
from portal.messages.queries import beside, conversation
from portal.messages.queries.conversation import Head
from portal.refusal import Refused
from portal.review.actions import Stale

# When a closed one is opened again it waits since the first word that had no answer.
UNANSWERED = """
(SELECT min(sent_at) FROM message AS m WHERE m.thread = thread.id AND m.kind = 'client'
    AND m.id > coalesce((SELECT max(id) FROM message AS o WHERE o.thread = thread.id AND o.kind = 'office'), 0))
"""


async def take(viewer: Viewer, thread_id: int, version: int) -> None:
    """Raises `Stale` where somebody else has it meanwhile."""
    await assign(viewer, thread_id, version, viewer.staff_id)


async def give_back(viewer: Viewer, thread_id: int, version: int) -> None:
    """Then it is nobody's, and waits for whoever takes it."""
    await assign(viewer, thread_id, version, None)


async def assign(viewer: Viewer, thread_id: int, version: int, to: int | None) -> None:
    """The colleague may read it from now on, whatever it is about. Raises `Refused` and `Stale`."""
    async with _held(viewer, thread_id) as head:
        if to is not None and to not in {one.id for one in await beside.colleagues(viewer, head.client_id)}:
            raise Refused(to=lazy("Choose a colleague who may read messages"))
        if head.assigned_to == to:
            return
        if head.version != version:
            raise Stale
        await _change(viewer, head, "thread.assigned" if to else "thread.given_back", "assigned_to = {}::bigint", to)


async def close(viewer: Viewer, thread_id: int, version: int, seen: int) -> None:
    """It waits no longer. `seen` is the last message on the page: nobody closes over what they have not read."""
    async with _held(viewer, thread_id) as head:
        if head.is_closed:
            return
        if head.version != version or head.latest > seen:
            raise Stale
        how = "closed_at = {}, closed_by = {}::bigint, waiting_since = NULL"
        await _change(viewer, head, "thread.closed", how, clock.now(), viewer.staff_id)
        await waiting.settle(viewer, thread_id, "closed")


async def reopen(viewer: Viewer, thread_id: int, version: int) -> None:
    async with _held(viewer, thread_id) as head:
        if not head.is_closed:
            return
        if head.version != version:
            raise Stale
        how = f"closed_at = NULL, closed_by = NULL, waiting_since = {UNANSWERED}"
        await _change(viewer, head, "thread.reopened", how)


async def add_note(viewer: Viewer, thread_id: int, body: str, key: str) -> None:
    """For colleagues. Sent twice, it is one note."""
    async with _held(viewer, thread_id) as head:
        rows = await fetch(
            "INSERT INTO thread_note (thread, staff, body, key, made_at) VALUES ({}, {}, {}, {}, {})"
            " ON CONFLICT (staff, key) DO NOTHING RETURNING id",
            thread_id,
            viewer.staff_id,
            body,
            key,
            clock.now(),
        )
        if rows:
            await _told(viewer, head, "thread.noted", note=rows[0]["id"])


@asynccontextmanager
async def _held(viewer: Viewer, thread_id: int) -> AsyncIterator[Head]:
    """As it stands once whoever was before has done: by then it may be out of reach."""
    async with transaction():
        await lock(viewer, thread_id)
        yield await conversation.of_staff(viewer, thread_id)


async def _change(viewer: Viewer, head: Head, kind: str, how: str, *values: object) -> None:
    await fetch(f"UPDATE thread SET {how}, version = version + 1 WHERE id = {{}}", *values, head.id)
    to = values[0] if kind == "thread.assigned" else None
    await _told(viewer, head, kind, **({"to": to} if to else {}))


async def _told(viewer: Viewer, head: Head, kind: str, **detail: object) -> None:
    await audit.record(viewer, kind, client_id=head.client_id, subject_id=head.id, **detail)
    await outbox.record(kind, head.id, head.client_id)

"""An announcement on its way: a thread for each client, portion by portion."""

import secrets
from datetime import timedelta

from portal import clock
from portal.access import Viewer
from portal.announcements.queries import audience, writers
from portal.announcements.tables import Announcement
from portal.database import fetch, transaction
from portal.messages.actions.putting import Beginning, Words, open_thread, put
from portal.messages.tables import MessageKind, Topic

PORTION = 50
# A pause between two portions: somebody's new password must not wait behind the letters of five thousand.
PAUSE = timedelta(seconds=1)


async def send_portion(viewer: Viewer, announcement_id: int) -> bool:
    """In one transaction, which the next one begins where this one has ended. Returns whether there may be more."""
    async with transaction():
        row = await Announcement.objects().lock_rows("UPDATE").get(Announcement.id == announcement_id)
        if row is None or row.done_at is not None:
            return False
        clients = await audience.next_clients(viewer, row.clinician, await _reached(row.id), PORTION)
        author = await writers.by_account(viewer, row.author)
        for one in await audience.readers(viewer, clients):
            subject, body = _words(row, one.languages)
            beginning = Beginning(Topic(row.topic), subject, announcement=row.id, may_reply=row.may_reply)
            thread_id = await open_thread(author, one.client_id, beginning, one.accounts)
            await put(author, one.client_id, thread_id, MessageKind.OFFICE, Words(body, secrets.token_hex(16)))
        if len(clients) == PORTION:
            return True
        await fetch(
            "UPDATE announcement SET done_at = {}, total = (SELECT count(*) FROM thread WHERE announcement = {})"
            " WHERE id = {}",
            clock.now(),
            row.id,
            row.id,
        )
    return False


async def _reached(announcement_id: int) -> int:
    """Clients are reached in the order of their ids."""
    rows = await fetch("SELECT coalesce(max(client), 0) AS last FROM thread WHERE announcement = {}", announcement_id)
    return int(rows[0]["last"])


def _words(row: Announcement, languages: frozenset[str]) -> tuple[str, str]:
    """As its readers read; where they read differently, both, the English words first."""
    if not row.body_es or "es" not in languages:
        return row.subject, row.body
    if languages == {"es"}:
        return row.subject_es, row.body_es
    return row.subject, f"{row.body}\n\n{row.body_es}"

"""Drafts with files, for tests of messages."""

import secrets

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.messages.actions import attaching, sending
from portal.messages.actions.putting import Beginning, Words
from portal.messages.tables import Topic
from tests.cast import Cast
from tests.messages.steps import as_


async def a_draft(viewer: Viewer, client_id: int, thread_id: int | None = None, *, is_staff: bool = False) -> int:
    rows = await fetch(
        "INSERT INTO message_draft (account, client, thread, is_staff, topic, people, subject, body, key, saved_at)"
        " VALUES ({}, {}, {}, {}, '', ARRAY[]::bigint[], '', '', {}, {}) RETURNING id",
        viewer.account_id,
        client_id,
        thread_id,
        is_staff,
        secrets.token_hex(16),
        clock.now(),
    )
    return int(rows[0]["id"])


async def a_file(viewer: Viewer, client_id: int, draft: int, content: bytes = b"A letter", name: str = "a.txt") -> int:
    return await attaching.keep(viewer, client_id, draft, name, content)


async def sent_with(cast: Cast, *files: tuple[str, bytes], topic: Topic = Topic.APPOINTMENTS) -> tuple[int, list[int]]:
    """By Maya: the thread, and the files in it."""
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    ids = [await a_file(maya, cast.client.id, draft, content, name) for name, content in files]
    clinician = int(cast.client.principal_clinician) if topic == Topic.PERSONAL else None
    said = Words("See the file", secrets.token_hex(16), draft)
    return await sending.begin(maya, cast.client.id, Beginning(topic, "A file", clinician), said), ids


async def row_of(attachment_id: int) -> dict:
    return dict((await fetch("SELECT * FROM attachment WHERE id = {}", attachment_id))[0])

"""Who tells many something, for tests of announcements."""

import secrets

from portal.access import Viewer
from portal.announcements.actions import writing
from portal.announcements.actions.writing import Written
from portal.announcements.queries import announcements
from portal.database import fetch
from portal.messages.tables import Topic
from tests.cast import Cast
from tests.factories import a_client, a_grant, an_account
from tests.messages.steps import as_
from tests.tasks.post import work_through

CLOSED = "The office is closed on Friday."
CERRADO = "El consultorio cierra el viernes."


def written(**more) -> Written:
    told = {"key": secrets.token_hex(16), "subject": "Closed on Friday", "body": CLOSED, "topic": Topic.OTHER, **more}
    return Written(**told)


async def sent(viewer: Viewer, **more) -> int:
    """Written and sent; the worker has not begun."""
    announcement_id = await writing.write(viewer, written(**more))
    await send(viewer, announcement_id)
    return announcement_id


async def send(viewer: Viewer, announcement_id: int) -> None:
    seen = (await announcements.announcement(viewer, announcement_id)).seen
    await writing.send(viewer, announcement_id, seen)


async def spread() -> None:
    """As many portions as there are, without the pauses between them."""
    while await fetch("SELECT id FROM errand WHERE actor = 'spread' AND state = 'queued'"):
        await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued'")
        await work_through("spread")


async def told(cast: Cast, **more) -> int:
    """By a supervisor, to everybody, and there."""
    announcement_id = await sent(await as_(cast, "supervisor"), **more)
    await spread()
    return announcement_id


async def threads() -> list[dict]:
    """Of each: its client, subject and first message, and who reads it."""
    return await fetch(
        "SELECT t.client, t.subject, t.topic, t.may_reply, m.body, m.kind, m.author, m.staff,"
        " array(SELECT account FROM thread_participant WHERE thread = t.id ORDER BY account) AS readers"
        " FROM thread AS t JOIN message AS m ON m.thread = t.id ORDER BY t.client, m.id"
    )


async def many_clients(count: int, language: str = "en") -> None:
    """Each with an account of their own, in a few statements."""
    first = await a_client("Crowd", "First")
    account = await an_account(f"crowd-{first.id}@example.com")
    await a_grant(account, first)
    await fetch(
        "INSERT INTO client (chart_number, given_name, family_name, family_key, given_key, created_at)"
        " SELECT 'crowd-' || n, 'Crowd', 'Member ' || n, 'member', 'crowd', now() FROM generate_series(2, {}) AS n",
        count,
    )
    await fetch(
        "INSERT INTO account (email, email_key, name, password_hash, language, theme, is_suspended, created_at)"
        " SELECT 'crowd-' || id || '@example.com', 'crowd-' || id || '@example.com', 'Crowd', '', {}, '', false, now()"
        " FROM client WHERE chart_number LIKE 'crowd-%'",
        language,
    )
    await fetch(
        "INSERT INTO access_grant (account, client, kind, areas, starts_at)"
        " SELECT a.id, c.id, 'self', '{{messages}}', now() FROM client AS c"
        " JOIN account AS a ON a.email_key = 'crowd-' || c.id || '@example.com' WHERE c.chart_number LIKE 'crowd-%'"
    )

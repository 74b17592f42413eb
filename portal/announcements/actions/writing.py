"""An announcement is written, looked at once more, and sent on its way."""

from dataclasses import dataclass

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.announcements.queries import announcements, audience
from portal.announcements.tables import Audience
from portal.database import fetch, transaction
from portal.language import lazy
from portal.messages.tables import Topic
from portal.messages.topics import READERS
from portal.refusal import Refused


@dataclass(frozen=True)
class Written:
    """`key` comes from the form: written twice, it is one. `clinician`: their clients get it; else everybody."""

    key: str
    subject: str
    body: str
    topic: Topic
    subject_es: str = ""
    body_es: str = ""
    clinician: int | None = None
    may_reply: bool = True


async def write(viewer: Viewer, written: Written) -> int:
    """To be looked at before it is sent; until then the same key changes it. Returns its id. Raises `Refused`."""
    viewer.must(Permission.MESSAGE_ANNOUNCE)
    if written.topic not in READERS or not viewer.may(READERS[written.topic]):
        raise Refused(topic=lazy("Choose who reads the answers"))
    columns = {
        "subject": written.subject,
        "body": written.body,
        "subject_es": written.subject_es,
        "body_es": written.body_es,
        "audience": str(Audience.CLINICIAN if written.clinician else Audience.EVERYBODY),
        "clinician": written.clinician,
        "may_reply": written.may_reply,
        "topic": str(written.topic),
        "written_at": clock.now(),
    }
    rows = await fetch(
        f"INSERT INTO announcement (author, staff, key, {', '.join(columns)})"
        f" VALUES ({', '.join(['{}'] * (len(columns) + 3))})"
        f" ON CONFLICT (author, key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}"
        " WHERE announcement.total IS NULL RETURNING id",
        viewer.account_id,
        viewer.staff_id,
        written.key,
        *columns.values(),
    )
    if not rows:  # it is sent already, and stays what it was
        rows = await fetch("SELECT id FROM announcement WHERE author = {} AND key = {}", viewer.account_id, written.key)
    return int(rows[0]["id"])


async def send(viewer: Viewer, announcement_id: int, seen: str) -> None:
    """What its writer has seen, to whoever has access then. Twice is as good as once. Raises `Refused`."""
    viewer.must(Permission.MESSAGE_ANNOUNCE)
    async with transaction():
        await _lock(viewer, announcement_id)
        found = await announcements.announcement(viewer, announcement_id)
        if not found.is_draft:
            return
        if seen != found.seen:
            raise Refused({"": lazy("It was changed meanwhile. This is how it reads now: look at it again.")})
        clients = (await audience.size(viewer, found.clinician_id)).clients
        if not clients:
            raise Refused(
                {"": lazy("Nobody would get it: none of these clients can read messages here. Choose others.")}
            )
        await fetch(
            "UPDATE announcement SET total = {}, written_at = {} WHERE id = {}", clients, clock.now(), announcement_id
        )
        await audit.record(viewer, "announcement.sent", subject_id=announcement_id, clients=clients)
        await outbox.record("announcement.sent", announcement_id)
        await outbox.send_on("spread", announcement_id, f"spread:{announcement_id}")


async def throw_away(viewer: Viewer, announcement_id: int) -> None:
    """What was not sent. What is not there any more is as good as thrown away."""
    viewer.must(Permission.MESSAGE_ANNOUNCE)
    async with transaction():
        if await fetch(
            "DELETE FROM announcement WHERE id = {} AND author = {} AND total IS NULL RETURNING id",
            announcement_id,
            viewer.account_id,
        ):
            await audit.record(viewer, "announcement.thrown_away", subject_id=announcement_id)


async def _lock(viewer: Viewer, announcement_id: int) -> None:
    """Of its writer; whoever else does not know of it."""
    if not await fetch(
        "SELECT id FROM announcement WHERE id = {} AND author = {} FOR UPDATE", announcement_id, viewer.account_id
    ):
        raise NotFoundException

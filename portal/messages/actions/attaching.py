"""A file comes along with a draft, and goes with it to the message that it becomes."""

from contextlib import suppress

from portal import audit, clock, outbox, storage
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.messages.tables import Attachment, FileState
from portal.refusal import Refused
from portal.uploads import MOST_FILES, Cleaned, Unfit, cleaned, scanner

MOST_OF_A_CLIENT = 200 * 1024 * 1024
TOO_MANY = lazy("Send five files at most with a message: put the others into a second one")
NO_ROOM = lazy("There is no room for more files: send them to the office in another way, or call")


async def keep(viewer: Viewer, client_id: int, draft_id: int, filename: str, content: bytes) -> int:
    """Of one's own draft; 0 where it has the same file already. Raises `Refused` with a sentence for `files`.

    Not inside a transaction: it takes its time.
    """
    await _must_be_own(viewer, client_id, draft_id)
    try:
        made = await cleaned(filename, content)
    except Unfit as unfit:
        raise Refused(files=lazy("%(name)s: %(sentence)s", name=_shown(filename), sentence=unfit.sentence)) from unfit
    row = await _stored(viewer, client_id, draft_id, made)
    try:
        async with transaction():
            await record.lock(viewer, client_id)
            await _must_be_own(viewer, client_id, draft_id, is_locked=True)
            if await _is_there(draft_id, row):
                raise Again
            await _must_have_room(client_id, draft_id, row.size)
            await row.save()
            if row.state == FileState.WAITING:
                await outbox.send_on("scan", row.id, f"scan:{row.id}")
            await audit.record(viewer, "attachment.added", client_id=client_id, subject_id=row.id)
    except (Refused, NotFoundException, Again) as refusal:
        for key in filter(None, (row.key, row.thumbnail_key, row.preview_key)):
            await storage.delete(key)  # no row has ever named it
        if isinstance(refusal, Again):
            return 0
        raise
    return int(row.id)


class Again(Exception):
    """A form that was sent twice at once brings its files twice."""


async def _is_there(draft_id: int, row: Attachment) -> bool:
    return bool(
        await fetch(
            "SELECT FROM attachment WHERE draft = {} AND name = {} AND sha256 = {}", draft_id, row.name, row.sha256
        )
    )


async def discard(viewer: Viewer, client_id: int, draft_id: int, attachment_id: int) -> None:
    """Its writer does not want it any more: it belongs to nothing then, and is let go of."""
    await _must_be_own(viewer, client_id, draft_id)
    async with transaction():
        gone = await fetch(
            "UPDATE attachment SET draft = NULL WHERE id = {} AND draft = {} AND client = {} RETURNING id",
            attachment_id,
            draft_id,
            client_id,
        )
        if not gone:
            raise NotFoundException
        await audit.record(viewer, "attachment.discarded", client_id=client_id, subject_id=attachment_id)


async def look_into(viewer: Viewer, attachment_id: int) -> None:
    """Whether there is a virus in it; then nothing is kept but that there was. Raises `scanner.Away`."""
    found = (
        await Attachment.objects().where(Attachment.id == attachment_id, Attachment.state == FileState.WAITING).first()
    )
    if found is None:
        return
    finding = None
    with suppress(storage.NoSuchFile):  # let go of meanwhile
        finding = await scanner.scan(await storage.get(found.key)) if scanner.is_configured() else None
    if finding is None:
        await fetch("UPDATE attachment SET state = 'clean' WHERE id = {} AND state = 'waiting'", attachment_id)
        return
    async with transaction():
        await fetch(
            "UPDATE attachment SET state = 'infected', finding = {}, thumbnail_key = '', preview_key = ''"
            " WHERE id = {} AND state = 'waiting'",
            finding,
            attachment_id,
        )
        await audit.record(viewer, "attachment.infected", client_id=found.client, subject_id=attachment_id)
    for key in filter(None, (found.key, found.thumbnail_key, found.preview_key)):
        await storage.delete(key)


async def _must_be_own(viewer: Viewer, client_id: int, draft_id: int, *, is_locked: bool = False) -> None:
    rows = await fetch(
        "SELECT is_staff FROM message_draft WHERE id = {} AND client = {} AND account = {}"
        + (" FOR UPDATE" if is_locked else ""),
        draft_id,
        client_id,
        viewer.account_id,
    )
    if not rows:
        raise NotFoundException
    if rows[0]["is_staff"]:
        viewer.must(Permission.MESSAGE_READ)
    else:
        viewer.must_act_for(client_id, Area.MESSAGES)


async def _must_have_room(client_id: int, draft_id: int, size: int) -> None:
    rows = await fetch(
        "SELECT count(*) FILTER (WHERE draft = {}) AS files, coalesce(sum(size), 0) AS size FROM attachment"
        " WHERE client = {} AND state <> 'infected'",
        draft_id,
        client_id,
    )
    if rows[0]["files"] >= MOST_FILES:
        raise Refused(files=TOO_MANY)
    if rows[0]["size"] + size > MOST_OF_A_CLIENT:
        raise Refused(files=NO_ROOM)


async def _stored(viewer: Viewer, client_id: int, draft_id: int, made: Cleaned) -> Attachment:
    file = await storage.put(made.content)
    thumbnail = await storage.put(made.thumbnail) if made.thumbnail else None
    preview = await storage.put(made.preview) if made.preview else None
    return Attachment(
        client=client_id,
        draft=draft_id,
        name=made.name,
        kind=made.kind,
        media_type=made.media_type,
        size=file.size,
        sha256=file.sha256,
        key=file.key,
        thumbnail_key=thumbnail.key if thumbnail else "",
        preview_key=preview.key if preview else "",
        pages=made.pages,
        width=made.width,
        height=made.height,
        state=FileState.WAITING if scanner.is_configured() else FileState.CLEAN,
        added_by=viewer.account_id,
        added_at=clock.now(),
    )


def _shown(filename: str) -> str:
    """Enough of it to know which one is meant."""
    return filename if len(filename) <= 40 else f"{filename[:20]}…{filename[-16:]}"

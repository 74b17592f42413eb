"""Photos of a chart, insurance cards first: kept, read, and forgotten where nothing refers to them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from portal import audit, clock, storage
from portal.access import Area, NotFoundException, Viewer
from portal.clients import record
from portal.clients.tables import ClientImage
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.uploads import Unfit, photo

MOST_UNUSED = 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Requests name photos in their sheets. What was once on record, or is still asked for, can always be looked at again.
# What was taken back, or returned with a later one answered, has never been on record: its photos are let go, and the
# history says that they are no longer kept. A later one that waits may be taken back, and then the returned one is
# asked again: its photos stay. Asked by the name of the table, because their feature stands above this one.
UNUSED = """
    NOT EXISTS (SELECT FROM coverage WHERE coverage.front_image = client_image.id)
    AND NOT EXISTS (SELECT FROM coverage WHERE coverage.back_image = client_image.id)
    AND NOT EXISTS (
        SELECT FROM change_request AS asked, unnest(ARRAY[asked.before, asked.after, asked.settled]) AS sheet
         WHERE asked.client = client_image.client AND asked.state <> 'withdrawn'
           AND NOT (asked.state = 'returned' AND EXISTS (
                SELECT FROM change_request AS later
                 WHERE later.client = asked.client AND later.section = asked.section AND later.id > asked.id
                   AND later.state NOT IN ('pending', 'withdrawn')))
           AND jsonb_path_exists(
            sheet, '$.coverages.* ? (@.front_image == $id || @.back_image == $id)',
            jsonb_build_object('id', client_image.id::text)))
"""


async def keep(viewer: Viewer, client_id: int, content: bytes) -> ClientImage:
    """Raises `Refused` with a sentence for the form's one field. Not inside a transaction: a photo takes its time."""
    await record.must_change(viewer, client_id)
    await _must_have_room(client_id)
    try:
        picture = await photo(content)
    except Unfit as unfit:
        raise Refused({"": unfit.sentence}) from unfit
    stored = await storage.put(picture.content)
    row = ClientImage(
        client=client_id,
        key=stored.key,
        size=stored.size,
        width=picture.width,
        height=picture.height,
        sha256=stored.sha256,
        added_by=viewer.account_id,
        added_at=clock.now(),
    )
    try:
        async with transaction():
            await record.lock(viewer, client_id)
            await _must_have_room(client_id)
            await row.save()
            await audit.record(viewer, "client_image.added", client_id=client_id, subject_id=row.id)
    except Refused:
        await storage.delete(stored.key)  # no row has ever named it
        raise
    return row


async def _must_have_room(client_id: int) -> None:
    rows = await fetch(
        f"SELECT count(*) FROM client_image WHERE client = {{}} AND added_at > {{}} AND {UNUSED}",
        client_id,
        clock.now() - HOUR,
    )
    if rows[0]["count"] >= MOST_UNUSED:
        raise Refused({"": lazy("Send the photos that you have chosen, or wait an hour before you choose others")})


# ---------------------------------------------------------------------------------------------------------------------


async def image(viewer: Viewer, client_id: int, image_id: int) -> ClientImage:
    """Within reach, or not found."""
    if viewer.acts_for(client_id, Area.INFORMATION):
        reached = viewer.reaches_as_client(ClientImage, Area.INFORMATION)
    else:
        reached = viewer.reaches(ClientImage)
    found = (
        await ClientImage.objects().where(reached, ClientImage.client == client_id, ClientImage.id == image_id).first()
    )
    if found is None:
        raise NotFoundException
    return found


async def content(row: ClientImage) -> bytes:
    """A JPEG. Whoever has the row was allowed to."""
    return await storage.get(row.key)


async def hold(viewer: Viewer, client_id: int, image_ids: Collection[int]) -> None:
    """In the transaction that begins to refer to them: nobody forgets them meanwhile. Of another client: not found."""
    await record.must_change(viewer, client_id)
    held = await fetch(
        "UPDATE client_image SET let_go_at = NULL WHERE client = {} AND id = ANY({}::bigint[]) RETURNING id",
        client_id,
        sorted(image_ids),
    )
    if len(held) != len(set(image_ids)):
        raise NotFoundException


# ---------------------------------------------------------------------------------------------------------------------


async def prune() -> None:
    """A photo that nothing refers to is let go of after a day, and gone after another.

    In two steps, because of the backup that has read the row and not yet the file.
    """
    await _take_up_again()
    await _let_go(clock.now() - DAY)
    await _forget(clock.now() - DAY)


async def _take_up_again() -> None:
    await fetch(f"UPDATE client_image SET let_go_at = NULL WHERE let_go_at IS NOT NULL AND NOT ({UNUSED})")


async def _let_go(before: datetime) -> None:
    await fetch(
        f"UPDATE client_image SET let_go_at = {{}} WHERE let_go_at IS NULL AND added_at < {{}} AND {UNUSED}",
        clock.now(),
        before,
    )


async def _forget(before: datetime) -> None:
    """The file first: where it cannot be deleted, the row is there to try again."""
    for one in await fetch("SELECT id FROM client_image WHERE let_go_at < {} ORDER BY id", before):
        async with transaction():
            rows = await fetch(
                f"SELECT key FROM client_image WHERE id = {{}} AND let_go_at < {{}} AND {UNUSED} FOR UPDATE",
                one["id"],
                before,
            )
            if rows:
                await storage.delete(rows[0]["key"])
                await fetch("DELETE FROM client_image WHERE id = {}", one["id"])

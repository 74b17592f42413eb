"""What was sent becomes a completed PDF: one as it was sent, one more where the practice has added to it."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import consequences, faults, outbox, storage
from portal.access import Viewer
from portal.audit import chain
from portal.copies import making
from portal.copies.actions import completing
from portal.copies.making import Made
from portal.copies.queries.record import record
from portal.copies.tables import CopyKind
from portal.database import transaction
from portal.outbox import Leased
from portal.uploads import bench
from tasks.actors import carry_out
from tasks.actors.press import Unprintable, printed

MAKER = Viewer.portal("copies")
MOST_TRIES = 3


@dramatiq.actor
async def complete(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, make)


async def make(errand: Leased) -> None:
    """Whatever copy it lacks, one after the other; the last is settled with the errand."""
    await chain.seal()  # its record names its row in the chain
    try:
        kinds = await completing.missing(MAKER, errand.subject_id, await _owed(errand.subject_id))
        for kind in kinds[:-1]:
            await _keep(errand, kind, await _made(errand, kind), settles=False)
        if kinds:
            await _keep(errand, kinds[-1], await _made(errand, kinds[-1]), settles=True)
        else:
            await outbox.settle(errand)
    except (Unprintable, bench.Turned, making.Changed, storage.NoSuchFile) as why:
        if errand.attempts < MOST_TRIES:
            raise
        async with transaction():
            await outbox.fail(errand, type(why).__name__, for_good=True)
            await consequences.alarm_about_errand(errand, type(why).__name__)


async def _owed(submission_id: int) -> list[CopyKind]:
    one = await record(MAKER, submission_id, with_practice=True)
    if one is None:
        return []
    return [CopyKind.SENT, CopyKind.ACCEPTED] if one.was_added_to else [CopyKind.SENT]


async def _made(errand: Leased, kind: str) -> Made:
    one = await record(MAKER, errand.subject_id, with_practice=kind == CopyKind.ACCEPTED)
    assert one is not None
    return await making.made(MAKER, one, kind, printed, needs_time=errand.attempts < MOST_TRIES)


async def _keep(errand: Leased, kind: str, made: Made, *, settles: bool) -> None:
    stored, is_kept = await storage.put(made.content), False
    faults.point("copy-stored")
    try:
        async with transaction():
            is_kept = await completing.complete(MAKER, errand.subject_id, kind, made, stored)
            if settles:
                await outbox.settle(errand)
            faults.point("copy-noted")
    except BaseException:
        is_kept = False
        raise
    finally:
        if not is_kept:
            await storage.delete(stored.key)  # no row names it
    faults.point("copy-kept")

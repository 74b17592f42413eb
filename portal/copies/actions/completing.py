"""A copy takes its place in the record."""

from collections.abc import Sequence

from portal import clock, outbox, storage
from portal.access import Viewer
from portal.copies.making import Made
from portal.copies.tables import CompletedCopy, CopyKind
from portal.database import fetch, transaction
from portal.documents.actions import steps
from portal.documents.tables import Document
from portal.filling.tables import Submission

ACTOR = "complete"
EVENT = "document.completed"
MISSING = """
SELECT kind FROM unnest({}::text[]) WITH ORDINALITY AS wanted(kind, place)
 WHERE kind NOT IN (SELECT kind::text FROM completed_copy WHERE submission = {}) ORDER BY place
"""


async def missing(viewer: Viewer, submission_id: int, kinds: Sequence[str]) -> list[str]:
    """Which of these it does not have yet."""
    return [row["kind"] for row in await fetch(MISSING, [str(one) for one in kinds], submission_id)]


async def complete(viewer: Viewer, submission_id: int, kind: str, made: Made, stored: storage.Stored) -> bool:
    """With its step and its event. False where there is such a copy already: of each there is one, for good."""
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"{ACTOR}:{submission_id}:{kind}")
        if not await missing(viewer, submission_id, [kind]):
            return False
        await CompletedCopy(
            submission=submission_id, kind=CopyKind(kind), key=stored.key, size=stored.size, sha256=stored.sha256,
            pages=made.pages, seal=made.fingerprint, made_at=clock.now(),
        ).save()  # fmt: skip
        sent = await Submission.objects().get(Submission.id == submission_id)
        assert sent is not None
        row = await Document.objects().get(Document.id == sent.document)
        assert row is not None
        await steps.note(viewer, row, "completed")
        await outbox.record(EVENT, row.id, row.client)
    return True

"""A PDF is asked for, made by the worker, and let go of after a day."""

from dataclasses import dataclass
from datetime import timedelta

from portal import audit, clock, outbox, storage
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.papers.tables import Paper, PaperState
from portal.refusal import Refused

MOST_AN_HOUR = 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The same page again: while it is made, and while it is there.
SAME = """
SELECT id FROM paper
 WHERE account = {} AND kind = {} AND subject_id = {} AND up_to = {} AND is_staff = {} AND language = {}
   AND state IN ('waiting', 'ready') AND let_go_at IS NULL AND asked_at > {} ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Wanted:
    """What is to stand on it: the row `subject_id` of a kind as far as `up_to`, in a language; `name` is the file's."""

    kind: str
    subject_id: int
    up_to: int
    client_id: int
    language: str
    name: str
    is_staff: bool = False


async def ask(viewer: Viewer, wanted: Wanted) -> int:
    """Whoever asks has been asked whether they reach it. The same content asked for again is the same paper.

    Raises `Refused`.
    """
    now = clock.now()
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"paper:{viewer.account_id}")
        same = await fetch(
            SAME, viewer.account_id, wanted.kind, wanted.subject_id, wanted.up_to, wanted.is_staff, wanted.language,
            now - DAY + HOUR,
        )  # fmt: skip
        if same:
            return int(same[0]["id"])
        await _must_not_flood(viewer)
        row = Paper(
            kind=wanted.kind,
            subject_id=wanted.subject_id,
            up_to=wanted.up_to,
            account=viewer.account_id,
            client=wanted.client_id,
            is_staff=wanted.is_staff,
            language=wanted.language,
            name=wanted.name,
            asked_at=now,
        )
        await row.save()
        await audit.record(
            viewer, "paper.asked", client_id=wanted.client_id, subject_id=wanted.subject_id, kind=wanted.kind
        )
        await outbox.record("paper.asked", row.id, wanted.client_id)
        await outbox.send_on("render", row.id, f"render:{row.id}")
    return int(row.id)


async def finish(viewer: Viewer, paper_id: int, key: str, size: int) -> None:
    """The worker has made it."""
    await fetch(
        "UPDATE paper SET state = 'ready', key = {}, size = {}, ended_at = {} WHERE id = {}",
        key,
        size,
        clock.now(),
        paper_id,
    )


async def fail(viewer: Viewer, paper_id: int) -> None:
    """It cannot be made: whoever asked is told so, and may ask again."""
    await fetch(
        "UPDATE paper SET state = {}, ended_at = {} WHERE id = {} AND state = 'waiting'",
        str(PaperState.FAILED),
        clock.now(),
        paper_id,
    )


async def prune() -> None:
    """After a day nobody gets it any more, after another it is gone.

    In two steps, because of the backup that has read the row and not yet the file. The file goes first: where it
    cannot be deleted, the row is there to try again.
    """
    now = clock.now()
    await fetch("UPDATE paper SET let_go_at = {} WHERE let_go_at IS NULL AND asked_at < {}", now, now - DAY)
    for table in ("paper", "issued_paper"):
        for one in await fetch(f"SELECT id, key FROM {table} WHERE let_go_at < {{}} ORDER BY id", now - DAY):
            await storage.delete(one["key"])
            await fetch(f"DELETE FROM {table} WHERE id = {{}}", one["id"])


async def _must_not_flood(viewer: Viewer) -> None:
    rows = await fetch(
        "SELECT count(*) FROM paper WHERE account = {} AND asked_at > {}", viewer.account_id, clock.now() - HOUR
    )
    if rows[0]["count"] >= MOST_AN_HOUR:
        raise Refused({"": lazy("That is a lot for one hour: wait a little, or print the page itself")})

"""Papers that belong to their subject: marked when it changes, made by the worker, kept while the page is the same."""

from dataclasses import dataclass
from hashlib import sha256

from portal import clock, language, outbox, storage
from portal.access import Area, Viewer
from portal.database import fetch, transaction
from portal.papers.kinds import ISSUED
from portal.papers.tables import IssuedPaper, PaperState

ACTOR = "issue"
FIRST_LANGUAGE = "en"
LIVE = "kind = {} AND subject_id = {} AND let_go_at IS NULL"
# Marked again before somebody took it up, it is the same mark.
MARK = """
INSERT INTO issued_paper AS p (kind, subject_id, client, language, state, wanted, begun, digest, sha256, key, size)
VALUES ({}, {}, {}, {}, 'waiting', 1, 0, '', '', '', 0)
ON CONFLICT (kind, subject_id, language) WHERE let_go_at IS NULL
DO UPDATE SET wanted = greatest(p.wanted, p.begun + 1), state = 'waiting' RETURNING id, wanted
"""
SPOKEN = f"""
SELECT DISTINCT a.language FROM access_grant AS g JOIN account AS a ON a.id = g.account
 WHERE g.client = {{}} AND '{Area.BILLING}' = ANY(g.areas) AND (g.ends_at IS NULL OR g.ends_at > {{}})
"""
KEEP = """
INSERT INTO issued_paper (kind, subject_id, client, language, state, wanted, begun, digest, sha256, key, size, made_at,
                          let_go_at)
SELECT kind, subject_id, client, language, state, wanted, begun, digest, sha256, key, size, made_at, {}
  FROM issued_paper WHERE id = {} AND key <> ''
"""


@dataclass(frozen=True)
class Subject:
    """The row `id` of a kind, and whose it is."""

    kind: str
    id: int
    client_id: int


async def mark(viewer: Viewer, subject: Subject) -> None:
    """Something on it has changed: it is drawn again in each language that its readers speak, or have asked for."""
    async with transaction():
        spoken = {row["language"] for row in await fetch(SPOKEN, subject.client_id, clock.now())} or {FIRST_LANGUAGE}
        there = await fetch(f"SELECT language FROM issued_paper WHERE {LIVE}", subject.kind, subject.id)
        for one in sorted(spoken | {row["language"] for row in there}):
            await _mark(subject, one)


async def want(viewer: Viewer, subject: Subject, spoken: str) -> None:
    """Somebody waits for it: it goes before what nobody has asked for yet."""
    async with transaction():
        rows = await fetch(
            f"SELECT id, wanted FROM issued_paper WHERE {LIVE} AND language = {{}}", subject.kind, subject.id, spoken
        )
        if rows:
            await outbox.hurry(_key(rows[0]["id"], rows[0]["wanted"]))
        else:
            await _mark(subject, spoken)


async def look(viewer: Viewer, subject: Subject, spoken: str) -> None:
    """What no event told of, such as a new address: the page is drawn and compared with the one that was printed."""
    rows = await fetch(
        f"SELECT digest FROM issued_paper WHERE {LIVE} AND language = {{}} AND state = 'ready'",
        subject.kind, subject.id, spoken,
    )  # fmt: skip
    if rows:
        with language.speaking(spoken):
            html = await ISSUED[subject.kind].page(Viewer.portal("printer"), subject.id)
        if html is not None and digest_of(html) != rows[0]["digest"]:
            async with transaction():
                await _mark(subject, spoken)


async def let_go(viewer: Viewer, kind: str, subject_id: int) -> None:
    """It is no paper any more; its files follow as those of others do."""
    await fetch(f"UPDATE issued_paper SET let_go_at = {{}} WHERE {LIVE}", clock.now(), kind, subject_id)


async def begin(viewer: Viewer, paper_id: int) -> IssuedPaper | None:
    """The worker takes up all that it was marked for until now. None where there is nothing to be done."""
    rows = await fetch(
        "UPDATE issued_paper SET begun = wanted, state = 'waiting' WHERE id = {} AND let_go_at IS NULL"
        " AND state <> 'ready' RETURNING id",
        paper_id,
    )
    return await IssuedPaper.objects().get(IssuedPaper.id == paper_id) if rows else None


async def finish(viewer: Viewer, begun: IssuedPaper, digest: bytes, stored: storage.Stored | None) -> bool:
    """`stored` is none where the page is the one that was printed. False where nobody needs the file any more."""
    async with transaction():
        row = await IssuedPaper.objects().where(IssuedPaper.id == begun.id).first().lock_rows("UPDATE")
        if row is None or row.let_go_at or row.begun != begun.begun or row.is_ready:
            return False
        if stored is not None:
            await fetch(KEEP, clock.now(), row.id)
            row.key, row.size, row.sha256, row.made_at = stored.key, stored.size, stored.sha256, clock.now()
        row.digest = digest
        row.state = str(PaperState.READY if row.wanted == row.begun else PaperState.WAITING)
        await row.save()
    return True


async def fail(viewer: Viewer, paper_id: int) -> None:
    """It cannot be made as it is now; the next change tries again."""
    await fetch("UPDATE issued_paper SET state = 'failed' WHERE id = {} AND wanted = begun", paper_id)


def digest_of(html: str) -> bytes:
    return sha256(html.encode()).digest()


async def _mark(subject: Subject, spoken: str) -> None:
    (row,) = await fetch(MARK, subject.kind, subject.id, subject.client_id, spoken)
    await outbox.send_on(ACTOR, row["id"], _key(row["id"], row["wanted"]))


def _key(paper_id: int, wanted: int) -> str:
    return f"{ACTOR}:{paper_id}:{wanted}"

"""A paper, for whoever asked for it and still reaches what stands on it."""

from portal.access import NotFoundException, Viewer
from portal.papers.issued import Subject
from portal.papers.kinds import KINDS
from portal.papers.tables import IssuedPaper, Paper, PaperState


async def paper(viewer: Viewer, paper_id: int) -> Paper:
    """Not found for everybody else, and when it was let go of."""
    found = (
        await Paper.objects()
        .where(Paper.id == paper_id, Paper.account == (viewer.account_id or 0), Paper.let_go_at.is_null())
        .first()
    )
    if found is None or found.kind not in KINDS:
        raise NotFoundException
    await KINDS[found.kind].must_reach(viewer, found)
    return found


async def is_made(viewer: Viewer, paper_id: int) -> bool:
    """Whether the worker has ended with it, well or not."""
    return bool(await Paper.exists().where(Paper.id == paper_id, Paper.state != PaperState.WAITING))


async def issued(viewer: Viewer, subject: Subject, spoken: str) -> IssuedPaper | None:
    """Whoever asks has reached the subject."""
    return (
        await IssuedPaper.objects()
        .where(
            IssuedPaper.kind == subject.kind,
            IssuedPaper.subject_id == subject.id,
            IssuedPaper.client == subject.client_id,
            IssuedPaper.language == spoken,
            IssuedPaper.let_go_at.is_null(),
        )
        .first()
    )

"""The PDF about electronic records: its words, and the code that only who has opened it can know."""

from portal import language
from portal.access import Area, NotFoundException, Viewer
from portal.language import lazy
from portal.papers import kinds
from portal.papers.actions import Wanted
from portal.papers.drawing import drawn
from portal.papers.kinds import Kind
from portal.papers.tables import Paper
from portal.signing.queries import consents
from portal.signing.tables import ElectronicConsent

TITLE = lazy("Electronic records")
RECORDS = "electronic-records"


def wanted(viewer: Viewer, asked: ElectronicConsent) -> Wanted:
    """Of the chart whose documents the account reads, the first of several: a paper is somebody's."""
    client_id = next(grant.client_id for grant in viewer.grants if Area.DOCUMENTS in grant.areas)
    return Wanted(
        kind=RECORDS, subject_id=int(asked.id), up_to=1 if asked.given_at else 0, client_id=client_id,
        language=language.current(), name="electronic-records.pdf",
    )  # fmt: skip


async def must_reach(viewer: Viewer, paper: Paper) -> None:
    await _found(viewer, paper)


async def page(viewer: Viewer, paper: Paper) -> str:
    found = await _found(viewer, paper)
    return await drawn(
        viewer, "pdf/electronic_records", title=TITLE, paragraphs=found.wording.split("\n\n"), consent=found,
        who=viewer.name,
    )  # fmt: skip


async def _found(viewer: Viewer, paper: Paper) -> ElectronicConsent:
    found = await consents.of(viewer, int(paper.subject_id))
    if found is None:
        raise NotFoundException
    return found


kinds.declare(Kind(RECORDS, must_reach, page))

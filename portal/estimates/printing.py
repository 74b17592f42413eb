"""An estimate on paper: the same on the page that a browser prints and in the PDF."""

from typing import Any

from portal import language
from portal.access import Viewer
from portal.estimates.forms import EVERY
from portal.estimates.queries import given
from portal.estimates.queries.given import Given
from portal.language import lazy
from portal.papers import kinds
from portal.papers.actions import Wanted
from portal.papers.drawing import drawn
from portal.papers.kinds import Kind
from portal.papers.tables import Paper

TITLE = lazy("Good Faith Estimate")
ESTIMATE = "estimate"


def wanted(found: Given, *, is_staff: bool) -> Wanted:
    return Wanted(
        kind=ESTIMATE, subject_id=found.id, up_to=0, client_id=found.client_id, language=language.current(),
        name=f"estimate-{found.id}.pdf", is_staff=is_staff,
    )  # fmt: skip


async def must_reach(viewer: Viewer, paper: Paper) -> None:
    await _found(viewer, paper)


async def page(viewer: Viewer, paper: Paper) -> str:
    return await drawn(viewer, "pdf/estimate", title=TITLE, **shown(await _found(viewer, paper)))


def shown(found: Given) -> dict[str, Any]:
    """What templates/estimates/sheet.html says."""
    return {"estimate": found, "every": EVERY}


async def _found(viewer: Viewer, paper: Paper) -> Given:
    return await given.estimate(viewer, int(paper.subject_id), is_staff=paper.is_staff, client_id=int(paper.client))


kinds.declare(Kind(ESTIMATE, must_reach, page))

"""A thread, or one message, on paper: the same on the page that a browser prints and in the PDF."""

from typing import Any

from portal import clock, language
from portal.access import NotFoundException, Viewer
from portal.language import lazy
from portal.messages.queries import conversation, printed
from portal.messages.queries.conversation import Head
from portal.messages.queries.printed import Printed
from portal.papers import kinds
from portal.papers.actions import Wanted
from portal.papers.drawing import drawn
from portal.papers.kinds import Kind
from portal.papers.tables import Paper
from portal.practice import queries as practices

TITLE = lazy("Messages")
THREAD, MESSAGE = "thread", "message"


async def wanted(viewer: Viewer, head: Head, found: Printed, message_id: int | None, *, is_staff: bool) -> Wanted:
    """The paper of what stands on the page."""
    today = clock.today((await practices.practice(viewer)).time_zone)
    return Wanted(
        kind=MESSAGE if message_id else THREAD,
        subject_id=message_id or head.id,
        up_to=found.up_to,
        client_id=head.client_id,
        language=language.current(),
        name=f"{str(TITLE).lower()}-{today.isoformat()}.pdf",
        is_staff=is_staff,
    )


async def must_reach(viewer: Viewer, paper: Paper) -> None:
    await _head(viewer, paper)


async def page(viewer: Viewer, paper: Paper) -> str:
    head, message_id = await _head(viewer, paper)
    found = await printed.printed(viewer, head, until=int(paper.up_to), message_id=message_id)
    return await drawn(viewer, "pdf/thread", title=TITLE, **shown(head, found))


def shown(head: Head, found: Printed) -> dict[str, Any]:
    """What templates/messages/paper.html says."""
    return {"head": head, "said": found.said, "client": found.client, "earlier": found.earlier}


async def _head(viewer: Viewer, paper: Paper) -> tuple[Head, int | None]:
    message_id = int(paper.subject_id) if paper.kind == MESSAGE else None
    thread_id = await printed.thread_of(viewer, message_id) if message_id else int(paper.subject_id)
    if paper.is_staff:
        if not viewer.is_staff:
            raise NotFoundException
        return await conversation.of_staff(viewer, thread_id), message_id
    return await conversation.of_client(viewer, int(paper.client), thread_id), message_id


for name in (THREAD, MESSAGE):
    kinds.declare(Kind(name, must_reach, page))

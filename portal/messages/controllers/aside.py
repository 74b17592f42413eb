"""What staff began to write, put aside: for later, thrown away, or kept by itself while they type."""

from typing import Any

from litestar import Response

from portal.language import lazy
from portal.messages import writing
from portal.messages.actions import drafting
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import go, reply, tell
from portal.web.request import Request


async def put_aside(request: Request, client_id: int, thread_id: int | None, form: Form, back: str) -> Response[Any]:
    """By the button that was pressed. Raises `Refused`."""
    if form["act"] == "drop":
        await drafting.drop(request.viewer, client_id, thread_id, is_staff=True)
        await tell(request, "ok", lazy("The draft is deleted."))
        return go(back)
    await writing.kept(request, client_id, thread_id, is_staff=True)
    await tell(request, "ok", lazy("Saved. It is not sent yet."))
    return go(back)


async def save_itself(request: Request, client_id: int, thread_id: int | None, back: str) -> Response[Any]:
    """Without files, and without a word but when it was."""
    draft, refused = None, ""
    try:
        draft = await writing.kept(request, client_id, thread_id, is_staff=True, by_itself=True)
    except Refused as refusal:
        refused = str(next(iter(refusal.sentences.values())))
    if request.wants_fragment:
        known = (await request.typed())["known"]
        return await reply(request, "messages/saved", draft=draft, known=known, refused=refused)
    return go(back)

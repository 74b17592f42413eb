"""The inbox of staff, and a conversation in it."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy, ngettext
from portal.messages import staff_forms, topics, writing
from portal.messages.actions import sending
from portal.messages.controllers import aside
from portal.messages.controllers.thread import screen
from portal.messages.filters import Filters, View
from portal.messages.queries import beside, conversation, inbox
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import go, reply, tell, written
from portal.web.request import Request

VIEWS = (
    (View.WAITING, lazy("Waiting for an answer")),
    (View.MINE, lazy("Mine")),
    (View.ALL, lazy("All")),
    (View.CLOSED, lazy("Closed")),
)


class StaffMessagesController(Controller):
    path = "/staff/messages"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-messages")
    async def list(self, request: Request) -> Response[Any]:
        filters = staff_forms.filters_of(request.asked)
        found = await inbox.inbox(request.viewer, filters)
        if found.total and not found.lines:
            return go(filters.at().on(request.url.path))
        return await reply(
            request,
            "messages/staff/inbox",
            form=Form.of(topic=filters.topic, words=filters.words),
            listed=sorted({one.client_id for one in found.lines}),
            found=found,
            filters=filters,
            views=VIEWS,
            topics=topics.offered(request.viewer),
            titles=topics.TITLES,
            headers={"HX-Push-Url": written(filters.on(request.url.path))},
            **await _around(request, filters, found),
        )

    @post("/search", name="staff-message-search")
    async def find(self, request: Request) -> Response[Any]:
        filters = staff_forms.searched(await request.typed())
        return go(filters.on(request.app.route_reverse("staff-messages")))


class StaffThreadController(Controller):
    path = "/staff/messages/{thread_id:int}"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-message-thread")
    async def show(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        return await screen(request, thread_id)

    @post(name="staff-message-reply", request_max_body_size=writing.MOST_SENT)
    async def create(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        """To send it; or to keep it for later, or to have a canned reply added to it."""
        head = await conversation.of_staff(request.viewer, thread_id)
        here = request.app.route_reverse("staff-message-thread", thread_id=thread_id)
        form = await request.typed()
        try:
            if form["act"] == "insert" and staff_forms.asked_for(form):
                await writing.kept(request, head.client_id, thread_id, is_staff=True)
                return go(f"{here}?{urlencode({'canned': form['canned']})}#reply")
            if form["act"]:
                return await aside.put_aside(request, head.client_id, thread_id, form, here + "#reply")
            composed = await writing.composed(request, head.client_id, thread_id, is_staff=True)
            await sending.answer_for_staff(request.viewer, thread_id, composed.words)
        except Refused as refusal:
            return await screen(request, thread_id, form.refused(refusal))
        seen = form.number("seen") or 0
        between = await beside.came_since(request.viewer, head, seen)
        if between:
            sentence = ngettext(
                "Sent. While you wrote, %(num)d message came: read it below.",
                "Sent. While you wrote, %(num)d messages came: read them below.",
                between,
            )
            await tell(request, "wait", sentence)
            return go(f"{here}?{urlencode({'seen': seen})}#new")
        await tell(request, "ok", lazy("Sent."))
        return go(here)

    @post("/draft", name="staff-message-draft", opt={"saves_itself": True})
    async def update(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        head = await conversation.of_staff(request.viewer, thread_id)
        here = request.app.route_reverse("staff-message-thread", thread_id=thread_id)
        return await aside.save_itself(request, head.client_id, thread_id, here + "#reply")


async def _around(request: Request, filters: Filters, found: inbox.Inbox) -> dict[str, Any]:
    """How many wait in all, for the badge: the first view without filters has counted them."""
    if not request.wants_fragment:
        return {"waits": None}
    is_whole = filters.view == View.WAITING and not filters.is_narrow and not found.is_more
    return {"waits": found.total if is_whole else await inbox.how_many_wait(request.viewer)}

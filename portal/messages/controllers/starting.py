"""Staff begin a conversation with one client's people."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, Viewer, needs
from portal.clients import queries as clients
from portal.language import lazy
from portal.messages import staff_forms, topics, writing
from portal.messages.actions import sending
from portal.messages.controllers import aside
from portal.messages.queries import beside, drafts, people
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

ONLY_ME = (lazy("Only me"), lazy("Nobody else of the staff, except who stands in for you."))


class StaffMessageController(Controller):
    path = "/staff/clients/{client_id:int}/messages"
    opt = needs(Permission.MESSAGE_READ)

    @get("/new", name="staff-message-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await screen(request, client_id, None)

    @post(request_max_body_size=writing.MOST_SENT, name="staff-message-create")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await people.must_reach(request.viewer, client_id)
        form = await request.typed()
        try:
            if form["act"]:
                here = request.app.route_reverse("staff-message-new", client_id=client_id)
                return await aside.put_aside(request, client_id, None, form, here)
            composed = await writing.composed(request, client_id, None, is_staff=True)
            staff_forms.must_be_offered(form, [one[0] for one in await _topics(request.viewer)])
            assert composed.beginning is not None
            thread_id = await sending.begin_for_staff(request.viewer, client_id, composed.beginning, composed.words)
        except Refused as refusal:
            return await screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("Sent."))
        return leave_for(request, "staff-message-thread", thread_id=thread_id)

    @post("/draft", name="staff-message-new-draft", opt={"saves_itself": True})
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        here = request.app.route_reverse("staff-message-new", client_id=client_id)
        return await aside.save_itself(request, client_id, None, here)


async def screen(request: Request, client_id: int, form: Form | None) -> Response[Any]:
    viewer = request.viewer
    client = await clients.client(viewer, client_id)
    readers = await people.of_client(viewer, client_id)
    draft = await drafts.draft(viewer, client_id, None, is_staff=True)
    opened = writing.opened(draft)
    if draft is None:
        opened = Form({**opened.typed, "people": staff_forms.ticked(readers)})
    return await reply(
        request,
        "messages/staff/new",
        form=form or opened,
        about=client_id,
        client=client,
        readers=readers,
        draft=draft,
        topics=await _topics(viewer),
        may_activate=viewer.may(Permission.PORTAL_ACCESS_MANAGE),
    )


async def _topics(viewer: Viewer) -> list[tuple[object, ...]]:
    """Those that the viewer reads; and for who sees clients, a conversation of their own."""
    own = [(f"personal-{viewer.staff_id}", *ONLY_ME)] if await beside.is_clinician(viewer) else []
    return [*topics.offered(viewer), *own]

"""The practice's canned replies."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy
from portal.messages import staff_forms
from portal.messages.actions import canning
from portal.messages.queries import canned
from portal.messages.queries.canned import Reply
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

WAYS = {"up": -1, "down": 1}


class CannedRepliesController(Controller):
    path = "/staff/messages/replies"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="canned-replies")
    async def list(self, request: Request) -> Response[Any]:
        may_change = request.viewer.may(Permission.MESSAGE_CONFIGURE)
        found = await canned.replies(request.viewer, everything=may_change)
        return await reply(request, "messages/staff/replies", replies=found, may_change=may_change)

    @get("/new", name="canned-reply-new", opt=needs(Permission.MESSAGE_CONFIGURE))
    async def new(self, request: Request) -> Response[Any]:
        return await self.screen(request, None, Form())

    @post(name="canned-reply-create", opt=needs(Permission.MESSAGE_CONFIGURE))
    async def create(self, request: Request) -> Response[Any]:
        return await self.save(request, None)

    @get("/{reply_id:int}", name="canned-reply", opt=needs(Permission.MESSAGE_CONFIGURE))
    async def show(self, request: Request, reply_id: FromPath[int]) -> Response[Any]:
        one = await canned.reply_of(request.viewer, reply_id)
        return await self.screen(request, one, Form.of(title=one.title, body_en=one.body_en, body_es=one.body_es))

    @post("/{reply_id:int}", name="canned-reply-save", opt=needs(Permission.MESSAGE_CONFIGURE))
    async def edit(self, request: Request, reply_id: FromPath[int]) -> Response[Any]:
        return await self.save(request, await canned.reply_of(request.viewer, reply_id))

    @post("/{reply_id:int}/place", name="canned-reply-place", opt=needs(Permission.MESSAGE_CONFIGURE))
    async def update(self, request: Request, reply_id: FromPath[int]) -> Response[Any]:
        """Up, down, off or on again."""
        act = (await request.typed())["act"]
        if act in WAYS:
            await canning.move(request.viewer, reply_id, WAYS[act])
        else:
            await canning.switch(request.viewer, reply_id, is_on=act == "on")
        return see_other(request, "canned-replies")

    async def save(self, request: Request, one: Reply | None) -> Response[Any]:
        form = await request.typed()
        try:
            typed = staff_forms.canned_reply(form)
            await canning.save(request.viewer, one.id if one else None, *typed)
        except Refused as refusal:
            return await self.screen(request, one, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return leave_for(request, "canned-replies")

    async def screen(self, request: Request, one: Reply | None, form: Form) -> Response[Any]:
        return await reply(request, "messages/staff/canned", form=form, canned=one)

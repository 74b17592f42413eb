"""One message to many clients: written, checked, sent, and how many have read it."""

import secrets
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.announcements import forms
from portal.announcements.actions import writing
from portal.announcements.queries import announcements, audience
from portal.announcements.queries.announcements import Announced
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

typed.declare(forms.ADDRESSES, forms.reading)


class AnnouncementsController(Controller):
    path = "/staff/announcements"
    opt = needs(Permission.MESSAGE_ANNOUNCE)

    @get(name="announcements")
    async def list(self, request: Request) -> Response[Any]:
        before, after = request.asked.number("before"), request.asked.number("after")
        found = await announcements.announcements(request.viewer, before=before, after=after)
        return await reply(request, "announcements/list", found=found)

    @get("/new", name="announcement-new")
    async def new(self, request: Request) -> Response[Any]:
        return await self.screen(request, forms.opened(secrets.token_hex(16)))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            written = forms.read(form, request.viewer, await practices.clinicians_with_clients(request.viewer))
            announcement_id = await writing.write(request.viewer, written)
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        return leave_for(request, "announcement-check", announcement_id=announcement_id)

    @get("/{announcement_id:int}", name="announcement")
    async def show(self, request: Request, announcement_id: FromPath[int]) -> Response[Any]:
        found = await announcements.announcement(request.viewer, announcement_id)
        if found.is_draft:
            return see_other(request, "announcement-check", announcement_id=announcement_id)
        return await reply(request, "announcements/announcement", one=found)

    @get("/{announcement_id:int}/words", name="announcement-words")
    async def edit(self, request: Request, announcement_id: FromPath[int]) -> Response[Any]:
        found, key = await announcements.draft(request.viewer, announcement_id)
        return await self.screen(request, forms.opened(key, found))

    @post("/{announcement_id:int}/removal", name="announcement-removal")
    async def update(self, request: Request, announcement_id: FromPath[int]) -> Response[Any]:
        await writing.throw_away(request.viewer, announcement_id)
        await tell(request, "ok", lazy("Thrown away. Nobody got it."))
        return leave_for(request, "announcements")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        return await reply(
            request,
            "announcements/writing",
            form=form,
            clinicians=await practices.clinicians_with_clients(request.viewer),
            topics=forms.topics(request.viewer),
        )


class AnnouncementCheckController(Controller):
    path = "/staff/announcements/{announcement_id:int}/check"
    opt = needs(Permission.MESSAGE_ANNOUNCE)

    @get(name="announcement-check")
    async def show(self, request: Request, announcement_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, announcement_id, Form())

    @post()
    async def create(self, request: Request, announcement_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await writing.send(request.viewer, announcement_id, form["seen"])
        except Refused as refusal:
            return await self.screen(request, announcement_id, form.refused(refusal))
        return leave_for(request, "announcement", announcement_id=announcement_id)

    async def screen(self, request: Request, announcement_id: int, form: Form) -> Response[Any]:
        """What is sent already is shown where it stands."""
        found: Announced = await announcements.announcement(request.viewer, announcement_id)
        if not found.is_draft:
            return see_other(request, "announcement", announcement_id=announcement_id)
        return await reply(
            request,
            "announcements/check",
            form=form,
            one=found,
            size=await audience.size(request.viewer, found.clinician_id),
        )

"""Staff say when they are away, and who reads and answers meanwhile."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy
from portal.messages.actions import away
from portal.messages.actions.away import Days
from portal.messages.queries import away as absences
from portal.refusal import Refused
from portal.web.form import Form, Reader
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class AwayController(Controller):
    path = "/staff/messages/away"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-away")
    async def list(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form.of(staff=request.viewer.staff_id))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await away.add(request.viewer, read(form, request.viewer.staff_id or 0))
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return see_other(request, "staff-away")

    @post("/{absence_id:int}/end", name="staff-away-end")
    async def update(self, request: Request, absence_id: FromPath[int]) -> Response[Any]:
        await away.end(request.viewer, absence_id)
        await tell(request, "ok", lazy("Saved. The messages are read by whoever reads them otherwise."))
        return see_other(request, "staff-away")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        people = await absences.readers(request.viewer)
        return await reply(
            request,
            "messages/away",
            form=form,
            absences=await absences.coming(request.viewer),
            today=await absences.today(request.viewer),
            people=people,
            may_all=request.viewer.may(Permission.MESSAGE_SUPERVISE),
        )


def read(form: Form, own: int) -> Days:
    """Without a last day it is one day; who keeps only their own has no field for who it is."""
    reader = Reader(form)
    first = reader.day("first_day", missing=lazy("Enter the first day"))
    is_longer = any(form[f"last_day_{part}"].strip() for part in ("year", "month", "day"))
    last = reader.day("last_day", missing=lazy("Enter the whole date")) if is_longer else first
    if form["cover"] and form.number("cover") is None:
        reader.refuse("cover", lazy("Choose who reads and answers meanwhile"))
    reader.finish(("staff", "first_day", "last_day", "cover"))
    assert first is not None and last is not None
    return Days(form.number("staff") or own, first, last, form.number("cover"))

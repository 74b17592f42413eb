"""A time that freed up, which is kept for somebody who waits: taken, or passed on."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, NotFoundException, acts_for
from portal.appointments.actions import booking
from portal.appointments.queries import visits
from portal.language import lazy
from portal.refusal import Refused
from portal.waitlist.actions import offers
from portal.waitlist.queries import entries
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class WaitOfferController(Controller):
    path = "/clients/{client_id:int}/wait-list/offers/{appointment_id:int}"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="wait-offer")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        answered = await self.screen(request, client_id, appointment_id, Form())
        await booking.mark_read(request.viewer, client_id, appointment_id)
        return answered

    @post(name="wait-offer-acceptance")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            taken = await offers.accept(request.viewer, client_id, appointment_id)
        except Refused as refusal:
            return await self.screen(request, client_id, appointment_id, form.refused(refusal))
        return leave_for(request, "appointment", client_id=client_id, appointment_id=taken)

    @post("/passing", name="wait-offer-passing")
    async def update(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        try:
            await offers.let_pass(request.viewer, client_id, appointment_id)
        except Refused:
            return see_other(request, "wait-offer", client_id=client_id, appointment_id=appointment_id)
        await tell(request, "ok", lazy("You keep your place on the wait list. We write when something else frees up."))
        return leave_for(request, "wait-list", client_id=client_id)

    async def screen(self, request: Request, client_id: int, appointment_id: int, form: Form) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if visit.waits is None:
            raise NotFoundException
        if not visit.was_only_offered:
            return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)
        return await reply(
            request,
            "waitlist/offer",
            form=form,
            about=client_id,
            client_id=client_id,
            visit=visit,
            entry=await entries.entry(request.viewer, client_id, visit.waits),
            is_kept=visit.is_offered and visit.held_until is not None and visit.held_until > clock.now(),
        )

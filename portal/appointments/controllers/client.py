"""Appointments, as the client has them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, NotFoundException, acts_for
from portal.appointments import beside
from portal.appointments.actions import acceptance, booking, keeping
from portal.appointments.queries import offered, offers, visits
from portal.appointments.settings import (
    CANCEL_WINDOW,
    asks_to_confirm,
    clients_book,
    is_late,
    late_words,
    number,
)
from portal.appointments.visit import Visit
from portal.language import lazy
from portal.refusal import Refused
from portal.settings import settings
from portal.web.form import Form, Reader
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

LONGEST_REASON = 300


class AppointmentsController(Controller):
    path = "/clients/{client_id:int}/appointments"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointments")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await reply(
            request,
            "appointments/list",
            about=client_id,
            client_id=client_id,
            visits=await visits.coming(request.viewer, client_id),
            notes=await beside.OF_CLIENT.told(request.viewer, client_id),
            may_book=await clients_book(request.viewer),
            offers_texts=settings().offers_texts,
        )

    @get("/{appointment_id:int}", name="appointment")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if visit.is_held:
            raise NotFoundException
        if visit.was_only_offered and visit.instead_of:
            return see_other(request, "appointment", client_id=client_id, appointment_id=visit.instead_of)
        if visit.was_only_offered:
            return see_other(request, "wait-offer", client_id=client_id, appointment_id=appointment_id)
        if visit.state == "moved" and visit.moves:
            return see_other(request, "appointment", client_id=client_id, appointment_id=visit.moves)
        answered = await self.screen(request, client_id, visit, Form())
        await booking.mark_read(request.viewer, client_id, appointment_id)
        return answered

    async def screen(self, request: Request, client_id: int, visit: Visit, form: Form) -> Response[Any]:
        answers = await offered.answers(request.viewer, client_id, visit.id) if visit.state == "declined" else []
        return await reply(
            request, "appointments/appointment", form=form, about=client_id, client_id=client_id, visit=visit,
            asks_to_confirm=await asks_to_confirm(request.viewer), may_book=await clients_book(request.viewer),
            offers_texts=settings().offers_texts, hints=await beside.OF_VISIT.told(request.viewer, visit),
            answers=answers, kept=offered.still_kept(answers),
            may_wait=visit.may_be_kept and await offers.is_offered(request.viewer, client_id, visit.type_id),
        )  # fmt: skip

    @post("/{appointment_id:int}/acceptance", name="appointment-acceptance")
    async def accept(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        """One of the times that the practice offers instead of the one that was asked for."""
        form = await request.typed()
        try:
            taken = await acceptance.accept(request.viewer, client_id, appointment_id, form.number("chosen"))
        except Refused as refusal:
            visit = await visits.visit(request.viewer, client_id, appointment_id)
            return await self.screen(request, client_id, visit, form.refused(refusal))
        return leave_for(request, "appointment", client_id=client_id, appointment_id=taken)

    @post("/{appointment_id:int}/withdrawal", name="appointment-withdrawal")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        await booking.withdraw(request.viewer, client_id, appointment_id)
        return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)

    @post("/{appointment_id:int}/confirmation", name="appointment-confirmation")
    async def update(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        """From the first screen, back to it."""
        form = await request.typed()
        try:
            await keeping.confirm(request.viewer, client_id, appointment_id, form["seen"])
        except Refused as refusal:
            await tell(request, "wait", next(iter(refusal.sentences.values())))
            return leave_for(request, "appointment", client_id=client_id, appointment_id=appointment_id)
        if form["next"] == "dashboard":
            await tell(request, "ok", lazy("You have confirmed your appointment."))
            return see_other(request, "dashboard", client_id=client_id)
        return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)


class CancellationController(Controller):
    path = "/clients/{client_id:int}/appointments/{appointment_id:int}/cancellation"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-cancellation")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, appointment_id, Form())

    @post()
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            reader = Reader(form)
            reason = reader.lines("reason", most=LONGEST_REASON)
            reader.finish()
            await keeping.cancel(request.viewer, client_id, appointment_id, reason, form["seen"])
        except Refused as refusal:
            return await self.screen(request, client_id, appointment_id, form.refused(refusal))
        return leave_for(request, "appointment", client_id=client_id, appointment_id=appointment_id)

    async def screen(self, request: Request, client_id: int, appointment_id: int, form: Form) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if not visit.may_be_kept:
            return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)
        return await reply(
            request, "appointments/cancellation", form=form, about=client_id, client_id=client_id, visit=visit,
            hours=await number(request.viewer, CANCEL_WINDOW), late_words=await late_words(request.viewer),
            is_late=await is_late(request.viewer, visit.starts_at),
        )  # fmt: skip

"""Reschedule: another time for a visit, which stays where it is until the practice agrees."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.appointments import forms
from portal.appointments.controllers import picking
from portal.appointments.forms import Sought
from portal.appointments.queries import offers, visits
from portal.appointments.settings import clients_book, may_still_move
from portal.appointments.visit import Visit
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other
from portal.web.request import Request


class MoveController(Controller):
    path = "/clients/{client_id:int}/appointments/{appointment_id:int}/time"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-time")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        return await self.screen(request, client_id, visit, request.asked, Form())

    @post(name="appointment-time-hold")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        form = await request.typed()
        sought = await self.sought(request, client_id, visit, form)
        if sought is None:
            return await self.screen(request, client_id, visit, form, Form())
        try:
            held = await picking.held(request, client_id, sought, form, visit)
        except Refused as refusal:
            return await self.screen(request, client_id, visit, form, form.refused(refusal))
        return leave_for(request, "booking-check", client_id=client_id, appointment_id=held)

    async def sought(self, request: Request, client_id: int, visit: Visit, asked: Form) -> Sought | None:
        """Of the same type and in the same way; with the same clinician until another is chosen. None: by phone."""
        offered = await offers.offers(request.viewer, client_id) if await clients_book(request.viewer) else []
        offer = next((one for one in offered if one.id == visit.type_id), None)
        is_open = visit.may_be_kept and await may_still_move(request.viewer, visit.starts_at)
        if offer is None or visit.contact_type not in offer.contact_types or not is_open:
            return None
        clinician = asked.number("clinician") if "clinician" in asked.typed else visit.clinician_id
        return Sought(offer, visit.contact_type, clinician, asked.number("site"), forms.day_in(asked["week"]))

    async def screen(self, request: Request, client_id: int, visit: Visit, asked: Form, form: Form) -> Response[Any]:
        """A week of times; or the phone, where this visit cannot be moved here."""
        if not visit.may_be_kept or visit.move_asked:
            shown = visit.move_asked or visit.id
            return see_other(request, "appointment", client_id=client_id, appointment_id=shown)
        sought = await self.sought(request, client_id, visit, asked)
        if sought is None:
            return await reply(request, "appointments/call", about=client_id, client_id=client_id, visit=visit)
        return await picking.screen(request, client_id, sought, form, visit)

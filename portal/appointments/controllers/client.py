"""Appointments, as the client has them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, NotFoundException, acts_for
from portal.appointments.actions import booking
from portal.appointments.queries import visits
from portal.appointments.settings import clients_book
from portal.web.replies import reply, see_other
from portal.web.request import Request


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
            may_book=await clients_book(request.viewer),
        )

    @get("/{appointment_id:int}", name="appointment")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if visit.is_held:
            raise NotFoundException
        answered = await reply(request, "appointments/appointment", about=client_id, client_id=client_id, visit=visit)
        await booking.mark_read(request.viewer, client_id, appointment_id)
        return answered

    @post("/{appointment_id:int}/withdrawal", name="appointment-withdrawal")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        await booking.withdraw(request.viewer, client_id, appointment_id)
        return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)

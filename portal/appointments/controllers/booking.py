"""Book an Appointment: what for, when, and a last look."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.appointments import forms, spoken
from portal.appointments.actions import booking
from portal.appointments.controllers import picking
from portal.appointments.forms import Sought
from portal.appointments.queries import offers, visits
from portal.appointments.settings import clients_book, late_notice
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form, Reader
from portal.web.replies import go, leave, leave_for, reply
from portal.web.request import Request

LONGEST_WISH = 500

typed.declare(spoken.ADDRESSES, spoken.reading)


class BookingController(Controller):
    path = "/clients/{client_id:int}/appointments/book"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="booking")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.first(request, client_id, request.asked)

    @get("/time", name="booking-time")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        try:
            asked = forms.sought(request.asked, await offers.offers(request.viewer, client_id))
        except Refused as refusal:
            return await self.first(request, client_id, request.asked.refused(refusal))
        return await self.screen(request, client_id, asked, Form())

    @post("/time", name="booking-hold")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            asked = forms.sought(form, await offers.offers(request.viewer, client_id))
        except Refused as refusal:
            return await self.first(request, client_id, form.refused(refusal))
        try:
            held = await picking.held(request, client_id, asked, form)
        except Refused as refusal:
            return await self.screen(request, client_id, asked, form.refused(refusal))
        return leave_for(request, "booking-check", client_id=client_id, appointment_id=held)

    async def first(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        """What the appointment is for and how to meet; or the phone, where clients do not book here."""
        found = await offers.offers(request.viewer, client_id) if await clients_book(request.viewer) else []
        return await reply(
            request, "appointments/book", form=form, about=client_id, client_id=client_id, offers=found,
            full=await visits.too_many(request.viewer, client_id),
        )  # fmt: skip

    async def screen(self, request: Request, client_id: int, asked: Sought, form: Form) -> Response[Any]:
        """A week of times; after a refusal the same week, anew."""
        if not await clients_book(request.viewer):
            return await self.first(request, client_id, Form())
        return await picking.screen(request, client_id, asked, form)


class CheckController(Controller):
    path = "/clients/{client_id:int}/appointments/{appointment_id:int}"
    opt = acts_for(Area.APPOINTMENTS)

    @get("/check", name="booking-check")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, appointment_id, Form())

    @post("/check", name="booking-request")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            reader = Reader(form)
            words = reader.lines("wish", most=LONGEST_WISH)
            reader.finish()
            if form["act"] == "again":
                return await self.again(request, client_id, appointment_id, words)
            await booking.ask(request.viewer, client_id, appointment_id, words, form["seen"])
        except Refused as refusal:
            return await self.screen(request, client_id, appointment_id, form.refused(refusal))
        return leave_for(request, "appointment", client_id=client_id, appointment_id=appointment_id)

    async def again(self, request: Request, client_id: int, appointment_id: int, words: str) -> Response[Any]:
        """Another time: the same week, with what was written kept."""
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        await booking.keep_words(request.viewer, client_id, appointment_id, words)
        week = {"week": visit.day.isoformat()}
        if visit.moves:
            path = request.app.route_reverse("appointment-time", client_id=client_id, appointment_id=visit.moves)
        else:
            path = request.app.route_reverse("booking-time", client_id=client_id)
            week |= {"type": str(visit.type_id), "how": visit.contact_type}
        return leave(request, f"{path}?{urlencode(week)}")

    async def screen(self, request: Request, client_id: int, appointment_id: int, form: Form) -> Response[Any]:
        """What is held, to look at once more; what is asked for already is shown where it stands."""
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if not visit.is_held and not form.errors:
            return go(request.app.route_reverse("appointment", client_id=client_id, appointment_id=appointment_id))
        if "wish" not in form.typed:
            form = Form({**form.typed, "wish": (visit.wish,)}, form.errors)
        return await reply(
            request, "appointments/check", form=form, about=client_id, client_id=client_id, visit=visit,
            again={"type": visit.type_id, "how": visit.contact_type},
            late=await late_notice(request.viewer, visit.instead_of_time),
        )  # fmt: skip

"""Book an Appointment: what for, when, and a last look."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.appointments import forms, spoken, views
from portal.appointments.actions import booking
from portal.appointments.forms import Sought
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries import offers, visits
from portal.appointments.queries.openings import Wish, openings
from portal.appointments.settings import clients_book
from portal.language import lazy
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form, Reader
from portal.web.replies import go, leave_for, reply
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
            second = views.second_in(form["slot"])
            if second is None:
                raise Refused(slot=lazy("Choose a time"))
            asked = asked.within(await around(request, client_id, asked))
            held = await booking.hold(request.viewer, client_id, wish(asked), second)
        except Refused as refusal:
            return await self.screen(request, client_id, asked, form.refused(refusal))
        return leave_for(request, "booking-check", client_id=client_id, appointment_id=held)

    async def first(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        """What the appointment is for and how to meet; or the phone, where clients do not book here."""
        found = await offers.offers(request.viewer, client_id) if await clients_book(request.viewer) else []
        return await reply(
            request, "appointments/book", form=form, about=client_id, client_id=client_id, offers=found,
        )  # fmt: skip

    async def screen(self, request: Request, client_id: int, asked: Sought, form: Form) -> Response[Any]:
        """A week of times; after a refusal the same week, anew."""
        if not await clients_book(request.viewer):
            return await self.first(request, client_id, Form())
        people = await around(request, client_id, asked)
        asked = asked.within(people)
        found = await openings(request.viewer, client_id, wish(asked))
        return await reply(
            request,
            "appointments/time",
            form=form,
            about=client_id,
            client_id=client_id,
            asked=asked,
            meetings=MEETINGS,
            around=people,
            week=views.week_of(found, asked.week, request.viewer.time_zone),
            zone=found.zone,
            own_zone=views.own_zone(found.zone, request.viewer.time_zone),
        )


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
            await booking.ask(request.viewer, client_id, appointment_id, words)
        except Refused as refusal:
            return await self.screen(request, client_id, appointment_id, form.refused(refusal))
        return leave_for(request, "appointment", client_id=client_id, appointment_id=appointment_id)

    async def screen(self, request: Request, client_id: int, appointment_id: int, form: Form) -> Response[Any]:
        """What is held, to look at once more; what is asked for already is shown where it stands."""
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if not visit.is_held and not form.errors:
            return go(request.app.route_reverse("appointment", client_id=client_id, appointment_id=appointment_id))
        again = {"type": visit.type_id, "how": visit.contact_type}
        return await reply(
            request, "appointments/check", form=form, about=client_id, client_id=client_id, visit=visit, again=again,
        )  # fmt: skip


async def around(request: Request, client_id: int, asked: Sought) -> offers.Around:
    return await offers.around(request.viewer, client_id, asked.offer.id, asked.how)


def wish(asked: Sought) -> Wish:
    return Wish(asked.offer, asked.how, asked.clinician, asked.site)

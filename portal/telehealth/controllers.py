"""The way into a visit by video; and where staff keep the rooms."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, Permission, acts_for, needs
from portal.appointments import beside
from portal.appointments.queries import availability, visits
from portal.language import lazy
from portal.refusal import Refused
from portal.telehealth import actions, forms, queries
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request

typed.declare(forms.ADDRESSES, forms.reading)
beside.OF_VISIT.declare(queries.hints)


class JoinController(Controller):
    path = "/clients/{client_id:int}/appointments/{appointment_id:int}/join"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-join")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, appointment_id, Form())

    @post(name="telehealth-consent")
    async def create(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            forms.must_agree(form)
        except Refused as refusal:
            return await self.screen(request, client_id, appointment_id, form.refused(refusal))
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if visit.is_by_video:
            await actions.accept(request.viewer, client_id)
        return see_other(request, "appointment-join", client_id=client_id, appointment_id=appointment_id)

    async def screen(self, request: Request, client_id: int, appointment_id: int, form: Form) -> Response[Any]:
        """Consent first, however early; then the way in, once it is open."""
        visit = await visits.visit(request.viewer, client_id, appointment_id)
        if not visit.is_by_video:
            return see_other(request, "appointment", client_id=client_id, appointment_id=appointment_id)
        accepted_at = await queries.accepted_at(request.viewer, client_id)
        told: dict[str, Any] = {"about": client_id, "client_id": client_id, "visit": visit, "accepted_at": accepted_at}
        if accepted_at is None:
            is_own = any(one.client_id == client_id and one.kind == "self" for one in request.viewer.grants)
            return await reply(request, "telehealth/consent", form=form, is_own=is_own, **told)
        link = await actions.join(request.viewer, client_id, appointment_id) if visit.may_join else ""
        return await reply(request, "telehealth/join", link=link, **told)


class RoomController(Controller):
    path = "/staff/hours/{clinician_id:int}/room"
    opt = needs(Permission.HOURS_MANAGE)

    @get(name="clinician-room")
    async def show(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        link = await queries.room(request.viewer, clinician_id)
        return await self.screen(request, clinician_id, Form.of(link=link))

    @post()
    async def update(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        link = forms.link(form)
        try:
            await actions.keep_room(request.viewer, clinician_id, link)
        except Refused as refusal:
            return await self.screen(request, clinician_id, form.refused(refusal))
        words = lazy("Saved. Clients join here from now on.") if link else lazy("Saved. There is no link any more.")
        await tell(request, "ok", words)
        return see_other(request, "clinician-room", clinician_id=clinician_id)

    async def screen(self, request: Request, clinician_id: int, form: Form) -> Response[Any]:
        week = await availability.week(request.viewer, clinician_id)
        return await reply(request, "telehealth/room", form=form, person=week.person)

"""The types of appointments that a practice offers."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments import type_forms
from portal.appointments.actions import types as acts
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries import types
from portal.appointments.queries.types import Type
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class TypesController(Controller):
    path = "/staff/appointment-types"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="appointment-types")
    async def list(self, request: Request) -> Response[Any]:
        found = await types.types(request.viewer)
        return await reply(
            request, "appointments/staff/types", types=found, booked_by=type_forms.BOOKED_BY, colors=type_forms.COLORS,
            meetings=MEETINGS,
        )  # fmt: skip

    @get("/new", name="appointment-type-new")
    async def new(self, request: Request) -> Response[Any]:
        last = max((one.place for one in await types.types(request.viewer)), default=0)
        return await self.screen(request, None, type_forms.blank(last + 1))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        return await self.save(request, None)

    @get("/{type_id:int}", name="appointment-type")
    async def show(self, request: Request, type_id: FromPath[int]) -> Response[Any]:
        found = await types.type_of(request.viewer, type_id)
        return await self.screen(request, found, type_forms.opened(found))

    @post("/{type_id:int}")
    async def update(self, request: Request, type_id: FromPath[int]) -> Response[Any]:
        return await self.save(request, await types.type_of(request.viewer, type_id))

    @post("/{type_id:int}/retirement", name="appointment-type-retirement")
    async def retire(self, request: Request, type_id: FromPath[int]) -> Response[Any]:
        await acts.retire(request.viewer, type_id)
        await tell(request, "ok", lazy("Retired. Nobody is offered it any more; what is booked stays."))
        return see_other(request, "appointment-types")

    async def save(self, request: Request, one: Type | None) -> Response[Any]:
        form = await request.typed()
        try:
            draft = type_forms.read(form, *await self.choices(request, one))
            await acts.save(request.viewer, one.id if one else None, draft, form["seen"])
        except Refused as refusal:
            one = await types.type_of(request.viewer, one.id) if one else None
            return await self.screen(request, one, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return leave_for(request, "appointment-types")

    async def screen(self, request: Request, one: Type | None, form: Form) -> Response[Any]:
        people, places = await self.choices(request, one)
        return await reply(
            request,
            "appointments/staff/type",
            form=form,
            type=one,
            people=people,
            places=places,
            ways=tuple(MEETINGS.items()),
            booked_by=tuple(type_forms.BOOKED_BY.items()),
            colors=type_forms.COLORS,
        )

    async def choices(self, request: Request, one: Type | None) -> Any:
        """Who may offer it and where: those of now, and whoever was chosen before."""
        people = await types.people(request.viewer, one.clinicians if one else ())
        return people, await types.places(request.viewer, one.sites if one else ())

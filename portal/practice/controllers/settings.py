"""What an administrator chooses for the whole practice."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy, written_zone
from portal.practice import queries, sites, switches
from portal.practice.sites import Place
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class SettingsController(Controller):
    path = "/staff/settings"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="settings")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await switches.turn_all(request.viewer, {name: form[name] for name in form.typed})
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return see_other(request, "settings")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        """As it is, and over it what was typed."""
        present = Form.of(**await switches.values(request.viewer))
        shown = Form({**present.typed, **form.typed}, form.errors)
        return await reply(request, "practice/settings", form=shown, groups=switches.groups())


class SitesController(Controller):
    path = "/staff/settings/offices"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="sites")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "practice/sites", sites=await sites.sites(request.viewer))

    @get("/new", name="site-new")
    async def new(self, request: Request) -> Response[Any]:
        return await self.screen(request, None, Form())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        return await self.save(request, None)

    @get("/{site_id:int}", name="site")
    async def show(self, request: Request, site_id: FromPath[int]) -> Response[Any]:
        found = await sites.site(request.viewer, site_id)
        return await self.screen(request, found, Form.of(**{name: getattr(found, name) for name in sites.FACTS}))

    @post("/{site_id:int}")
    async def update(self, request: Request, site_id: FromPath[int]) -> Response[Any]:
        return await self.save(request, await sites.site(request.viewer, site_id))

    @post("/{site_id:int}/closing", name="site-closing")
    async def close(self, request: Request, site_id: FromPath[int]) -> Response[Any]:
        found = await sites.site(request.viewer, site_id)
        await sites.close(request.viewer, found.id, is_open=not found.is_active)
        closed = lazy("Closed. No times are offered there any more; what is booked stays.")
        await tell(request, "ok", closed if found.is_active else lazy("Open again."))
        return see_other(request, "sites")

    async def save(self, request: Request, one: Place | None) -> Response[Any]:
        form = await request.typed()
        try:
            await sites.save(request.viewer, one.id if one else None, {name: form[name] for name in sites.FACTS})
        except Refused as refusal:
            return await self.screen(request, one, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return leave_for(request, "sites")

    async def screen(self, request: Request, one: Place | None, form: Form) -> Response[Any]:
        """The zones of this country by name, and whichever the office has."""
        own = (await queries.practice(request.viewer)).time_zone
        kept = (one.time_zone,) if one and one.time_zone and one.time_zone not in sites.ZONES else ()
        zones: Any = [("", lazy("As the practice: %(zone)s", zone=written_zone(own)))]
        zones += [(name, f"{written_zone(name)} ({name.rpartition('/')[2].replace('_', ' ')})") for name in sites.ZONES]
        zones += [(name, name) for name in kept]
        return await reply(request, "practice/site", form=form, site=one, zones=zones)

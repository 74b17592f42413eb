"""My Information: four sections, each with a page of its own."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, NotFoundException, acts_for
from portal.clients import record
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Section, Sheet
from portal.information import bases, forms, kinds, meanwhile, queries, spoken, views
from portal.information.actions import change
from portal.information.actions.change import Meanwhile
from portal.information.controllers.photos import with_photos
from portal.information.settings import READ_ONLY, mode_of
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import instead_of, reply, see_other
from portal.web.request import MOST_UPLOADED, Request

typed.declare(spoken.ADDRESSES, spoken.reading)


class InformationController(Controller):
    path = "/clients/{client_id:int}/information"
    opt = acts_for(Area.INFORMATION)

    @get(name="information")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """The first section stands open; the others come when they are opened."""
        first = SECTIONS["demographics"]
        return await reply(
            request,
            "information/list",
            about=client_id,
            sections=SECTIONS.values(),
            standing=await queries.standing(request.viewer, client_id),
            counts=await queries.counts(request.viewer, client_id, await today(request)),
            **await shown(request, client_id, first),
        )

    @get("/{section:str}", name="information-section")
    async def show(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        told = await shown(request, client_id, kinds.section(section))
        headers = instead_of(request, "information-edit", "information-section", client_id=client_id, section=section)
        answered = await reply(
            request, "information/section", about=client_id, headers=headers, is_renamed=bool(headers), **told
        )
        await change.mark_read(request.viewer, client_id, kinds.section(section))
        return answered

    @get("/{section:str}/edit", name="information-edit")
    async def edit(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        return await self.screen(request, client_id, kinds.section(section), None)

    @post("/{section:str}", name="information-change", request_max_body_size=MOST_UPLOADED)
    async def update(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        asked = kinds.section(section)
        form = await request.typed()
        try:
            form, unfit = await with_photos(request, client_id, form)
            if unfit:
                raise Refused(unfit)
            if another := forms.rearranged(asked, form):
                return await self.screen(request, client_id, asked, another)
            base, began = bases.shown_before(form, client_id, asked)
            known = bases.together(await record.sheet(request.viewer, client_id, asked), base)
            photos = await record.names_of_images(request.viewer, client_id)
            own = await record.words_of_names(request.viewer, client_id)
            wanted = forms.read(asked, form, known, photos, own)
            await change.send(request.viewer, client_id, asked, base, wanted, began)
        except Meanwhile as since:
            form, base = meanwhile.given_back(asked, form, base, since.now, since.met, since.ids)
            form = bases.renewed(form, base, began, client_id, asked)
            return await self.screen(request, client_id, asked, form)
        except Refused as refusal:
            return await self.screen(request, client_id, asked, form.refused(refusal))
        return see_other(request, "information-section", client_id=client_id, section=section)

    @post("/{section:str}/withdrawal", name="information-withdrawal")
    async def create(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        form = await request.typed()
        await change.withdraw(request.viewer, client_id, kinds.section(section), form["state"])
        return see_other(request, "information-section", client_id=client_id, section=section)

    async def screen(self, request: Request, client_id: int, asked: Section, form: Form | None) -> Response[Any]:
        """The section as a form: with what is on record, what was asked for, or what was typed."""
        if form is None and await mode_of(request.viewer, asked) == READ_ONLY:
            raise NotFoundException
        base, began = await beginning(request, client_id, asked)
        added = forms.added(form) if form else ""
        form = form or forms.opened(asked, base)
        return await reply(
            request,
            "information/edit",
            form=form,
            about=client_id,
            client_id=client_id,
            section=asked,
            seen=form["seen"] or bases.written(base, began, client_id, asked),
            added=added,
            groups=forms.groups(asked, form),
            name_of=forms.name_of,
        )


async def shown(request: Request, client_id: int, asked: Section) -> dict[str, Any]:
    """What a section's part of a page needs."""
    found = await queries.newest(request.viewer, client_id, asked)
    present = await record.sheet(request.viewer, client_id, asked)
    return {
        "client_id": client_id,
        "section": asked,
        "change": found,
        "groups": views.shown(asked, present, found, await today(request)),
        "edits": views.compared(found.edits, found.settled or {}) if found else [],
        "may_edit": await mode_of(request.viewer, asked) != READ_ONLY,
    }


async def beginning(request: Request, client_id: int, asked: Section) -> tuple[Sheet, int]:
    """What the form begins with: the record, and on it what waits or was returned, with that request."""
    found = await queries.newest(request.viewer, client_id, asked)
    present = await record.sheet(request.viewer, client_id, asked)
    return (found.wanted(present), found.id) if found and found.is_still_asked else (present, 0)


async def today(request: Request) -> Any:
    return clock.today((await practices.practice(request.viewer)).time_zone)

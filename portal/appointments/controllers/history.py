"""Appointment History, narrowed as the client likes, and to take along."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal import audit, clock, language, spreadsheet
from portal.access import Area, acts_for
from portal.appointments import exports
from portal.appointments.queries import history
from portal.appointments.queries.history import Filters
from portal.appointments.states import PAST, WORDS
from portal.appointments.visit import Visit
from portal.keyset import Place
from portal.practice import queries as practices
from portal.web import days
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

NAMES = ("from", "until", "site", "clinician", "type", "status")


class AppointmentHistoryController(Controller):
    path = "/clients/{client_id:int}/appointments/history"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-history")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """A day that is none is refused beside its field, and the others count."""
        asked = request.asked
        filters, wrong = read(asked)
        after, before = (Place.read(asked[name]) if asked[name] else None for name in ("after", "before"))
        found = await history.history(request.viewer, client_id, filters, after=after, before=before)
        form = Form({name: asked.all(name) for name in NAMES}, wrong)
        return await reply(
            request,
            "appointments/history",
            form=form,
            about=client_id,
            client_id=client_id,
            found=found,
            is_narrow=filters.is_narrow,
            choices=await history.choices(request.viewer, client_id, language.current()),
            states=[(str(state), WORDS[state]) for state in PAST],
            query=query(form),
            newer=query(form, before=found.newer) if found.newer else "",
            older=query(form, after=found.older) if found.older else "",
        )

    @get("/csv", name="appointment-history-csv")
    async def export(self, request: Request, client_id: FromPath[int]) -> Stream:
        """Exactly what is filtered, on all pages."""
        found = await _whole(request, client_id, "csv")
        return await _download(request, exports.as_csv(found), "text/csv", "csv")

    @get("/excel", name="appointment-history-excel")
    async def excel(self, request: Request, client_id: FromPath[int]) -> Stream:
        """The same; the file is whole before it is sent, so that what fails is an error and no broken file."""
        found = await _whole(request, client_id, "excel")
        file = await exports.as_excel(found)
        return await _download(request, spreadsheet.sent(file), spreadsheet.EXCEL, "xlsx")


def read(form: Form) -> tuple[Filters, dict[str, object]]:
    """What an address asks for, and what it says wrongly; what nobody knows counts as any."""
    first, last, wrong = days.between(form)
    site, clinician, type_id = (form.number(name) for name in ("site", "clinician", "type"))
    state = form["status"] if form["status"] in PAST else ""
    return Filters(first, last, site, clinician, type_id, state), wrong


async def _whole(request: Request, client_id: int, form: str) -> AsyncIterator[list[Visit]]:
    filters, _ = read(request.asked)
    await audit.record(request.viewer, "appointments.exported", client_id=client_id, format=form)
    return history.whole(request.viewer, client_id, filters)


async def _download(request: Request, pieces: AsyncIterator[bytes], media_type: str, ending: str) -> Stream:
    today = clock.today((await practices.practice(request.viewer)).time_zone)
    name = f'attachment; filename="appointments-{today.isoformat()}.{ending}"'
    return Stream(pieces, media_type=media_type, headers={"Content-Disposition": name})


def query(form: Form, **edge: Place) -> str:
    told = {name: form[name] for name in NAMES if form[name]} | {name: one.written for name, one in edge.items()}
    return urlencode(told)

"""A client's superbills: of one visit, and of all visits of a stretch of time in one PDF."""

from datetime import date, timedelta
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from portal import clock
from portal.access import Area, acts_for
from portal.billing.settings import SUPERBILLS
from portal.invoices import lacking, papers
from portal.invoices.controllers.client import LAYOUT, must_be_on
from portal.invoices.queries import superbill
from portal.language import current, lazy
from portal.papers import issued
from portal.papers.controllers import made, sent
from portal.papers.issued import Subject
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

A_QUARTER = timedelta(days=90)
CENTURIES = (1900, 2200)


class SuperbillController(Controller):
    path = "/clients/{client_id:int}/account/encounters/{encounter_id:int}/superbill"
    opt = acts_for(Area.BILLING)

    @get(name="account-superbill")
    async def show(self, request: Request, client_id: FromPath[int], encounter_id: FromPath[int]) -> Response[Any]:
        """What lacks is mostly the practice's business: the client reads what only the client knows."""
        await must_be_on(request, SUPERBILLS)
        await superbill.client_of(request.viewer, encounter_id, client_id)
        one = await superbill.superbill(request.viewer, encounter_id)
        lacks = lacking.lacks(one)
        if not lacks:
            await issued.look(request.viewer, Subject(papers.SUPERBILL, encounter_id, client_id), current())
        return await reply(request, "invoices/superbill", about=client_id, client_id=client_id, one=one, lacks=lacks)

    @get("/file", name="account-superbill-file", opt={"background": True})
    async def download(
        self, request: Request, client_id: FromPath[int], encounter_id: FromPath[int]
    ) -> Response[Any] | Stream:
        """While something lacks there is no file, and the page says so."""
        await must_be_on(request, SUPERBILLS)
        await superbill.client_of(request.viewer, encounter_id, client_id)
        one = await superbill.superbill(request.viewer, encounter_id)
        if lacks := lacking.lacks(one):
            return await reply(
                request, "invoices/superbill", about=client_id, status=409, client_id=client_id, one=one, lacks=lacks
            )
        where = {"client_id": client_id, "encounter_id": encounter_id}
        return await sent(
            request, Subject(papers.SUPERBILL, encounter_id, client_id), papers.superbill_name(encounter_id),
            layout=LAYOUT, back=request.app.route_reverse("account-superbill", **where),
            back_words=lazy("Back to the superbill"),
        )  # fmt: skip


class SuperbillsController(Controller):
    path = "/clients/{client_id:int}/account/superbills"
    opt = acts_for(Area.BILLING)

    @get(name="account-superbills")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await must_be_on(request, SUPERBILLS)
        today = clock.today((await practices.practice(request.viewer)).time_zone)
        form = Form.of(**{"from": (today - A_QUARTER).isoformat(), "until": today.isoformat()})
        return await self.screen(request, client_id, form)

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await must_be_on(request, SUPERBILLS)
        form = await request.typed()
        try:
            first, last = days(form)
            return await made(request, await papers.wanted(request.viewer, client_id, first, last))
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        return await reply(request, "invoices/superbills", form=form, about=client_id, client_id=client_id)


def days(form: Form) -> tuple[date, date]:
    """Raises `Refused` at each that is none, and where they stand in the wrong order."""
    wrong: dict[str, object] = {}
    found: dict[str, date] = {}
    for name in ("from", "until"):
        try:
            found[name] = date.fromisoformat(form[name])
            if not CENTURIES[0] <= found[name].year <= CENTURIES[1]:
                raise ValueError
        except ValueError:
            wrong[name] = lazy("Write the date like 2026-11-30")
    if not wrong and found["until"] < found["from"]:
        wrong["until"] = lazy("The last day is before the first: check both dates")
    if wrong:
        raise Refused(wrong)
    return found["from"], found["until"]

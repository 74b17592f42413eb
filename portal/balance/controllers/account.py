"""My Account: what is owed, what for, and what was done about it."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal import audit, clock, language, spreadsheet
from portal.access import Area, acts_for
from portal.balance import exports, forms
from portal.balance.chart import chart
from portal.balance.controllers.shared import download, edges, name_of, papers, query
from portal.balance.queries import ledger, months, standing, visits
from portal.billing import ways
from portal.billing.settings import ACCOUNT, how_to_pay, is_on
from portal.web.form import Form
from portal.web.replies import reply, see_other
from portal.web.request import Request

NAMES = ("from", "until", "clinician", "site", "show", "sort")
KEPT = (*NAMES, "print")


class MyAccountController(Controller):
    path = "/clients/{client_id:int}/account"
    opt = acts_for(Area.BILLING)

    @get(name="my-account")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """A day that is none is refused beside its field, and the others count. Switched off, it says to call."""
        viewer, asked, spoken = request.viewer, request.asked, language.current()
        stands = await standing.shown(viewer, client_id)
        if stands is None:
            return await reply(request, "balance/call", client_id=client_id, about=client_id)
        filters, order, wrong = forms.of_visits(asked)
        size = visits.ON_PAPER if asked["print"] else visits.PAGE
        found = await visits.visits(viewer, client_id, filters, order, spoken, **edges(asked), size=size)
        form = Form({name: asked.all(name) for name in KEPT} | {"sort": [forms.written(order)]}, wrong)
        offered = await papers(request, client_id)
        told = await months.months(viewer, client_id)
        return await reply(
            request, "balance/my_account", form=form, about=client_id, client_id=client_id, standing=stands,
            how_to_pay=await how_to_pay(viewer), papers=offered, found=found, is_narrow=filters.is_narrow,
            ways=await ways.to_pay(viewer, client_id, stands.to_pay),
            choices=await visits.choices(viewer, client_id), order=order, orders=forms.orders(offered.has_superbills),
            titles=[(name, words) for name, words in forms.TITLES.items() if name != "superbill" or
                    offered.has_superbills],
            figures=forms.FIGURES, sorted_by=lambda column: query(form, KEPT, sort=forms.turned(order, column)),
            query=query(form, NAMES), on_paper=query(form, NAMES, print=1), whose=name_of(viewer, client_id),
            now=clock.now(), newer=query(form, KEPT, before=found.newer) if found.newer else "",
            older=query(form, KEPT, after=found.older) if found.older else "", months=told, chart=chart(told),
        )  # fmt: skip

    @get("/csv", name="my-account-csv")
    async def export(self, request: Request, client_id: FromPath[int]) -> Response[Any] | Stream:
        """Exactly what is filtered, on all pages, in the same order."""
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        pieces = exports.visits_as_csv(await self.whole(request, client_id, "csv"))
        return await download(request, pieces, "text/csv; charset=utf-8", "account", "csv")

    @get("/excel", name="my-account-excel")
    async def excel(self, request: Request, client_id: FromPath[int]) -> Response[Any] | Stream:
        """The same; the file is whole before it is sent, so that what fails is an error and no broken file."""
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        file = await exports.visits_as_excel(await self.whole(request, client_id, "excel"))
        return await download(request, spreadsheet.sent(file), spreadsheet.EXCEL, "account", "xlsx")

    async def whole(self, request: Request, client_id: int, format: str) -> Any:
        filters, order, _ = forms.of_visits(request.asked)
        await audit.record(request.viewer, "account.exported", client_id=client_id, format=format)
        return visits.whole(request.viewer, client_id, filters, order, language.current())

    @get("/encounters/{encounter_id:int}", name="account-encounter")
    async def show(self, request: Request, client_id: FromPath[int], encounter_id: FromPath[int]) -> Response[Any]:
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        spoken = language.current()
        visit = await visits.visit(request.viewer, client_id, encounter_id, spoken)
        return await reply(
            request, "balance/encounter", about=client_id, client_id=client_id, visit=visit,
            papers=await papers(request, client_id),
            steps=await ledger.of_visit(request.viewer, client_id, visit.id, spoken),
        )  # fmt: skip

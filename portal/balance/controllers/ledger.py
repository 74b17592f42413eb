"""The ledger of an account: all that happened, and what was owed after it."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal import audit, clock, language
from portal.access import Area, acts_for
from portal.balance import exports
from portal.balance.controllers.shared import download, edges, name_of, query
from portal.balance.queries import ledger, standing
from portal.billing.settings import ACCOUNT, is_on
from portal.web import days
from portal.web.form import Form
from portal.web.replies import reply, see_other
from portal.web.request import Request

NAMES = ("from", "until", "print")


class AccountLedgerController(Controller):
    path = "/clients/{client_id:int}/account/ledger"
    opt = acts_for(Area.BILLING)

    @get(name="account-ledger")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """For paper the pages are long: a year and more of a weekly visit is one."""
        stands, asked = await standing.shown(request.viewer, client_id), request.asked
        if stands is None:
            return see_other(request, "my-account", client_id=client_id)
        first, last, wrong = days.between(asked)
        form = Form({name: asked.all(name) for name in NAMES}, wrong)
        found = await ledger.of_account(
            request.viewer, client_id, language.current(), first=first, last=last, **edges(asked),
            size=ledger.ON_PAPER if form["print"] else ledger.PAGE,
        )  # fmt: skip
        return await reply(
            request, "balance/ledger", form=form, about=client_id, client_id=client_id, standing=stands, found=found,
            is_narrow=bool(first or last), query=query(form, ("from", "until")),
            whose=name_of(request.viewer, client_id), now=clock.now(),
            on_paper=query(form, ("from", "until"), print=1),
            newer=query(form, NAMES, before=found.newer) if found.newer else "",
            older=query(form, NAMES, after=found.older) if found.older else "",
        )  # fmt: skip

    @get("/csv", name="account-ledger-csv")
    async def export(self, request: Request, client_id: FromPath[int]) -> Response[Any] | Stream:
        """From the first step on, so that what is owed stands at the end."""
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        first, last, _ = days.between(request.asked)
        await audit.record(request.viewer, "ledger.exported", client_id=client_id, format="csv")
        steps = ledger.whole(request.viewer, client_id, language.current(), first=first, last=last)
        return await download(request, exports.ledger_as_csv(steps), "text/csv; charset=utf-8", "ledger", "csv")

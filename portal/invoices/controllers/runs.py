"""Statement runs: a month is chosen, what it will do is said, it is watched, and it can be stopped."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.billing.queries.pages import Edge
from portal.invoices.actions import running
from portal.invoices.queries import runs
from portal.language import lazy, written_month
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


class RunsController(Controller):
    path = "/staff/billing/runs"
    opt = needs(Permission.INVOICE_ISSUE)

    @get(name="runs")
    async def list(self, request: Request) -> Response[Any]:
        months = await runs.months(request.viewer)
        return await self.screen(request, Form.of(month=f"{months[0]:%Y-%m}"))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        """First it is said what it will do; a second press starts it."""
        form, viewer = await request.typed(), request.viewer
        try:
            month = _month(form, await runs.months(viewer))
            if form["act"] != "start":
                coming = await runs.coming(viewer, month)
                if not coming.clients:
                    raise running.NOTHING
                return await reply(
                    request, "invoices/staff/run_check", form=form, coming=coming, month=written_month(month)
                )
            run_id = await running.start(viewer, month)
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        return leave_for(request, "run", run_id=run_id)

    @get("/{run_id:int}", name="run", opt={"background": True})
    async def show(self, request: Request, run_id: FromPath[int]) -> Response[Any]:
        """Looks again by itself while it is under way; that keeps nobody signed in."""
        one = await runs.run(request.viewer, run_id)
        passed_by = await runs.passed_by(request.viewer, run_id) if one.refused else []
        return await reply(
            request,
            "invoices/staff/run",
            one=one,
            month=written_month(one.month),
            passed_by=passed_by,
            listed=[one.client_id for one in passed_by],
        )

    @post("/{run_id:int}/end", name="run-end")
    async def stop(self, request: Request, run_id: FromPath[int]) -> Response[Any]:
        await runs.run(request.viewer, run_id)
        await running.stop(request.viewer, run_id)
        await tell(request, "ok", lazy("It is stopped. What it has issued stays."))
        return leave_for(request, "run", run_id=run_id)

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        months = await runs.months(request.viewer)
        found = await runs.runs(request.viewer, Edge(request.asked["before"], request.asked["after"]))
        return await reply(
            request,
            "invoices/staff/runs",
            form=form,
            months=[(f"{one:%Y-%m}", written_month(one)) for one in months],
            found=found,
            written_month=written_month,
        )


def _month(form: Form, months: Sequence[date]) -> date:
    chosen = next((one for one in months if f"{one:%Y-%m}" == form["month"]), None)
    if chosen is None:
        raise Refused(month=lazy("Choose a month that is over"))
    return chosen

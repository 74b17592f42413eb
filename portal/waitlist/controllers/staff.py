"""Who waits for an earlier time, for staff."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy
from portal.waitlist import forms
from portal.waitlist.actions import entries as joining
from portal.waitlist.queries import entries
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class StaffWaitListController(Controller):
    path = "/staff/wait-list"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="staff-wait-list")
    async def list(self, request: Request) -> Response[Any]:
        shown, total = await entries.everybody(request.viewer)
        return await reply(
            request,
            "waitlist/staff/waiting",
            listed=sorted({one.client_id for one in shown}),
            entries=shown,
            total=total,
            days_in_words=forms.days_in_words,
            parts_in_words=forms.parts_in_words,
        )

    @post("/{entry_id:int}/ending", name="staff-wait-ending")
    async def update(self, request: Request, entry_id: FromPath[int]) -> Response[Any]:
        await joining.end_for_staff(request.viewer, entry_id)
        await tell(request, "ok", lazy("Taken off the wait list."))
        return see_other(request, "staff-wait-list")

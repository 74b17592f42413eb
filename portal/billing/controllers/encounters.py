"""One encounter: what stands there, what the ledger says of it, and what may be done about it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.billing.actions import charging
from portal.billing.queries import entries
from portal.encounters import forms
from portal.encounters.drafts import POINTERS
from portal.encounters.queries.recorded import recorded, trail
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class EncounterController(Controller):
    path = "/staff/encounters/{encounter_id:int}"
    opt = needs(Permission.LEDGER_READ)

    @get(name="encounter")
    async def show(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        return await screen(request, encounter_id, Form())

    @post("/voiding", name="encounter-voiding", opt=needs(Permission.ENCOUNTER_RECORD))
    async def void(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        if (await recorded(request.viewer, encounter_id)).is_void:
            return see_other(request, "encounter", encounter_id=encounter_id)
        try:
            await charging.void(request.viewer, encounter_id, form.number("version") or 0, forms.reason(form))
        except NotFoundException:  # voided since it was read, perhaps by the same press
            return see_other(request, "encounter", encounter_id=encounter_id)
        except Stale:
            return await screen(request, encounter_id, form, is_stale=True)
        except Refused as refusal:
            return await screen(request, encounter_id, form.refused(refusal))
        await tell(request, "ok", lazy("Voided. It stays on record, and counts no more."))
        return see_other(request, "encounter", encounter_id=encounter_id)


async def screen(request: Request, encounter_id: int, form: Form, *, is_stale: bool = False) -> Response[Any]:
    """409 where somebody was quicker: as it stands now, with what was typed."""
    one = await recorded(request.viewer, encounter_id)
    return await reply(
        request, "billing/encounter", form=form, about=one.client_id, one=one, is_stale=is_stale,
        status=409 if is_stale else None, entries=await entries.of_encounter(request.viewer, one.id),
        invoices=await entries.invoices_of(request.viewer, one.id),
        happened=await trail(request.viewer, one), letters=POINTERS,
        may_record=request.viewer.may(Permission.ENCOUNTER_RECORD),
    )  # fmt: skip

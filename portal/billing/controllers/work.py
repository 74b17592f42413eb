"""Where billing begins: what waits, one list at a time."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get

from portal.access import Permission, needs
from portal.billing.queries import alarms
from portal.billing.worklists import SECTIONS, TO_RECORD, Edge
from portal.keyset import Place
from portal.language import lazy
from portal.practice import queries as practices
from portal.web.replies import reply
from portal.web.request import Request


class BillingController(Controller):
    path = "/staff/billing"
    opt = needs(Permission.LEDGER_READ)

    @get(name="billing")
    async def list(self, request: Request) -> Response[Any]:
        asked, viewer = request.asked, request.viewer
        section = SECTIONS.get(asked["list"], TO_RECORD)
        people = await practices.clinicians_with_clients(viewer) if viewer.may(Permission.CLIENT_READ_ALL) else []
        chosen = asked.number("clinician")
        clinician = chosen if chosen in {one.id for one in people} else None
        after, before = Place.read(asked["after"]), Place.read(asked["before"])
        found = await section.ask(viewer, Edge(after, None if after else before, clinician))
        wrong = await alarms.found(viewer)
        kept = {"list": section.name, **({"clinician": clinician} if clinician else {})}
        return await reply(
            request,
            "billing/work",
            form=asked,
            section=section,
            sections=list(SECTIONS.values()),
            listing=found,
            listed=list(dict.fromkeys([*found.clients, *(one.client_id for one in wrong if one.client_id)])),
            wrong=wrong,
            people=[("", lazy("Everybody")), *people],
            clinician=clinician,
            before=f"?{urlencode({**kept, 'before': found.before.written})}" if found.before else "",
            after=f"?{urlencode({**kept, 'after': found.after.written})}" if found.after else "",
            may_record=viewer.may(Permission.ENCOUNTER_RECORD),
            may_manage=viewer.may(Permission.FEE_MANAGE),
        )

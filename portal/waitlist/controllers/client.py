"""Tell me if something earlier frees up: the client's place in the line."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, NotFoundException, acts_for
from portal.appointments import forms as booking_forms
from portal.appointments.forms import Sought
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries import offers, visits
from portal.appointments.settings import HORIZON, clients_book, number
from portal.appointments.visit import Visit
from portal.language import lazy, written_full_date, written_time
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.waitlist import forms, notes
from portal.waitlist.actions import entries as joining
from portal.waitlist.actions.entries import FreeNow
from portal.waitlist.queries import entries
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

__all__ = ["WaitListController", "notes"]

typed.declare(forms.ADDRESSES, forms.reading)


class WaitListController(Controller):
    path = "/clients/{client_id:int}/wait-list"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="wait-list")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await reply(
            request,
            "waitlist/list",
            about=client_id,
            client_id=client_id,
            entries=await entries.of_client(request.viewer, client_id),
            may_book=await clients_book(request.viewer),
            days_in_words=forms.days_in_words,
            parts_in_words=forms.parts_in_words,
        )

    @get("/new", name="wait-entry-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        asked, moves = await self.asked(request, client_id, request.asked)
        if asked is None:
            return see_other(request, "booking", client_id=client_id)
        stands = await entries.for_type(request.viewer, client_id, asked.offer.id)
        entry = stands if stands and stands.moves == _id(moves) else None
        form = forms.opened(asked, await self.last_day(request, moves), entry)
        return await self.screen(request, client_id, asked, moves, form)

    @post(name="wait-entry")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        asked, moves = await self.asked(request, client_id, form)
        if asked is None:
            return leave_for(request, "booking", client_id=client_id)
        try:
            people = await offers.around(request.viewer, client_id, asked.offer.id, asked.how)
            await joining.join(request.viewer, client_id, forms.read(form, asked, people, _id(moves)))
        except FreeNow as refusal:
            free = _free(refusal, client_id, asked, moves)
            return await self.screen(request, client_id, asked, moves, form, free)
        except Refused as refusal:
            return await self.screen(request, client_id, asked, moves, form.refused(refusal))
        await tell(request, "ok", lazy("You are on the wait list. We write to you when something frees up."))
        return leave_for(request, "wait-list", client_id=client_id)

    @post("/{entry_id:int}/leaving", name="wait-leaving")
    async def update(self, request: Request, client_id: FromPath[int], entry_id: FromPath[int]) -> Response[Any]:
        await joining.leave(request.viewer, client_id, entry_id)
        await tell(request, "ok", lazy("You are not on the wait list for this any more."))
        return leave_for(request, "wait-list", client_id=client_id)

    async def asked(self, request: Request, client_id: int, form: Form) -> tuple[Sought | None, Visit | None]:
        """What for and how to meet, by the address or by the visit that would move; None where that is not bookable."""
        found = await offers.offers(request.viewer, client_id) if await clients_book(request.viewer) else []
        moves = form.number("moves")
        visit = await visits.visit(request.viewer, client_id, moves) if moves else None
        if visit and not visit.may_be_kept:
            raise NotFoundException
        if visit:
            offer = next((one for one in found if one.id == visit.type_id), None)
            clinician = form.number("clinician") if "clinician" in form.typed else visit.clinician_id
            return Sought(offer, visit.contact_type, clinician, form.number("site")) if offer else None, visit
        try:
            return booking_forms.sought(form, found), None
        except Refused:
            return None, None

    async def last_day(self, request: Request, moves: Visit | None) -> date:
        """The day before the visit that would move, or the last one that can be booked."""
        today = clock.today((await practices.practice(request.viewer)).time_zone)
        if moves:
            day = moves.starts_at.astimezone(ZoneInfo(moves.time_zone)).date()
            return max(day - timedelta(days=1), today)
        return today + timedelta(days=7 * await number(request.viewer, HORIZON) - 1)

    async def screen(
        self, request: Request, client_id: int, asked: Sought, moves: Visit | None, form: Form, free: Any = ()
    ) -> Response[Any]:
        return await reply(
            request,
            "waitlist/entry",
            form=form,
            about=client_id,
            client_id=client_id,
            asked=asked,
            moves=moves,
            meetings=MEETINGS,
            around=await offers.around(request.viewer, client_id, asked.offer.id, asked.how),
            weekdays=forms.weekdays(),
            parts=[(name, *words) for name, words in forms.PARTS.items()],
            free=free,
            stands=await entries.for_type(request.viewer, client_id, asked.offer.id),
            days_in_words=forms.days_in_words,
            status=422 if free else None,
        )


def _id(moves: Visit | None) -> int | None:
    return moves.id if moves else None


def _free(refusal: FreeNow, client_id: int, asked: Sought, moves: Visit | None) -> list[tuple[str, str]]:
    """Each time that is free now: its words, and the address of its week."""
    base = f"/clients/{client_id}/appointments"
    found = []
    for second in refusal.seconds:
        moment = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(refusal.zone))
        query = asked.query(moment.date())
        if moves:
            url = f"{base}/{moves.id}/time?" + urlencode({"clinician": asked.clinician or "", "week": moment.date()})
        else:
            url = f"{base}/book/time?{query}"
        found.append((f"{written_full_date(moment.date())}, {written_time(moment, refusal.zone)}", url))
    return found

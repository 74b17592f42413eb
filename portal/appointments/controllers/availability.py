"""Hours of the clinicians, days that are different, holidays of the practice: how staff keep them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments import days_forms, hours_forms, weeks
from portal.appointments.actions import availability
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries import availability as kept
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import panel_of, reply, see_other, tell
from portal.web.request import Request


class HoursController(Controller):
    path = "/staff/hours"
    opt = needs(Permission.HOURS_MANAGE)

    @get(name="hours")
    async def list(self, request: Request) -> Response[Any]:
        """Who may change their own only is sent to them."""
        found = await kept.weeks(request.viewer)
        if found and not request.viewer.may(Permission.HOURS_MANAGE_ALL):
            return see_other(request, "clinician-hours", clinician_id=found[0].person.id)
        return await reply(
            request,
            "appointments/staff/hours",
            weeks=[(one.person, weeks.lines(one.hours)) for one in found],
            zones=weeks.zones(await kept.offices(request.viewer)),
            may_configure=request.viewer.may(Permission.PRACTICE_CONFIGURE),
        )

    @get("/{clinician_id:int}", name="clinician-hours")
    async def show(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, clinician_id, None)

    @post("/{clinician_id:int}")
    async def update(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        await kept.must_manage(request.viewer, clinician_id)
        offices = await kept.offices(request.viewer, clinician_id)
        form = await request.typed()
        if another := hours_forms.rearranged(form, offices):
            return await self.screen(request, clinician_id, another)
        try:
            found = hours_forms.read(form, offices)
            with hours_forms.beside(found):
                await availability.set_hours(request.viewer, clinician_id, [one for _, one in found], form["seen"])
        except Refused as refusal:
            return await self.screen(request, clinician_id, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. Clients are offered these times from now on."))
        return see_other(request, "clinician-hours", clinician_id=clinician_id)

    async def screen(self, request: Request, clinician_id: int, form: Form | None) -> Response[Any]:
        """The week as it is kept, or as it was typed; below it the days that are different."""
        week = await kept.week(request.viewer, clinician_id)
        offices = await kept.offices(request.viewer, clinician_id)
        added = hours_forms.added(form) if form else ""
        is_changed = form is not None and bool(form.errors) and form["seen"] not in ("", week.seen)
        if form is None or "rows" not in form.typed:
            form = Form(hours_forms.opened(week.hours, offices).typed, form.errors if form else {})
        return await reply(
            request, "appointments/staff/clinician", form=form, person=week.person, seen=week.seen,
            offices=offices,
            zones=weeks.zones(offices),
            rows=hours_forms.shown(form),
            stands=weeks.lines(week.hours) if is_changed else None,
            added=added,
            name_of=hours_forms.name_of,
            weekdays=[(name, weeks.weekday(number, "EEE")) for number, name in enumerate(hours_forms.WEEKDAYS)],
            ways=tuple(MEETINGS.items()),
            may_all=request.viewer.may(Permission.HOURS_MANAGE_ALL),
            special=days_forms.blank(),
            days=weeks.different(await kept.different(request.viewer, clinician_id), clinician_id),
        )  # fmt: skip


class DifferentDaysController(Controller):
    path = "/staff/hours/{clinician_id:int}/days"
    opt = needs(Permission.HOURS_MANAGE)

    @get(name="different-days")
    async def show(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        return await days(request, clinician_id, days_forms.blank())

    @post()
    async def create(self, request: Request, clinician_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await add(request, clinician_id, form)
        except Refused as refusal:
            return await days(request, clinician_id, form.refused(refusal))
        return panel_of(request, "different-days", "clinician-hours", clinician_id=clinician_id)

    @post("/{special_id:int}/removal", name="different-days-removal")
    async def update(self, request: Request, clinician_id: FromPath[int], special_id: FromPath[int]) -> Response[Any]:
        await availability.remove_special(request.viewer, clinician_id, special_id)
        await tell(request, "ok", lazy("Removed. The usual hours hold again."))
        return panel_of(request, "different-days", "clinician-hours", clinician_id=clinician_id)


class HolidaysController(Controller):
    path = "/staff/holidays"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="holidays")
    async def list(self, request: Request) -> Response[Any]:
        return await days(request, None, days_forms.blank())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await add(request, None, form)
        except Refused as refusal:
            return await days(request, None, form.refused(refusal))
        return see_other(request, "holidays")

    @post("/{special_id:int}/removal", name="holiday-removal")
    async def update(self, request: Request, special_id: FromPath[int]) -> Response[Any]:
        await availability.remove_special(request.viewer, None, special_id)
        await tell(request, "ok", lazy("Removed. The usual hours hold again."))
        return see_other(request, "holidays")


async def add(request: Request, clinician_id: int | None, form: Form) -> None:
    """Days of a clinician, or of the practice."""
    await kept.must_manage(request.viewer, clinician_id)
    offices = await kept.offices(request.viewer)
    asked = days_forms.read(form, offices, only_closed=clinician_id is None)
    special_id = await availability.add_special(
        request.viewer, clinician_id, asked.first_day, asked.last_day,
        open_hours=asked.hours, closed=asked.closed, note=asked.note,
    )  # fmt: skip
    await tell(request, "ok", weeks.saved(await kept.different(request.viewer, clinician_id), special_id))


async def days(request: Request, clinician_id: int | None, form: Form) -> Response[Any]:
    """The days that are different by themselves: the panel of a clinician's page, and the page of the holidays."""
    found = weeks.different(await kept.different(request.viewer, clinician_id), clinician_id)
    person = None if clinician_id is None else (await kept.week(request.viewer, clinician_id)).person
    return await reply(
        request, "appointments/staff/days", form=form, special=form, person=person, days=found,
        offices=await kept.offices(request.viewer), ways=tuple(MEETINGS.items()),
    )  # fmt: skip

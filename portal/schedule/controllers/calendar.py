"""The schedule: a day, a week or a month of the calendars that somebody keeps; and the day on paper."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get

from portal import clock
from portal.access import NotFoundException, Permission, needs
from portal.appointments import beside
from portal.practice import queries as practices
from portal.schedule import against, views
from portal.schedule.queries import calendar, hours
from portal.schedule.queries.people import Keeper, people
from portal.schedule.views import VIEWS, Asked
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

MOST_IN_A_WEEK = 300
YEARS = range(1970, 2200)

beside.OF_REQUEST.declare(against.told)


class ScheduleController(Controller):
    path = "/staff/schedule"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="schedule")
    async def list(self, request: Request) -> Response[Any]:
        everybody = await people(request.viewer)
        asked = await read(request, everybody)
        listed = [one for one in everybody if asked.clinician in (None, one.id)]
        around = await hours.hours(request.viewer, [one.id for one in listed], asked.first, asked.last)
        told = await month(request, asked, listed) if asked.view == "month" else None
        told = told or await days(request, asked, listed, around)
        return await reply(
            request,
            "schedule/schedule",
            form=Form.of(view=asked.view, day=asked.day, clinician=asked.clinician, site=asked.site),
            asked=asked,
            today=await today(request),
            people=[one for one in everybody if one.is_active or one.id == asked.clinician],
            places=[one for one in around.places.values() if one.is_active or one.id == asked.site],
            zones=views.zones(around.places.values()),
            is_own=not request.viewer.may(Permission.SCHEDULE_KEEP_ALL),
            holidays={day: around.different(None, day) for day in asked.days},
            **{"columns": [], "weeks": [], "counts": None, "is_crowded": False, **told},
        )

    @get("/sheet", name="schedule-sheet")
    async def sheet(self, request: Request) -> Response[Any]:
        """A day to print, in the order of time."""
        everybody = await people(request.viewer)
        asked = await read(request, everybody)
        chosen = [one.id for one in everybody if asked.clinician in (None, one.id)]
        found = await calendar.visits(request.viewer, chosen, asked.day, asked.day, is_on_paper=True)
        places = await hours.places(request.viewer)
        entries = [one for one in found if one.is_open and not one.is_off and asked.site in (None, one.site_id)]
        return await reply(
            request,
            "schedule/sheet",
            asked=asked,
            entries=entries,
            listed=sorted({one.client_id for one in entries}),
            person=next((one for one in everybody if one.id == asked.clinician), None),
            place=places.get(asked.site or 0),
            zones=views.zones(places.values()),
            has_places=len({one.site_id for one in entries}) > 1,
        )


async def days(request: Request, asked: Asked, listed: list[Keeper], around: hours.Hours) -> dict[str, Any]:
    """A week of everybody may be more than anybody reads: then it is counted."""
    found = await calendar.visits(request.viewer, [one.id for one in listed], asked.first, asked.last)
    if asked.view == "week" and len(found) > MOST_IN_A_WEEK:
        return {**await month(request, asked, listed), "is_crowded": True}
    has_gaps = asked.view == "day"
    return {
        "listed": sorted({one.client_id for one in found if one.is_open}),
        "columns": [(day, views.columns(asked, day, listed, found, around, has_gaps=has_gaps)) for day in asked.days],
    }


async def month(request: Request, asked: Asked, listed: list[Keeper]) -> dict[str, Any]:
    found = await calendar.counts(request.viewer, [one.id for one in listed], asked.first, asked.last, asked.site)
    busy = {clinician for clinician, _ in found}
    return {
        "weeks": views.grid_of(asked) if asked.view == "month" and len(listed) == 1 else [],
        "counts": found,
        "counted": [one for one in listed if one.is_active or one.id in busy],
    }


async def read(request: Request, everybody: list[Keeper]) -> Asked:
    """What nobody knows counts as today, or as any; somebody else's calendar is not found."""
    form = request.asked
    clinician, site = form.number("clinician"), form.number("site")
    if not request.viewer.may(Permission.SCHEDULE_KEEP_ALL):
        own = request.viewer.staff_id or 0
        if clinician not in (None, own):
            raise NotFoundException
        clinician = own
    elif clinician is not None and clinician not in {one.id for one in everybody}:
        raise NotFoundException
    view = form["view"] if form["view"] in VIEWS else VIEWS[0]
    return Asked(view, day_in(form["day"]) or await today(request), clinician, site)


def day_in(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


async def today(request: Request) -> date:
    return clock.today((await practices.practice(request.viewer)).time_zone)

"""Where signing in leads: the dashboard, the choice of whom to act for, or the staff's first screen."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal import clock
from portal.access import PUBLIC, SIGNED_IN, Permission, Viewer, acts_for
from portal.appointments.settings import asks_to_confirm
from portal.billing.settings import ACCOUNT, INVOICES, SUPERBILLS, is_on
from portal.home import queries
from portal.language import lazy
from portal.practice import queries as practices
from portal.web.replies import go, reply
from portal.web.request import Request

GREETINGS = ((12, lazy("Good morning")), (18, lazy("Good afternoon")), (24, lazy("Good evening")))


AUDIT = "portal audit verify"
MONEY = {"account": ACCOUNT, "invoices": INVOICES, "superbills": SUPERBILLS}


class HomeController(Controller):
    opt = SIGNED_IN

    @get("/", name="home")
    async def show(self, request: Request) -> Response[Any]:
        """One client: their dashboard. Several: whose. Staff: the queue, clinicians their day; or what they may do."""
        path = first_screen(request.viewer)
        if path:
            return go(path)
        work = staff_screen(request.viewer)
        command = AUDIT if request.viewer.may(Permission.AUDIT_READ) and not work else ""
        if request.viewer.is_staff and not request.viewer.grants:
            return await reply(request, "home/staff", command=command)
        new = await queries.news(request.viewer)
        return await reply(request, "home/whose", reaches=request.viewer.grants, new=new, work=work, command=command)


class DashboardController(Controller):
    path = "/clients/{client_id:int}"
    opt = acts_for()

    @get(name="dashboard")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        found = await queries.dashboard(request.viewer, client_id)
        request.visit.unread = found.unread
        grant = next(one for one in request.viewer.grants if one.client_id == client_id)
        return await reply(
            request,
            "home/dashboard",
            about=client_id,
            client_id=client_id,
            tiles=found.tiles,
            waiting=found.waiting,
            visit=found.next,
            asks_to_confirm=await asks_to_confirm(request.viewer),
            grant=grant,
            greeting=await _greeting(request),
            others=[one for one in request.viewer.grants if one.client_id != client_id],
        )


class HelpController(Controller):
    """Reachable from everywhere, by everyone."""

    opt = PUBLIC

    @get("/help", name="help")
    async def show(self, request: Request) -> Response[Any]:
        """Of the papers of money it names those that the practice gives."""
        viewer = request.viewer
        given = {name: await is_on(viewer, switch) for name, switch in MONEY.items()}
        return await reply(request, "help/help", given=given)

    @get("/privacy", name="privacy")
    async def privacy(self, request: Request) -> Response[Any]:
        return await reply(request, "help/privacy")

    @get("/accessibility", name="accessibility")
    async def accessibility(self, request: Request) -> Response[Any]:
        return await reply(request, "help/accessibility")


def first_screen(viewer: Viewer) -> str:
    """Empty where there is a choice to make, or nobody to act for."""
    if viewer.is_staff:
        return "" if viewer.grants else staff_screen(viewer)
    return f"/clients/{viewer.grants[0].client_id}" if len(viewer.grants) == 1 else ""


def staff_screen(viewer: Viewer) -> str:
    """Where work begins; empty for whom the portal has no page."""
    if viewer.may(Permission.SCHEDULE_KEEP) and not viewer.may(Permission.SCHEDULE_KEEP_ALL):
        return "/staff/schedule"
    screens = (
        (Permission.REVIEW_SETTLE, "/staff/review"),
        (Permission.ENCOUNTER_RECORD, "/staff/billing"),
        (Permission.CLIENT_READ, "/staff/clients"),
    )
    return next((path for permission, path in screens if viewer.may(permission)), "")


async def _greeting(request: Request) -> object:
    practice = await practices.practice(request.viewer)
    hour = clock.now().astimezone(ZoneInfo(practice.time_zone)).hour
    return next(words for until, words in GREETINGS if hour < until)

"""What stands around every page: the practice, where one may go, and what is new."""

from portal import language
from portal.access import Permission, Viewer
from portal.accounts import sessions, visits
from portal.home import controllers as home
from portal.language import lazy
from portal.messages.queries import inbox
from portal.messages.queries import unread as messages_unread
from portal.messages.settings import clients_write
from portal.practice import queries as practices
from portal.review.queries import queue as reviews
from portal.web.templates import Chrome, Contact, NavItem, written_phone
from portal.web.visit import Visit

NOBODY = Viewer.nobody()


async def contact() -> Contact:
    practice = await practices.practice(NOBODY)
    return Contact(
        name=practice.name,
        phone=written_phone(practice.phone) if practice.phone else "",
        phone_link=f"tel:{practice.phone}",
        hours=language.in_language(practice.hours_en, practice.hours_es),
        email=practice.email,
        time_zone=practice.time_zone,
    )


async def nav(visit: Visit) -> list[NavItem]:
    viewer, items = visit.viewer, []
    if viewer.may(Permission.REVIEW_READ):
        waiting = await reviews.how_many_wait(viewer) if visit.waiting is None else visit.waiting
        items.append(NavItem("/staff/review", "inbox", lazy("Review"), waiting))
    if viewer.may(Permission.MESSAGE_READ):
        unanswered = await inbox.how_many_wait(viewer)
        items.append(NavItem("/staff/messages", "message-square-text", lazy("Messages"), unanswered))
    if viewer.may(Permission.SCHEDULE_KEEP):
        items.append(NavItem("/staff/schedule", "calendar-check", lazy("Schedule")))
    if viewer.may(Permission.CLIENT_READ):
        items.append(NavItem("/staff/clients", "users", lazy("Clients")))
    if viewer.may(Permission.LEDGER_READ):
        items.append(NavItem("/staff/billing", "wallet", lazy("Billing")))
    if viewer.may(Permission.HOURS_MANAGE):
        items.append(NavItem("/staff/hours", "calendar-days", lazy("Hours")))
    if viewer.may(Permission.PRACTICE_CONFIGURE):
        items.append(NavItem("/staff/settings", "settings", lazy("Settings")))
    elif viewer.may(Permission.FORM_MANAGE):
        items.append(NavItem("/staff/settings/forms", "file-text", lazy("Forms")))
    return items


async def unread(visit: Visit, client_id: int) -> int:
    return await messages_unread.unread(visit.viewer, client_id) if visit.unread is None else visit.unread


def home_path(viewer: Viewer) -> str:
    return home.first_screen(viewer) or "/"


CHROME = Chrome(contact, nav, unread, clients_write, home_path, sessions.keep_notices, visits.visit_of)

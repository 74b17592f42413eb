"""Every screen of staff as people see it: both widths, light and dark, both languages."""

from collections.abc import Iterator

import pytest

from tests.promise.conftest import press
from tests.promise.seeing import SIZES, enter, look_at, walk
from tests.promise.steps import CLIENT, open_edit
from tests.promise.test_r24_staff_messages import FORTY, FORTY_GONE, REPLY

SCREENS = {
    "priya@harborlane.example": [
        "/staff/review",
        "/staff/review?age=7",
        "/staff/review/decided",
        "/staff/clients/1/information/demographics",
        "/staff/letters",
        "/staff/clients",
        "/staff/clients/new",
        "/staff/clients/1",
        "/staff/clients/2",
        "/staff/clients/9",
        "/staff/clients/9/portal-access/activation",
        "/staff/clients/1/portal-access/owner",
        "/staff/clients/2/portal-access/print",
        "/staff/clients/6/emails",
        "/staff/appointments/8",
        "/staff/appointments/8/offer",
        "/staff/wait-list",
        "/staff/schedule",
        "/staff/schedule?view=week",
        "/staff/schedule?view=month",
        "/staff/schedule?view=month&clinician=2",
        "/staff/schedule/sheet",
        "/staff/schedule/new",
        "/staff/schedule/new?client=1&clinician=2&type=1",
        "/staff/schedule/visits/6",
        "/staff/schedule/visits/8",
        "/staff/schedule/visits/6/move",
        "/staff/messages",
        "/staff/messages?view=mine",
        "/staff/messages?view=closed",
        "/staff/messages/replies",
        "/staff/clients/1/messages/new",
        "/staff/clients/1/documents",
        "/staff/clients/1/documents/sharings/new",
        "/staff/clients/2/documents",
        "/staff/documents/3",
        "/staff/documents/4/withdrawal",
        "/staff/documents/7",
        "/staff/documents/9",
        "/staff/documents/13",
        "/staff/documents/14/declining",
        "/staff/submissions/1",
        "/staff/submissions/3",
        "/staff/clients/9/messages/new",
        "/staff/hours",
        "/staff/hours/2",
        "/staff/hours/2/days",
        "/staff/hours/2/room",
        "/staff/clients/9/account/estimates",
        "/staff/clients/9/account/estimates/new",
        "/staff/estimates/6",
    ],
    "ngozi@harborlane.example": ["/", "/staff/schedule?view=week", "/staff/schedule?view=month"],
    "sam@harborlane.example": [
        "/staff/settings",
        "/staff/settings/notices",
        "/staff/messages/away",
        "/staff/holidays",
        "/staff/appointment-types",
        "/staff/appointment-types/1",
        "/staff/appointment-types/new",
        "/staff/announcements",
        "/staff/announcements/new",
        "/staff/announcements/1",
        "/staff/settings/papers",
        "/staff/settings/clinicians",
        "/staff/settings/clinicians/2",
        "/staff/settings/offices",
        "/staff/settings/offices/1",
    ],
    "lena@harborlane.example": [
        "/staff/billing",
        *(f"/staff/billing?list={name}" for name in ("estimates", "invoice", "overdue", "insurers", "credit")),
        "/staff/billing/visits/12/encounter",
        "/staff/billing/visits/12/no-charge",
        "/staff/billing/visits/older",
        "/staff/billing/runs",
        "/staff/billing/runs/2",
        "/staff/billing/check",
        "/staff/encounters/20",
        "/staff/encounters/20/codes",
        "/staff/encounters/20/superbill",
        "/staff/clients/6/account",
        *(f"/staff/clients/6/account?view={name}" for name in ("services", "ledger", "payments", "invoices")),
        *(f"/staff/clients/6/account/{name}/new" for name in ("payments", "remittances", "adjustments", "invoices")),
        "/staff/clients/4/account/credit",
        "/staff/invoices/2",
        "/staff/invoices/2/voiding",
        "/staff/payments/5",
        "/staff/payments/5/refund",
        "/staff/payments/5/reversal",
        "/staff/settings/fees",
        "/staff/settings/fees/1",
        "/staff/settings/diagnoses",
        "/staff/settings/diagnoses/1",
    ],
}


@pytest.mark.parametrize("who", SCREENS, ids=lambda who: who.partition("@")[0] or "signed out")
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(opened, who, size):
    width, dark, language = size
    page = opened(scripts=True, width=width, dark=dark, language=language)
    walk(page, who, language, width, SCREENS[who])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["demographics", "insurance"])
def test_a_change_is_seen_from_both_sides(opened, name, size):
    """While it waits, on the desk, in its edit form there, returned, and in the log and both histories."""
    width, dark, language = size
    client = opened(scripts=True, width=width, dark=dark, language=language)
    enter(client, "maya.reyes@example.com", language)
    open_edit(client, name)
    client.locator(f"[name$={'pronouns' if name == 'demographics' else 'plan'}]").first.fill("Another " + "long" * 12)
    if name == "insurance":
        client.locator("[name$=relationship]").first.select_option("self")
    press(client.locator(".section-body .buttons button").first)
    client.locator(".trail").wait_for()
    look_at(client, width)
    staff = opened(scripts=True, width=width, dark=dark, language=language)
    enter(staff, "priya@harborlane.example", language)
    staff.goto("/staff/review?sort=newest")
    press(staff.locator(".queue a").first)
    staff.locator("#decide").wait_for()
    look_at(staff, width)
    desk = staff.url
    press(staff.locator("#decide a[href*='/edit']"))
    staff.locator("#edit").wait_for()
    look_at(staff, width)
    staff.goto(desk)
    staff.locator("#decide summary").click()
    look_at(staff, width)
    staff.locator("#common_reason").select_option("call")
    press(staff.locator("#decide details button"))
    staff.locator("#flashes .notice").first.wait_for()
    for place in (desk, "/staff/review/decided", f"/staff/clients/1/information/{name}"):
        staff.goto(place)
        look_at(staff, width)
    for place in (f"{CLIENT}/{name}", f"{CLIENT}/{name}/history", CLIENT, "/clients/1"):
        client.goto(place)
        look_at(client, width)


@pytest.fixture
def forty(portal) -> Iterator[None]:
    """They would push what other tests look for off the first page."""
    portal.sql(REPLY.format(), FORTY)
    yield
    portal.sql(*FORTY_GONE)


@pytest.mark.usefixtures("forty")
@pytest.mark.parametrize("size", SIZES)
def test_messages_are_seen_as_staff_have_them(opened, size):
    """Forty that wait, one of them with everything on its page, what is refused, and the replies that stand ready."""
    width, dark, language = size
    staff = opened(scripts=True, width=width, dark=dark, language=language)
    enter(staff, "priya@harborlane.example", language)
    staff.goto("/staff/messages?view=all&client=1")
    assert staff.locator("#inbox .queue a").count() >= 40
    look_at(staff, width)
    press(staff.locator("#inbox .queue a").first)
    staff.locator("#reply").wait_for()
    staff.locator("#note").fill("long" * 30)
    press(staff.locator("#notes button"))
    staff.locator("#notes .entry").last.wait_for()
    staff.locator("#handling summary").click()
    press(staff.locator("#handling details button"))
    staff.locator("#to-error").wait_for()
    look_at(staff, width)
    staff.locator("#body").fill("long" * 3000)
    press(staff.locator("#reply .buttons button").first)
    staff.locator("#errors").wait_for()
    look_at(staff, width)
    staff.goto("/staff/clients/1/messages/new")
    press(staff.locator("#new-message .buttons button").first)
    staff.locator("#errors").wait_for()
    look_at(staff, width)
    lead = opened(scripts=True, width=width, dark=dark, language=language)
    enter(lead, "sam@harborlane.example", language)
    for place in ("/staff/messages/replies", "/staff/messages/replies/new", "/staff/messages/replies/1"):
        lead.goto(place)
        look_at(lead, width)

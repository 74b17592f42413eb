"""Every screen as people see it: both widths, light and dark, both languages."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.promise.conftest import press, sign_in
from tests.promise.messages import office_says
from tests.promise.steps import CLIENT, open_edit
from tests.promise.test_r24_staff_messages import FORTY, FORTY_GONE, REPLY

SIGNED_OUT = [
    "/sign-in",
    "/signed-out",
    "/forgot-password",
    "/forgot-password/sent",
    "/invitation",
    "/invitation/1-broken",
    "/reset/1-broken",
    "/confirm/1-broken",
    "/registration",
    "/renewal-asked",
    "/help",
    "/privacy",
    "/accessibility",
    "/nowhere",
    "/demo/mailbox",
]
SCREENS = {
    "": SIGNED_OUT,
    "maya.reyes@example.com": [
        "/",
        "/account",
        "/account/time-zone",
        "/account/calendar",
        "/clients/1/information",
        "/clients/1/information/demographics",
        "/clients/1/information/demographics/edit",
        "/clients/1/information/demographics/history",
        "/clients/1/information/insurance",
        "/clients/1/information/insurance/edit",
        "/clients/1/appointments",
        "/clients/1/appointments/book",
        "/clients/1/appointments/book/time",
        "/clients/1/appointments/book/time?type=1&how=in_person",
        "/clients/1/appointments/history",
        "/clients/1/appointments/6",
        "/clients/1/appointments/6/cancellation",
        "/clients/1/wait-list",
        "/clients/1/wait-list/new?moves=6",
        "/clients/1/appointments/6/join",
        "/clients/1/appointments/texts",
        "/clients/1/messages",
        "/clients/1/messages/new",
        "/clients/1/messages/1/print",
        "/clients/1/account",
        "/clients/1/account/ledger",
        "/clients/1/account/receipts",
        "/clients/1/account/estimates",
        "/clients/1/account/estimates/new",
        "/clients/1/account/estimates/6",
    ],
    "rosa.delgado@example.com": ["/clients/6/wait-list", "/clients/6/wait-list/new?type=1&how=in_person"],
    "daniel.karim@example.com": [
        "/",
        "/clients/3",
        "/clients/4/appointments",
        "/clients/4/appointments/37",
        "/clients/3/appointments/texts",
        "/clients/3/messages",
        "/clients/3/messages/new",
    ],
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
    ],
}
SIZES = [
    # width, dark, language
    (390, False, "en-US"),
    (1280, True, "es-US"),
    pytest.param((390, True, "es-US"), marks=pytest.mark.torture),
    pytest.param((1280, False, "en-US"), marks=pytest.mark.torture),
    pytest.param((320, False, "es-US"), marks=pytest.mark.torture),
]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.mark.parametrize("who", SCREENS, ids=lambda who: who.partition("@")[0] or "signed out")
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(opened, who, size):
    width, dark, language = size
    page = opened(scripts=True, width=width, dark=dark, language=language)
    if who:
        enter(page, who, language)
    for place in SCREENS[who]:
        page.goto(place)
        look_at(page, width)


@pytest.mark.parametrize("size", SIZES)
def test_a_conversation_is_seen_refused_begun_answered_and_drafted(portal, opened, size):
    """With files, a draft, and what is new."""
    width, dark, language = size
    page = opened(scripts=True, width=width, dark=dark, language=language)
    enter(page, "rosa.delgado@example.com", language)
    place = "/clients/6/messages"
    for address in (place, f"{place}/new"):
        page.goto(address)
        look_at(page, width)
    send = page.locator("main form.card .buttons button").first
    note = {"name": "a-" + "long-" * 12 + "name.txt", "mimeType": "text/plain", "buffer": b"Naps: two."}
    page.locator("#files").set_input_files([note, {**note, "name": "x.exe", "buffer": b"MZ\x90"}])
    press(send)
    page.locator("#errors").wait_for()
    look_at(page, width)
    subject = f"{'Long' * 12} {width} {dark}"
    page.locator("#subject").fill(subject)
    page.locator("#body").fill("https://example.com/" + "long" * 30)
    page.locator("#topic").check()
    press(send)
    page.locator("h1", has_text=subject).wait_for()
    thread = page.url.partition("#")[0]
    office_says(portal, subject, "One.", "Two.")
    page.goto(thread)
    look_at(page, width)
    press(page.locator("#reply .buttons button").first)
    page.locator("#errors").wait_for()
    look_at(page, width)
    page.locator("#body").fill("Not finished")
    press(page.locator("#reply button[value=save]"))
    page.locator("#inbox").wait_for()
    office_says(portal, subject, "Three.")
    for address in (place, place.removesuffix("/messages"), thread):
        page.goto(address)
        look_at(page, width)


def enter(page, who: str, language: str) -> None:
    page.context.add_cookies([{"name": "portal-language", "value": language[:2], "url": "http://127.0.0.1"}])
    page.goto("/sign-in")
    page.locator("#email").fill(who)
    page.locator("#password").fill("harbor lane demo only")
    press(page.locator("form.card button.btn:not([type=button])").first)
    page.wait_for_url(lambda url: "sign-in" not in url)


def look_at(page, width: int) -> None:
    found = Axe().run(page, options=RULES).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


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
    staff.locator("#notes .entry").wait_for()
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


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_language_is_switched_and_kept(opened, scripts):
    page = opened(scripts=scripts)
    page.goto("/sign-in")
    press(page.get_by_role("button", name="Español"))
    assert page.locator("html").get_attribute("lang") == "es"
    page.goto("/help")
    assert page.locator("html").get_attribute("lang") == "es"
    press(page.get_by_role("button", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"


def test_what_an_expired_session_was_about_to_send_is_given_back(portal, phone):
    """The session is made old in the database; the form that was open is sent, and comes back after sign-in."""
    sign_in(phone, "priya@harborlane.example")
    phone.goto("/staff/clients/new")
    phone.get_by_label("First name").fill("Kept")
    phone.get_by_label("Last name").fill("Carefully")
    for part, value in (("Month", "1"), ("Day", "2"), ("Year", "1999")):
        phone.get_by_label(part).fill(value)
    expire_sessions(portal)
    press(phone.get_by_role("button", name="Add client"))
    assert phone.locator("h1").inner_text() == "Sign in"
    phone.get_by_label("E-mail").fill("priya@harborlane.example")
    phone.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(phone.get_by_role("button", name="Sign in", exact=True))
    assert phone.locator("h1").inner_text() == "You were signed out before this was sent"
    press(phone.get_by_role("button", name="Send it now"))
    assert phone.locator("h1").inner_text() == "Kept Carefully"


def expire_sessions(portal) -> None:
    portal.sql("UPDATE session SET seen_at = seen_at - interval '1 hour'")


def test_a_form_shows_that_it_is_being_sent(opened, portal):
    page = opened(scripts=True)
    page.goto("/forgot-password")
    page.get_by_label("E-mail").fill("maya.reyes@example.com")
    assert page.evaluate(PRESS) == ["Sending…", "Sending…"]


PRESS = """() => {
  const form = document.querySelector("form.card");
  form.requestSubmit();
  return [form.querySelector("button:not([type=button])").dataset.busy, document.getElementById("status").textContent];
}"""


def test_the_audit_of_all_this_is_whole(portal):
    assert portal.run("audit", "verify").startswith("The audit is whole")

"""R12: staff are told of what clients changed, look at it beside the record, and decide; the client is answered."""

import re

import pytest

from tests.promise.conftest import is_answer, press, sign_in
from tests.promise.seeing import look_at
from tests.promise.steps import CLIENT, arrive, attach, change, desk_of, focused, open_edit, section, send

MAYA = "maya.reyes@example.com"
PRIYA = "priya@harborlane.example"
ANSWERED = "The practice has answered"
MAYAS_PLAN = re.compile(r"Maya Reyes.*Insurance: Plan", re.S)


@pytest.fixture(autouse=True)
def nothing_waits(portal) -> None:
    """What other tests left with the practice is taken back."""
    portal.sql(
        "UPDATE change_request SET state = 'withdrawn', decided_at = now()"
        " WHERE client = 1 AND state IN ('pending', 'returned')"
    )
    portal.sql(
        "UPDATE review_item SET settled_at = now(), outcome = 'withdrawn'"
        " WHERE kind = 'information.changed' AND client = 1 AND settled_at IS NULL"
    )


def test_one_is_accepted_and_one_is_edited_and_the_client_reads_both(portal, opened):
    """The whole way, without JavaScript: a phone and an insurance with a photo of its card."""
    client, staff, office = opened(), opened(width=1280), opened()
    sign_in(office, "sam@harborlane.example")
    office.goto("/staff/settings/notices")
    office.locator("[name='information.changed.timing']").select_option("at_once")
    press(office.get_by_role("button", name="Save"))
    already, asked = len(answers(portal)), len(portal.letters(PRIYA))
    sign_in(client, MAYA)
    change(client, "demographics", {"Phone number": "443 555 0188"})
    open_edit(client, "insurance")
    client.get_by_label("Insurance company").first.fill("CareFirst BlueChoice")
    client.get_by_label("Member ID").first.fill("XWH 8841 2270")
    client.get_by_label("Who is the policy holder?").first.select_option("The client")
    attach(client, "Photo of the card, front", "XWH 8841 2207")
    send(client)
    assert "With the practice" in section(client, "insurance").inner_text()
    assert "A change is with the practice" in home(client)
    letter = portal.letter(PRIYA, beside=asked)
    assert "/staff/" in letter and "Reyes" not in letter

    sign_in(staff, PRIYA)
    desk_of(staff, "Demographics: Phone number")
    assert re.search(r"\(443\) 555-\d{4}\s*\(443\) 555-0188", staff.locator("#detail .diff").inner_text())
    press(staff.get_by_role("button", name="Approve and open next"))
    assert "Approved." in staff.locator("#flashes").inner_text()
    desk_of(staff, "Insurance: Insurance company")
    seen = staff.request.get(str(staff.get_by_role("link", name="Open the photo").get_attribute("href")))
    assert seen.headers["content-type"] == "image/jpeg"
    press(staff.get_by_role("link", name="Edit, then approve"))
    staff.get_by_label("Member ID").first.fill("XWH 8841 2207")
    press(staff.locator(".buttons").get_by_role("button", name="Approve with these edits"))
    assert "Approved with edits." in staff.locator("#flashes").inner_text()

    letter = portal.letter(MAYA, beside=len(portal.letters(MAYA)) - len(answers(portal)) + already)
    assert ANSWERED in letter and "CareFirst" not in letter and "0188" not in letter
    client.goto(f"{CLIENT}/demographics")
    told = section(client, "demographics").inner_text()
    assert "The practice accepted your change" in told and "(443) 555-0188" in told
    client.goto(f"{CLIENT}/insurance")
    told = section(client, "insurance").inner_text()
    assert "accepted your change, with edits" in told and "XWH 8841 2207 instead of XWH 8841 2270" in told
    press(client.get_by_role("link", name="History"))
    assert "Accepted with edits" in client.locator("#history").inner_text()
    assert "A change is with the practice" not in home(client)

    staff.goto("/staff/review/decided")
    log = staff.locator("#decided table").inner_text()
    assert "Approved" in log and "Edited, then approved" in log and "Priya Raman" in log
    assert audited(portal) == ["information.sent", "information.sent", "client.changed", "information.accepted",
                               "client.changed", "information.edited"]  # fmt: skip
    assert portal.run("audit", "verify").startswith("The audit is whole")


def audited(portal) -> list[str]:
    """What was done with what stands on the record, the last six."""
    asked = "SELECT act FROM audit_row WHERE act ~ '^information|^client.changed' ORDER BY id DESC LIMIT 6"
    return portal.sql(asked).split()[::-1]


def answers(portal) -> list[str]:
    return [letter for letter in portal.letters(MAYA) if ANSWERED in letter]


def home(page) -> str:
    page.goto("/clients/1")
    return page.locator("main").inner_text()


def test_a_change_is_returned_with_a_reason(portal, opened):
    client, staff = opened(), opened()
    sign_in(client, MAYA)
    change(client, "demographics", {"Legal last name": "Reyes-Cole"})
    sign_in(staff, PRIYA)
    desk_of(staff, "Demographics: Legal last name")
    staff.locator("#decide summary").click()
    press(staff.get_by_role("button", name="Return to the client"))
    assert "choose a reason, or write one" in staff.locator("#errors").inner_text()
    staff.get_by_label("Common reasons").select_option("proof")
    press(staff.get_by_role("button", name="Return to the client"))
    assert "Returned to the client." in staff.locator("#flashes").inner_text()
    assert "Look at your change again" in home(client)
    client.goto(f"{CLIENT}/demographics")
    told = section(client, "demographics").inner_text()
    assert "Please bring a document that shows this change" in told and "Reyes-Cole" not in told


def test_with_javascript_the_next_one_opens_in_place(opened):
    client, staff = opened(), opened(scripts=True, width=1280)
    sign_in(client, MAYA)
    change(client, "demographics", {"Pronouns": "she/they"})
    open_edit(client, "insurance")
    client.get_by_label("Plan").first.fill("BlueChoice HMO")
    send(client)
    arrive(staff, PRIYA)
    staff.evaluate("window.same = true")
    press(staff.locator(".queue a", has_text="Pronouns"))
    staff.locator("#item-h").wait_for()
    first = staff.url
    assert re.search(r"/staff/information/\d+", first)
    focused(staff, "#item-h")
    press(staff.get_by_role("button", name="Approve and open next"))
    staff.locator("#detail .diff", has_text="BlueChoice HMO").wait_for()
    assert re.search(r"/staff/information/\d+", staff.url) and staff.url != first
    focused(staff, "#item-h")
    assert staff.evaluate("window.same")
    assert "Approved." in staff.locator("#flashes").inner_text()
    press(staff.get_by_role("link", name="Edit, then approve"))
    staff.locator("#edit").wait_for()
    assert staff.url.partition("?")[0].endswith("/edit")
    press(staff.locator(".buttons").get_by_role("button", name="Approve with these edits"))
    staff.locator("#flashes", has_text="Approved.").or_(staff.locator("#flashes", has_text="Approved with")).wait_for()
    assert staff.evaluate("window.same")


def two_changes(client) -> None:
    sign_in(client, MAYA)
    change(client, "demographics", {"Pronouns": "she/they or ze"})
    open_edit(client, "insurance")
    client.get_by_label("Plan").first.fill("BlueChoice PPO")
    send(client)


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_enter_in_a_field_approves_nothing(opened, scripts):
    client, staff = opened(), opened(scripts=scripts, width=1280)
    sign_in(client, MAYA)
    change(client, "demographics", {"Pronouns": f"ze, {scripts}"})
    arrive(staff, PRIYA)
    desk_of(staff, "Demographics: Pronouns")
    press(staff.get_by_role("link", name="Edit, then approve"))
    staff.get_by_label("Pronouns").fill("ze/hir")
    press(staff.get_by_label("Pronouns"), "Enter")
    staff.locator("#edit .notice", has_text="Nothing is approved yet").wait_for()
    assert re.search(r"Pronouns\s*ze, \w+\s*ze/hir", staff.locator("#edit").inner_text())
    assert staff.get_by_label("Pronouns").input_value() == "ze/hir"
    if scripts:
        look_at(staff, 1280)
    press(staff.get_by_role("button", name="Approve with these edits"))
    staff.locator("#flashes", has_text="Approved with edits.").wait_for()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_what_was_typed_is_given_back_where_a_colleague_was_quicker(opened, scripts):
    client, staff, office = opened(), opened(scripts=scripts), opened()
    sign_in(client, MAYA)
    change(client, "demographics", {"Pronouns": f"fae, {scripts}"})
    arrive(staff, PRIYA)
    desk_of(staff, "Demographics: Pronouns")
    staff.wait_for_url(re.compile(r"/staff/information/\d+"))
    item = staff.url
    press(staff.get_by_role("link", name="Edit, then approve"))
    staff.get_by_label("Pronouns").fill("fae/faer")
    sign_in(office, "sam@harborlane.example")
    office.goto(item)
    press(office.get_by_role("button", name="Take it over"))
    press(office.get_by_role("button", name="Approve and open next"))
    press(staff.get_by_role("button", name="Approve with these edits"))
    notice = staff.locator("#detail .notice.wait")
    notice.wait_for()
    assert "Somebody was quicker" in notice.inner_text() and "Approved by Sam Whitaker" in notice.inner_text()
    told = staff.locator("#change .notice").inner_text()
    assert "What you had typed" in told and re.search(r"fae, \w+\s*You typed\s*fae/faer|fae, \w+\s*fae/faer", told)
    if scripts:
        look_at(staff, 390)
    client.goto(f"{CLIENT}/demographics")
    assert "fae/faer" not in section(client, "demographics").inner_text()


def test_narrowing_the_list_keeps_what_is_typed_on_the_desk(opened):
    client, staff = opened(), opened(scripts=True, width=1280)
    two_changes(client)
    arrive(staff, PRIYA)
    desk_of(staff, "Demographics: Pronouns")
    press(staff.get_by_role("link", name="Edit, then approve"))
    staff.get_by_label("Pronouns").fill("typed on the desk")
    narrow(staff, "#by-sort", "newest")
    staff.wait_for_url(re.compile(r"/staff/information/\d+/edit\?sort=newest$"))
    assert staff.get_by_label("Pronouns").input_value() == "typed on the desk"
    narrow(staff, "#by-kind", "information.changed")
    rows = staff.locator(".queue a")
    assert staff.locator("#queue-h .pill").inner_text() == str(rows.count()) and rows.count() >= 2
    assert all("sort=newest" in str(row.get_attribute("href")) for row in rows.all())
    assert "Pronouns" in staff.locator(".queue [aria-current]").inner_text()
    press(staff.get_by_role("button", name="Approve with these edits"))
    staff.locator("#flashes", has_text="Approved with edits.").wait_for()
    assert staff.url.endswith("?kind=information.changed&sort=newest")
    desk_of(staff, MAYAS_PLAN)
    staff.locator("#decide summary").click()
    staff.get_by_label("Reason, sent to the client").fill("Which year?")
    narrow(staff, "#by-age", "7")
    staff.locator("#queue", has_text="Nothing matches.").wait_for()
    assert staff.get_by_label("Reason, sent to the client").input_value() == "Which year?"
    assert staff.locator("#skip").get_attribute("href") == "/staff/review?age=7"
    narrow(staff, "#by-age", "")
    press(staff.get_by_role("button", name="Return to the client"))
    staff.locator("#flashes", has_text="Returned to the client.").wait_for()
    assert "age=" not in staff.url


def narrow(page, select: str, value: str) -> None:
    with page.expect_response(is_answer):
        page.locator(select).select_option(value)
    page.locator(".htmx-request, .htmx-settling").first.wait_for(state="detached")


def test_the_desk_is_worked_through_with_the_keyboard_alone(opened):
    client, staff = opened(), opened(scripts=True, width=1280)
    two_changes(client)
    arrive(staff, PRIYA)
    staff.goto("/staff/review?kind=information.changed")
    staff.keyboard.press("Tab")
    assert focus_of(staff).inner_text() == "Skip to main content" and seen_around(staff)
    staff.keyboard.press("Enter")
    staff.keyboard.press("Tab")
    assert focus_of(staff).evaluate("one => !!one.closest('main')")
    tab_to(staff, ".queue a", "Pronouns")
    press(focus_of(staff), "Enter")
    focused(staff, "#item-h")
    tab_to(staff, "button", "Approve and open next")
    press(focus_of(staff), "Enter")
    staff.locator("#detail .diff", has_text="BlueChoice PPO").wait_for()
    focused(staff, "#item-h")
    tab_to(staff, "summary", "Return")
    staff.keyboard.press("Enter")
    tab_to(staff, "select", "Choose one")
    staff.keyboard.press("ArrowDown")
    tab_to(staff, "textarea", "")
    staff.keyboard.type("Front and back, please.")
    tab_to(staff, "button", "Return to the client")
    press(focus_of(staff), "Enter")
    staff.locator("#flashes", has_text="Returned to the client.").wait_for()
    staff.locator("#item-h:focus, #queue-h:focus").wait_for()
    client.goto(f"{CLIENT}/insurance")
    told = section(client, "insurance").inner_text()
    assert "We could not read the photo of the card" in told and "Front and back, please." in told


def focus_of(page):
    return page.locator(":focus")


def seen_around(page) -> bool:
    """What has the focus is in the picture and has a line around it."""
    return focus_of(page).evaluate(
        "one => getComputedStyle(one).outlineStyle !== 'none' && parseFloat(getComputedStyle(one).outlineWidth) >= 2"
        " && one.getBoundingClientRect().top >= 0 && one.getBoundingClientRect().bottom <= innerHeight"
    )


def tab_to(page, what: str, words: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        assert seen_around(page), focus_of(page).evaluate("one => one.outerHTML")
        if focus_of(page).evaluate(
            "(one, [what, words]) => one.matches(what) && one.textContent.includes(words)", [what, words]
        ):
            return
    raise AssertionError(f"no way to {what}: {words}")


@pytest.mark.parametrize("path", ["/staff/review", "/staff/review/decided", "/staff/information/1"])
def test_clients_do_not_see_the_desk(phone, path):
    sign_in(phone, MAYA)
    assert phone.request.get(path).status == 404

"""R35: what was shared and not yet read or done is marked Pending Review."""

import pytest

from tests.promise.conftest import press
from tests.promise.documents import CHART, LIST, MAYA, PRIYA, pill_of, put, shared
from tests.promise.steps import arrive, focused

BOTH = pytest.mark.parametrize("scripts", [False, True])


@BOTH
def test_it_is_pending_on_the_first_screen_in_the_list_and_on_its_page_until_it_is_opened(portal, opened, scripts):
    title = f"Read me, {scripts}"
    document = shared(portal, opened(scripts=scripts, width=1280), title)
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto("/clients/1")
    assert "wait for you" in phone.locator(f".tile[href='{LIST}']").inner_text()
    entry = phone.locator("#todo li", has_text=f"Read: {title}")
    assert "Pending Review" in entry.inner_text()
    press(entry.get_by_role("link"))
    assert phone.locator("h1 ~ .pill").inner_text().strip() == "Pending Review"
    phone.goto(LIST)
    assert pill_of(phone, title) == "Pending Review"  # looking at it is not opening it
    press(phone.get_by_role("link", name="Action Required"))
    phone.locator("nav [aria-current=page]", has_text="Action Required").wait_for()
    assert title in phone.locator(".rows").inner_text()
    phone.goto(f"{LIST}/{document}")
    with phone.expect_download():
        phone.get_by_role("button", name="Download").click()
    phone.goto(f"{LIST}?tab=to-do")
    assert title not in phone.content()
    phone.goto("/clients/1")
    assert phone.locator("#todo li", has_text=title).count() == 0


def test_staff_read_the_same_state_and_its_due_day(portal, opened):
    desk = opened(width=1280)
    arrive(desk, PRIYA)
    put(desk, "Due on a day", "tips.txt", b"One thing.")
    desk.get_by_label("Due").fill(portal.sql("SELECT (now() + interval '7 days')::date"))
    press(desk.get_by_role("button", name="Share", exact=True))
    desk.goto(CHART)
    row = desk.locator("tr", has_text="Due on a day").inner_text()
    assert "Pending Review" in row and "by " in row and "Priya Raman" in row


def test_what_is_kept_back_is_pending_from_when_it_is_shown(portal, opened):
    desk, phone = opened(scripts=True, width=1280), opened(scripts=True)
    arrive(desk, PRIYA)
    put(desk, "Not finished yet", "tips.txt", b"One thing.")
    desk.get_by_role("radio", name="Not yet. It is not finished").check()
    press(desk.get_by_role("button", name="Share", exact=True))
    desk.locator("h1 ~ .pill", has_text="Kept back").wait_for()
    arrive(phone, MAYA)
    phone.goto(LIST)
    assert "Not finished yet" not in phone.content()
    press(desk.get_by_role("button", name="Show it to the client now"))
    desk.locator("h1 ~ .pill", has_text="Pending Review").wait_for()
    phone.goto(LIST)
    assert pill_of(phone, "Not finished yet") == "Pending Review"


def test_the_tabs_and_the_acts_are_done_by_the_keyboard_alone(portal, opened):
    document = shared(portal, opened(width=1280), "By keys alone")
    phone = opened(scripts=True)
    arrive(phone, MAYA)
    phone.goto(LIST)
    press(phone.get_by_role("link", name="Action Required"), "Enter")
    focused(phone, "#found-h")
    assert phone.locator("nav [aria-current=page]").inner_text().startswith("Action Required")
    phone.goto(f"{LIST}/{document}")
    reached = []
    for _ in range(20):
        phone.keyboard.press("Tab")
        reached.append(phone.evaluate("document.activeElement.innerText"))
        if reached[-1] == "Download":
            break
    assert reached[-1] == "Download"
    with phone.expect_download():
        phone.keyboard.press("Enter")

"""A client moves an appointment: the old time stays until the practice agrees."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive
from tests.promise.test_r14_pick_a_time import MAYA, TIMES, pick
from tests.promise.test_r15_staff_answer_requests import PRIYA

DESK = "/staff/appointments"


def number_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def later(page) -> None:
    shown = page.locator("#week").inner_text()
    press(page.get_by_role("link", name="Later"))
    page.locator("#week", has_not_text=shown).wait_for()


@pytest.mark.parametrize("scripts", [False, True])
def test_a_visit_is_moved_and_keeps_its_address(portal, opened, scripts):
    client, staff = opened(scripts=scripts), opened(width=1280, scripts=scripts)
    arrive(client, MAYA)
    sign_in(staff, PRIYA)
    client.goto(TIMES)
    for _ in range(3):
        later(client)
    before = pick(client, 2 if scripts else 6)
    press(client.get_by_role("button", name="Continue"))
    client.wait_for_url("**/check")
    press(client.get_by_role("button", name="Request Appointment"))
    client.get_by_role("heading", name="Your request was sent").wait_for()
    here = client.url
    staff.goto(f"{DESK}/{number_of(here)}")
    press(staff.get_by_role("button", name="Approve and open next"))

    client.goto(here)
    client.get_by_role("link", name="Reschedule").click()
    client.get_by_role("heading", name="Pick another time").wait_for()
    assert "It stays booked until the new time is." in client.locator("#time").inner_text()
    later(client)
    after = pick(client, 3)
    press(client.get_by_role("button", name="Continue"))
    client.wait_for_url("**/check")
    assert before in client.locator("#check").inner_text()
    press(client.get_by_role("button", name="Ask for this time"))
    client.get_by_role("heading", name="Your request was sent").wait_for()
    asked, letters = client.url, len(portal.letters(MAYA))
    assert number_of(asked) != number_of(here)
    client.goto(here)
    assert "You have asked for another time." in client.locator("main").inner_text()

    staff.goto(f"{DESK}/{number_of(asked)}")
    told = staff.locator("#detail").inner_text()
    assert "Reschedule request" in staff.locator("main").inner_text() and before in told and after in told
    press(staff.get_by_role("button", name="Approve and open next"))
    assert "appointments" in portal.letter(MAYA, beside=letters)
    client.goto(asked)
    assert number_of(client.url) == number_of(here)
    said = client.locator("main").inner_text()
    assert "Your appointment was moved. It was on" in said and after in said
    client.goto("/clients/1/appointments/history")
    assert "Moved" in client.locator("#history").inner_text()

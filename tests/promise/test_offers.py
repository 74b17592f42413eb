"""Staff offer other times than the one that was asked for, and the client books one of them."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive
from tests.promise.test_r14_pick_a_time import MAYA
from tests.promise.test_r15_staff_answer_requests import PRIYA, asked_for


@pytest.mark.parametrize("scripts", [False, True])
def test_two_times_are_offered_and_one_is_booked(portal, opened, scripts):
    client, staff = opened(), opened(scripts=scripts, width=1280)
    sign_in(client, MAYA)
    asked_for(client, 7 if scripts else 2, "Any other time will do")
    letters = len(portal.letters(MAYA))
    arrive(staff, PRIYA)
    staff.goto("/staff" + client.url.partition("/clients/1")[2])
    press(staff.get_by_role("link", name="Offer other times"))
    staff.get_by_role("heading", name="Offer other times").wait_for()
    press(staff.get_by_role("button", name="Offer these times"))
    staff.locator("#errors").get_by_text("Choose one time, two or three").wait_for()
    staff.locator(".slot input").nth(1).check(force=True)
    for _ in range(3):  # far from the weeks of other tests
        shown = staff.locator("#week").inner_text()
        press(staff.get_by_role("button", name="Later"))
        staff.locator("#week", has_not_text=shown).wait_for()
    assert "Chosen already" in staff.locator("#decide").inner_text()
    staff.locator(".slot input").nth(3).check(force=True)
    staff.get_by_label("A sentence to the client").fill("The room is being painted.")
    press(staff.get_by_role("button", name="Offer these times"))
    staff.get_by_text("Other times are offered. The client chooses one.").first.wait_for()

    letter = portal.letter(MAYA, beside=letters)
    assert "session" not in letter and "painted" not in letter
    client.goto("/clients/1/appointments")
    assert "The practice offers other times" in client.locator("main").inner_text()
    press(client.get_by_role("link", name="None of these"))
    assert "The room is being painted." in client.locator("main").inner_text()
    press(client.get_by_role("button", name="Book this time"))
    assert client.locator("#errors").inner_text().splitlines()[-1] == "Choose a time"
    client.locator("input[name=chosen]").nth(1).check()
    press(client.get_by_role("button", name="Book this time"))
    assert "Your appointment is booked" in client.locator("main").inner_text()
    client.goto("/clients/1/appointments")
    assert "The practice offers other times" not in client.locator("main").inner_text()
    staff.goto("/staff/review")
    assert "Appointment booked by the client" in staff.locator(".queue").inner_text()
    press(client.locator(".rows a", has_text="Booked").last)

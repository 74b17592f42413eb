"""R14: clients pick a day and a time at which the provider is available, and send the request."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive

MAYA = "maya.reyes@example.com"
TIMES = "/clients/1/appointments/book/time?type=1&how=telehealth"


def pick(page, place: int) -> str:
    """The words of a time, which is chosen."""
    slot = page.locator(".slot").nth(place)
    slot.locator("input").check(force=True)
    return slot.inner_text()


@pytest.mark.parametrize("scripts", [False, True])
def test_a_time_is_picked_checked_and_requested(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    page.goto(TIMES)
    assert "All times are Eastern Time" in page.locator("main").inner_text()
    first_week = page.locator("#week").inner_text()
    press(page.get_by_role("link", name="Later"))
    page.locator("#week", has_not_text=first_week).wait_for()
    assert "week=" in page.url
    press(page.get_by_role("button", name="Continue"))
    assert page.locator("#errors").inner_text().splitlines()[-1] == "Choose a time"
    said = pick(page, 0)
    press(page.get_by_role("button", name="Continue"))
    page.wait_for_url("**/check")
    assert said in page.locator(".facts").inner_text()
    page.get_by_label("Anything the practice should know?").fill("My sister comes along")
    press(page.get_by_role("button", name="Request Appointment"))
    page.get_by_role("heading", name="Your request was sent").wait_for()
    told = page.locator("main").inner_text()
    assert said in told and "My sister comes along" in told and "The practice answers" in told
    page.goto("/clients/1/appointments")
    assert "With the practice" in page.locator(".rows").inner_text()
    page.goto(TIMES)
    assert page.locator(".slot").first.is_visible()
    page.go_back()
    press(page.locator(".rows a", has_text="With the practice").last)
    press(page.get_by_role("button", name="Take back this request"))
    page.get_by_text("You took this request back").wait_for()


def test_one_clinician_and_one_office_narrow_the_times(phone):
    sign_in(phone, MAYA)
    phone.goto(TIMES.replace("telehealth", "in_person"))
    phone.get_by_label("Clinician").select_option("Dr. Elias Brandt")
    press(phone.get_by_role("button", name="Show times"))
    assert "clinician=" in phone.url
    assert phone.get_by_label("Clinician").locator("option:checked").inner_text() == "Dr. Elias Brandt"
    pick(phone, 0)
    press(phone.get_by_role("button", name="Continue"))
    assert "Dr. Elias Brandt" in phone.locator(".facts").inner_text()


def test_a_time_that_was_just_taken_is_said_and_the_others_stay(opened):
    one, other = opened(), opened()
    sign_in(one, MAYA)
    sign_in(other, "rosa.delgado@example.com")
    times = TIMES + "&clinician="
    one.goto(TIMES)
    clinician = one.get_by_label("Clinician").locator("option").nth(1).get_attribute("value")
    one.goto(times + str(clinician))
    other.goto((times + str(clinician)).replace("/clients/1/", "/clients/6/"))
    theirs = {slot.get_attribute("value") for slot in other.locator(".slot input").all()}
    ours = [slot.get_attribute("value") for slot in one.locator(".slot input").all()]
    wanted = next(value for value in ours if value in theirs)
    for page in (one, other):
        page.locator(f".slot input[value='{wanted}']").check(force=True)
    press(one.get_by_role("button", name="Continue"))
    press(other.get_by_role("button", name="Continue"))
    assert "That time was just taken" in other.locator("#errors").inner_text()
    pick(other, -1)
    press(other.get_by_role("button", name="Continue"))
    assert other.locator("h1").inner_text() == "Check and send"

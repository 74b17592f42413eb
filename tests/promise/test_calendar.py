"""An appointment goes into one's own calendar, by itself or by a link; who lives elsewhere sees both clocks."""

import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.calendars.steps import events
from tests.promise.conftest import press
from tests.promise.steps import arrive


def read(link: str) -> bytes | int:
    """As a calendar program would."""
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:
            return answer.read()
    except HTTPError as error:
        return error.code


def link_on(page) -> str:
    assert page.locator("#link").get_attribute("readonly") is not None
    return str(page.locator("#link").input_value())


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_link_is_made_replaced_and_turned_off(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, "maya.reyes@example.com")
    page.goto("/clients/1/appointments")
    press(page.get_by_role("link", name="Calendar feed"))
    press(page.get_by_role("button", name="Make a link"))
    page.locator("#link").wait_for()
    first = link_on(page)
    found = events(read(first))
    assert found and {str(event["SUMMARY"]) for event in found} == {"Appointment"}
    press(page.get_by_role("button", name="Replace the link"))
    page.get_by_text("The old link has ended.").wait_for()
    second = link_on(page)
    assert second != first and read(first) == 404 and events(read(second))
    page.reload()
    assert "Last read by a calendar program on" in page.locator("#feed").inner_text()
    press(page.get_by_role("button", name="Turn it off"))
    page.get_by_role("button", name="Make a link").wait_for()
    assert read(second) == 404


def test_one_appointment_is_added_to_the_calendar(phone):
    arrive(phone, "maya.reyes@example.com")
    phone.goto("/clients/1/appointments/6")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Add to your calendar").click()
    assert download.value.suggested_filename == "appointment.ics"
    (event,) = events(Path(download.value.path()).read_bytes())
    assert event["STATUS"] == "CONFIRMED" and "Eastern Time" in event["DESCRIPTION"]


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_who_lives_elsewhere_says_so_and_sees_both_clocks(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, "maya.reyes@example.com")
    page.goto("/account")
    press(page.get_by_role("link", name="Change Your time zone"))
    page.get_by_label("Where you live").select_option("Pacific Time (Los Angeles)")
    press(page.get_by_role("button", name="Save"))
    page.wait_for_url("**/account")
    assert "Pacific Time (Los Angeles)" in page.locator("#account").inner_text()
    page.goto("/clients/1/appointments")
    assert "your time, Pacific Time)" in page.locator("#list").inner_text()
    page.goto("/clients/1/appointments/book/time?type=1&how=telehealth")
    assert "(" in page.locator(".slot").first.inner_text()
    page.goto("/account/time-zone")
    page.get_by_label("Where you live").select_option("Show only the time of the place")
    press(page.get_by_role("button", name="Save"))
    page.wait_for_url("**/account")

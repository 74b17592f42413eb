"""R13: clients choose among the types of appointment that are offered (in person, phone, video), if they may book."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive

MAYA = "maya.reyes@example.com"
APPOINTMENTS = "/clients/1/appointments"


def turn(portal, value: str) -> None:
    portal.choose(f"appointments.clients_book={value}")


@pytest.mark.parametrize("scripts", [False, True])
def test_types_and_ways_to_meet_are_offered_and_confirmed(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    press(page.get_by_role("link", name="Appointments"))
    press(page.get_by_role("link", name="Book an Appointment"))
    types = page.get_by_role("radiogroup", name="Appointment Type")
    assert types.get_by_role("radio").count() == 2
    ways = page.get_by_role("radiogroup", name="Contact Type").locator("b").all_inner_texts()
    assert ways == ["In person", "Phone call", "Telehealth"]
    press(page.get_by_role("button", name="Confirm Type"))
    assert "Choose what the appointment is for" in page.locator("#errors").inner_text()
    page.get_by_label("Check-in call").check()
    page.get_by_label("Telehealth").check(force=True)
    press(page.get_by_role("button", name="Confirm Type"))
    assert "offered so: Phone call" in page.locator("#errors").inner_text()
    assert page.get_by_label("Check-in call").is_checked()
    page.get_by_label("Phone call").check(force=True)
    press(page.get_by_role("button", name="Confirm Type"))
    assert page.locator("h1").inner_text() == "Pick a time"
    assert "Check-in call, 20 minutes, Phone call" in page.locator(".pagehead").inner_text()


def test_where_clients_do_not_book_they_are_told_to_call(portal, phone):
    sign_in(phone, MAYA)
    turn(portal, "no")
    try:
        phone.goto(APPOINTMENTS)
        assert not phone.get_by_role("link", name="Book an Appointment").is_visible()
        assert phone.get_by_role("link", name="to book").get_attribute("href") == "tel:+14435550142"
        phone.goto(f"{APPOINTMENTS}/book")
        assert "Please call us to book" in phone.locator("main").inner_text()
    finally:
        turn(portal, "yes")

"""R16: clients see all upcoming appointments, confirm and cancel them."""

import pytest

from tests.promise.conftest import press
from tests.promise.steps import arrive

MAYA = "maya.reyes@example.com"
LIST = "/clients/1/appointments"


@pytest.mark.parametrize("scripts", [False, True])
def test_upcoming_ones_are_listed_confirmed_and_cancelled(opened, scripts):
    """The demo has a session that is booked, and a call."""
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    page.goto(LIST)
    assert page.get_by_role("heading", name="Upcoming Appointments").is_visible()
    kind = "Individual session" if scripts else "Check-in call"
    press(page.locator(".rows a", has_text=kind).filter(has_text="Booked").first)
    press(page.get_by_role("button", name="Confirm"))
    page.get_by_role("heading", name="You have confirmed your appointment").wait_for()
    page.goto(LIST)
    press(page.locator(".rows a", has_text=kind).filter(has_text="Confirmed").first)
    press(page.get_by_role("link", name="Cancel this appointment"))
    page.get_by_label("Why, if you like to say").fill("I am away that week")
    press(page.get_by_role("button", name="Yes, cancel it"))
    page.get_by_text("You cancelled this appointment").wait_for()
    page.goto(LIST)
    assert "Confirmed" not in page.locator("main").inner_text()

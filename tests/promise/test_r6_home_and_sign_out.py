"""R6: a client returns to the Dashboard from anywhere by the home icon; signs out top right."""

import pytest

from tests.promise.conftest import press, sign_in

PLACES = ["/account", "/help", "/privacy", "/accessibility", "/nowhere"]


@pytest.mark.parametrize("place", PLACES)
def test_the_home_icon_leads_home_from_everywhere(phone, place):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto(place)
    press(phone.locator("header .brand"))
    assert phone.locator("h1").inner_text().endswith(", Maya")


@pytest.mark.parametrize("width", [390, 1280])
def test_sign_out_stands_top_right_and_ends_the_session(opened, width):
    page = sign_in(opened(width=width), "maya.reyes@example.com")
    button = page.get_by_role("button", name="Sign out").first
    box, home = button.bounding_box(), page.locator("header .brand").bounding_box()
    assert box["x"] + box["width"] > width * 0.8
    assert box["y"] < 80
    assert home["x"] < width * 0.2
    press(button)
    assert page.locator("h1").inner_text() == "You are signed out"
    page.goto("/account")
    assert page.locator("h1").inner_text() == "Sign in"

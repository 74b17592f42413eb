"""R45: help (questions and answers), the practice's phone and hours and the crisis lines, from every page."""

import pytest

from tests.promise.conftest import press, sign_in

SIGNED_OUT = ["/sign-in", "/forgot-password", "/invitation", "/invitation/1-broken", "/nowhere", "/signed-out"]
CLIENT = ["/", "/account", "/help"]
STAFF = ["/staff/review", "/staff/clients", "/staff/clients/1", "/staff/letters"]


def must_offer_help(page):
    foot = page.locator("footer")
    assert foot.get_by_role("link", name="988").get_attribute("href") == "tel:988"
    assert foot.get_by_role("link", name="911").get_attribute("href") == "tel:911"
    assert "(443) 555-0142" in foot.inner_text()
    press(foot.get_by_role("link", name="Help"))
    assert page.locator("h1").inner_text() == "Help"
    said = page.locator("main").inner_text()
    assert "Monday to Friday" in said and "(443) 555-0142" in said and "988" in said


@pytest.mark.parametrize("place", SIGNED_OUT)
def test_signed_out(phone, place):
    phone.goto(place)
    must_offer_help(phone)


@pytest.mark.parametrize("place", CLIENT)
def test_a_client(phone, place):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto(place)
    must_offer_help(phone)


@pytest.mark.parametrize("place", STAFF)
def test_staff(phone, place):
    sign_in(phone, "priya@harborlane.example")
    phone.goto(place)
    must_offer_help(phone)


def test_an_answer_opens_without_javascript(phone):
    phone.goto("/help")
    first = phone.locator("details").first
    assert first.get_attribute("open") is None
    first.locator("summary").click()
    assert first.get_attribute("open") is not None

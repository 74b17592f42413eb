"""R7: from the dashboard, confirm or cancel the next appointment."""

import pytest

from tests.promise.conftest import press
from tests.promise.steps import arrive
from tests.promise.test_telehealth import A_VISIT, GONE, ROSA


@pytest.mark.parametrize("scripts", [False, True])
def test_the_next_appointment_is_confirmed_and_cancelled_from_home(opened, portal, scripts):
    portal.clear_the_way(60 * 50)
    portal.clear_the_way(60 * 24, 60 * 24, client=6)
    portal.sql(A_VISIT.format(minutes=60 * 50))
    try:
        page = opened(scripts=scripts)
        arrive(page, ROSA)
        card = page.locator("#next")
        said = card.inner_text()
        assert "Your next appointment is at" in said and "Dr. Ngozi Okafor" in said and "Booked" in said
        assert "Telehealth" in said and card.bounding_box()["y"] < page.locator(".tiles").bounding_box()["y"]
        here = card.get_by_role("link").first.get_attribute("href")
        press(card.get_by_role("button", name="Confirm"))
        page.get_by_text("You have confirmed your appointment.").wait_for()
        assert page.locator("h1").inner_text().endswith(", Rosita")
        assert "Confirmed" in card.inner_text() and not card.get_by_role("button", name="Confirm").count()
        press(card.get_by_role("link", name="Cancel"))
        page.get_by_label("Why, if you like to say").fill("Away")
        press(page.get_by_role("button", name="Yes, cancel it"))
        page.get_by_text("You cancelled this appointment").wait_for()
        press(page.locator("header .brand"))
        page.get_by_role("heading", name="Areas of your portal").wait_for(state="attached")
        assert not page.locator(f"#next a[href='{here}']").count()
    finally:
        portal.sql("DELETE FROM review_item WHERE kind = 'appointment.cancelled'")
        portal.sql(GONE)

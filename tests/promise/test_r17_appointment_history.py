"""R17: clients look back, by date, site, clinician and type of appointment."""

import pytest

from tests.promise.conftest import press
from tests.promise.steps import arrive

HISTORY = "/clients/1/appointments/history"


@pytest.mark.parametrize("scripts", [False, True])
def test_the_history_is_narrowed_and_turned(opened, scripts):
    """The demo has a year of visits."""
    page = opened(scripts=scripts, width=1280)
    arrive(page, "maya.reyes@example.com")
    page.goto("/clients/1/appointments")
    press(page.get_by_role("link", name="Appointment History"))
    page.locator("#history tbody tr").first.wait_for()
    everything = int(page.locator("#found-h").inner_text().split()[0])
    assert everything >= 26 and page.locator("#history tbody tr").count() == 25
    press(page.get_by_role("link", name="Older"))
    page.get_by_role("link", name="Newer").wait_for()
    assert page.locator("#history tbody tr").count() == everything - 25
    page.goto(HISTORY)
    for name in ("Site", "Clinician", "Status"):
        assert page.get_by_label(name).locator("option").count() >= 2
    page.get_by_label("Appointment Type").select_option("Check-in call")
    if not scripts:
        press(page.get_by_role("button", name="Show"))
    page.locator("#found-h", has_not_text=f"{everything} ").wait_for()
    kinds = page.locator("#history tbody td:nth-of-type(1)").all_inner_texts()
    assert len(kinds) >= 4 and {kind.split(",")[0] for kind in kinds} == {"Check-in call"}
    assert "type=" in page.url
    page.get_by_label("Date start").fill("2001-01-01")
    page.get_by_label("Date end").fill("2001-12-31")
    press(page.get_by_role("button", name="Show"))
    page.get_by_text("No appointments match").wait_for()
    press(page.get_by_role("link", name="Clear filters"))
    page.locator("#found-h", has_text=f"{everything} appointments").wait_for()

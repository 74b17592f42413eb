"""Tell me if something earlier frees up: on the list, a time that comes free, taken or let pass."""

from tests.promise.conftest import press, sign_in
from tests.promise.test_r15_staff_answer_requests import PRIYA

ROSA = "rosa.delgado@example.com"
OPENED = """
    INSERT INTO special_hours (clinician, site, first_day, last_day, begins, ends, is_open, contact_types, note)
    SELECT 2, 1, d, d, {begins}, {begins} + 60, true, ARRAY['telehealth'], ''
      FROM (SELECT current_date + 12 - extract(dow FROM current_date)::int AS d) AS friday
"""
LOOK = """
from portal.access import Viewer
from portal.waitlist.actions import offers
from tasks.cli.running import run
run(lambda: offers.offer_next(Viewer.portal("wait list")))
"""


def test_what_comes_free_is_kept_let_pass_and_taken(portal, phone, opened):
    """The demo's Rosa waits for evenings on Monday, Wednesday or Friday with Dr. Okafor, who has none."""
    sign_in(phone, ROSA)
    phone.goto("/clients/6/appointments")
    assert "You are on the wait list for Individual session" in phone.locator("main").inner_text()
    letters = len(portal.letters(ROSA))
    comes_free(portal, 1020)
    letter = portal.letter(ROSA, beside=letters)
    assert "/clients/6/wait-list/offers/" in letter and "kept for you until" in letter and "Eastern Time" in letter
    assert "session" not in letter and "Okafor" not in letter and "appointment" not in letter.lower()
    phone.goto("/clients/6")
    press(phone.get_by_role("link", name="A time has come free for you"))
    assert "It is kept for you until" in phone.locator("main").inner_text()
    press(phone.get_by_role("button", name="No, thanks, keep waiting"))
    assert "You keep your place on the wait list" in phone.locator("#flashes").inner_text()

    comes_free(portal, 1140)
    phone.goto("/clients/6/wait-list")
    press(phone.get_by_role("link", name="Take a look"))
    assert "7:00" in phone.locator(".facts").inner_text()
    press(phone.get_by_role("button", name="Take this time"))
    assert "Your appointment is booked" in phone.locator("main").inner_text()
    phone.goto("/clients/6/wait-list")
    assert "You are not on the wait list" in phone.locator("main").inner_text()


def comes_free(portal, begins: int) -> None:
    """As when somebody cancels, or the clinician stays longer."""
    portal.sql(OPENED.format(begins=begins))
    portal.work(LOOK)


def test_one_joins_from_the_picker_staff_see_it_and_one_leaves(portal, phone, opened):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto("/clients/1/appointments/book/time?type=1&how=telehealth")
    press(phone.get_by_role("link", name="Tell me if something earlier frees up"))
    press(phone.get_by_role("button", name="Put me on the wait list"))
    assert "These times are free now" in phone.locator("main").inner_text()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        phone.get_by_label(day).uncheck()
    phone.get_by_label("Sunday").check()
    press(phone.get_by_role("button", name="Put me on the wait list"))
    assert "You are on the wait list" in phone.locator("#flashes").inner_text()
    assert "Sun" in phone.locator(".facts").inner_text()
    staff = opened(width=1280)
    sign_in(staff, PRIYA)
    staff.goto("/staff/schedule")
    press(staff.get_by_role("link", name="Wait list"))
    assert "Maya Reyes" in staff.locator("#waiting").inner_text()
    press(phone.get_by_role("button", name="Leave the wait list"))
    assert "You are not on the wait list" in phone.locator("main").inner_text()

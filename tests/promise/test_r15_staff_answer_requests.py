"""R15: staff approve or decline a request for an appointment, and the client learns which."""

from tests.promise.conftest import press, sign_in
from tests.promise.steps import desk_of
from tests.promise.test_r14_pick_a_time import MAYA, TIMES, pick

PRIYA = "priya@harborlane.example"


def asked_for(page, place: int, words: str, weeks: int = 1) -> str:
    """Sends a request with these words, so many weeks from now; returns the time."""
    page.goto(TIMES)
    for _ in range(weeks):
        press(page.get_by_role("link", name="Later"))
    said = pick(page, place)
    press(page.get_by_role("button", name="Continue"))
    page.get_by_label("Anything the practice should know?").fill(words)
    press(page.get_by_role("button", name="Request Appointment"))
    return said


def open_request(staff, said: str) -> None:
    desk_of(staff, said.replace("\u00a0", " "))


def test_one_is_approved_and_one_is_declined_and_the_client_reads_both(portal, opened):
    client, staff = opened(), opened(width=1280)
    sign_in(client, MAYA)
    first = asked_for(client, 1, "One to approve", weeks=6)
    approved = client.url
    second = asked_for(client, 3, "One to decline", weeks=6)
    declined = client.url
    letters = len(portal.letters(MAYA))
    sign_in(staff, PRIYA)
    staff.goto("/staff" + approved.partition("/clients/1")[2])
    assert "One to approve" in staff.locator("#detail").inner_text() and first in staff.locator("#detail").inner_text()
    press(staff.get_by_role("button", name="Approve and open next"))
    assert "The appointment is booked" in staff.locator("#flashes").inner_text()
    staff.goto("/staff" + declined.partition("/clients/1")[2])
    assert first in staff.locator("#request table").inner_text() and second in staff.locator("#detail").inner_text()
    staff.locator("#decide summary").click()
    press(staff.get_by_role("button", name="Decline this request"))
    assert "choose a reason, or write one" in staff.locator("#errors").inner_text()
    staff.get_by_label("Common reasons").select_option("clinician")
    press(staff.get_by_role("button", name="Decline this request"))
    assert "Declined. The client is told why." in staff.locator("#flashes").inner_text()

    letter = portal.letter(MAYA, beside=letters + 1)
    assert "/clients/1/appointments/" in letter and "session" not in letter and "Okafor" not in letter
    client.goto("/clients/1")
    assert "Choose another time for your appointment" in client.locator("#todo").inner_text()
    client.goto(approved)
    assert "The practice has booked what you asked for" in client.locator("main").inner_text()
    client.goto(declined)
    assert "The clinician cannot be there at that time" in client.locator("main").inner_text()
    client.goto("/clients/1")
    assert "Choose another time for your appointment" not in client.locator("main").inner_text()


def test_clients_do_not_see_the_desk_of_requests(phone):
    sign_in(phone, MAYA)
    assert phone.request.get("/staff/appointments/1").status == 404

"""Good Faith Estimate, without scripts: staff give one, the client reads it, takes it along, and asks for another."""

import subprocess
from pathlib import Path

from playwright.sync_api import Page

from tests.promise.conftest import Portal, press, sign_in

MAYA, PRIYA = "maya.reyes@example.com", "priya@harborlane.example"
ESTIMATES = "/clients/1/account/estimates"
A_VISIT = """
INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from, busy_until,
                         time_zone, state, holds, version, made_at)
SELECT c.id, c.principal_clinician, (SELECT min(id) FROM site), (SELECT min(id) FROM appointment_type), 'in_person',
       told.at, told.at + interval '50 min', told.at, told.at + interval '50 min', 'America/New_York', 'booked', true,
       1, now()
  FROM client c, (SELECT now() + interval '187 days' AS at) AS told WHERE c.id = 1
"""
RIGHTS = ("only an estimate", "not a contract", "at least $400 more", "www.cms.gov/nosurprises")


def a_visit(portal: Portal) -> str:
    """Of Maya's, half a year from now, whatever other tests did to those of the demo."""
    return portal.sql(A_VISIT, "SELECT max(id) FROM appointment WHERE client = 1")


def the_pdf(page: Page, folder: Path) -> str:
    """The words of what the button brings; where it is not made yet, the page that says so is loaded again."""
    downloads: list[Path] = []
    page.on("download", lambda one: (one.save_as(folder / "estimate.pdf"), downloads.append(folder / "estimate.pdf")))
    page.get_by_role("button", name="Get a PDF").click()
    for _ in range(60):
        page.wait_for_timeout(500)
        if downloads:
            break
        link = page.locator("a[href$='/file']")
        if link.count():
            link.first.click()
        elif "/papers/" in page.url:
            page.reload()
    return subprocess.run(["pdftotext", "-layout", downloads[0], "-"], capture_output=True, text=True).stdout


def test_staff_give_one_and_the_client_reads_it_takes_it_along_and_asks_for_another(portal, opened, tmp_path):
    staff = sign_in(opened(width=1280), PRIYA)
    staff.goto(f"/staff/schedule/visits/{a_visit(portal)}")
    before = len(portal.letters(MAYA))
    press(staff.get_by_role("link", name="Good Faith Estimate"))
    assert (
        staff.get_by_label("What it is for").input_value() and "For the visit on" in staff.locator("main").inner_text()
    )
    press(staff.get_by_role("button", name="Give it"))
    assert "Choose a service of the fee schedule" in staff.locator("#errors").inner_text()
    staff.get_by_label("What", exact=True).select_option(index=1)
    staff.get_by_label("Expected charge for one").fill("180")
    press(staff.get_by_role("button", name="Give it"))
    assert "Given by Priya Raman" in staff.locator("main").inner_text()
    letter = portal.letter(MAYA, beside=before)
    assert "Something waits for you in the portal" in letter and "Good Faith" not in letter and "180" not in letter

    phone = sign_in(opened(), MAYA)
    phone.goto(ESTIMATES)
    press(phone.locator(".rows a").first)
    said = phone.locator("main").inner_text()
    assert "$180.00" in said and "Maya Reyes" in said and all(one in said for one in RIGHTS)
    told = " ".join(the_pdf(phone, tmp_path).split())
    assert "$180.00" in told and "NPI" in told and all(one in told for one in RIGHTS)

    phone.goto(ESTIMATES)
    press(phone.get_by_role("link", name="Request an estimate"))
    press(phone.get_by_role("button", name="Send"))
    assert "Say what you would like to know the cost of" in phone.locator("#errors").inner_text()
    phone.get_by_label("What for?").fill("Ten more sessions, every week")
    press(phone.get_by_role("button", name="Send"))
    assert "You can expect it by" in phone.locator("main").inner_text()
    staff.goto("/staff/review?sort=newest")
    press(staff.get_by_role("link").filter(has_text="Good Faith Estimate that was asked for").first)
    assert staff.get_by_label("Ten more sessions, every week").is_checked()

"""R19: clients take their history along as Excel, exactly what is filtered."""

from pathlib import Path

from tests.appointments.test_history import rows_in
from tests.promise.conftest import press, sign_in


def test_what_is_filtered_is_downloaded(phone):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto("/clients/1/appointments/history")
    phone.get_by_label("Status").select_option("No show")
    press(phone.get_by_role("button", name="Show"))
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download as Excel").click()
    assert download.value.suggested_filename.startswith("appointments-")
    assert download.value.suggested_filename.endswith(".xlsx")
    header, *rows = rows_in(Path(download.value.path()).read_bytes())
    assert header[0] == "Date" and header[-1] == "Status"
    assert [(row[4], row[6], row[8]) for row in rows] == [("Individual session", "Dr. Ngozi Okafor", "No show")]
    shown = phone.locator("#history tbody th").inner_text()
    assert f"{int(rows[0][1][:2]) % 12 or 12}:{rows[0][1][3:]}" in shown

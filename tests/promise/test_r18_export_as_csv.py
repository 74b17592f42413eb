"""R18: clients take their history along as CSV, exactly what is filtered."""

import csv

from tests.promise.conftest import press, sign_in


def test_what_is_filtered_is_downloaded(phone):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto("/clients/1/appointments/history")
    phone.get_by_label("Status").select_option("No show")
    press(phone.get_by_role("button", name="Show"))
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("appointments-")
    with open(download.value.path(), newline="", encoding="utf-8-sig") as file:
        header, *rows = list(csv.reader(file))
    assert header[0] == "Date" and header[-1] == "Status"
    assert [(row[4], row[6], row[8]) for row in rows] == [("Individual session", "Dr. Ngozi Okafor", "No show")]

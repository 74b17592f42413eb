"""R10: a client keeps the people who belong to their care: family, and who else treats them."""

import re

from tests.promise.conftest import press, sign_in
from tests.promise.steps import CLIENT, open_edit, section, send


def test_a_primary_care_provider_is_added_with_the_practice_they_work_at(phone):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto(f"{CLIENT}/related")
    press(phone.get_by_role("link", name="Edit"))
    press(phone.get_by_role("button", name="Add a person"))
    new = phone.locator("fieldset.entry").last
    new.get_by_label(re.compile("^Kind")).select_option("medical")
    new.get_by_label("First name").fill("Alan")
    new.get_by_label("Last name").fill("Whitcombe")
    new.get_by_label("Relationship").fill("Primary care provider")
    new.get_by_label("Practice or organization").fill("Bayside Family Medicine")
    send(phone)
    told = section(phone, "related").inner_text()
    assert "Alan Whitcombe" in told and "Bayside Family Medicine" in told and "With the practice" in told
    phone.goto(CLIENT)
    assert "With the practice" in section(phone, "related").inner_text()


def test_somebody_in_whom_nothing_is_said_is_nobody(phone):
    sign_in(phone, "maya.reyes@example.com")
    phone.goto(f"{CLIENT}/related")
    if phone.get_by_role("button", name="Take back this change").count():
        press(phone.get_by_role("button", name="Take back this change"))
    open_edit(phone, "related")
    press(phone.get_by_role("button", name="Add a person"))
    send(phone)
    assert "Change something first" in phone.locator("#errors").inner_text()

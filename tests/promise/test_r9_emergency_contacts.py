"""R9: a client names whom to call in an emergency."""

from tests.promise.conftest import press, sign_in
from tests.promise.steps import open_edit, section, send


def test_a_contact_is_added(phone):
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "emergency")
    press(phone.get_by_role("button", name="Add an emergency contact"))
    new = phone.locator("fieldset.entry").last
    new.get_by_label("First name").fill("Ines")
    send(phone)
    assert phone.locator("#errors a").all_inner_texts() == [
        "Enter the last name",
        "Say who this person is",
        "Enter a phone number with its area code",
    ]
    new = phone.locator("fieldset.entry").last
    assert new.get_by_label("First name").input_value() == "Ines"
    name(new)
    send(phone)
    told = section(phone, "emergency").inner_text()
    assert "Ines Cordero New" in " ".join(told.split()) and "(410) 555-0177" in told and "With the practice" in told
    press(phone.get_by_role("button", name="Take back this change"))


def name(entry) -> None:
    for label, value in (("First name", "Ines"), ("Last name", "Cordero"), ("Relationship", "Sister")):
        entry.get_by_label(label).fill(value)
    entry.get_by_label("Phone").fill("410 555 0177")


def test_it_is_changed_again_and_then_removed(phone):
    """The second request takes the place of the first."""
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "emergency")
    press(phone.get_by_role("button", name="Add an emergency contact"))
    name(phone.locator("fieldset.entry").last)
    send(phone)
    press(phone.get_by_role("link", name="Change it again"))
    press(phone.locator("fieldset.entry").last.get_by_role("button", name="Remove"))
    press(phone.locator("fieldset.entry").last.get_by_role("button", name="Remove"))
    send(phone)
    told = section(phone, "emergency").inner_text()
    assert "To be removed" in told and "Ines" not in told
    press(phone.get_by_role("button", name="Take back this change"))
    assert "To be removed" not in section(phone, "emergency").inner_text()

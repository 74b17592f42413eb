"""One reader of phone numbers: what people type must be callable; what other systems send is looked at part by part."""

import pytest

from portal import phones


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("(443) 555-0142", "+14435550142"),
        ("443.555.0142", "+14435550142"),
        ("+1 443 555 0142", "+14435550142"),
        ("+52 55 1234 5678", "+525512345678"),
        ("443 555 01", None),
        ("555-0100", None),
        ("123-456-7890", None),
        ("443 555 0142 x12", None),
        ("ask my mother", None),
        ("", None),
    ],
)
def test_what_a_person_types_is_a_number_that_can_be_called_whole(typed, kept):
    assert phones.e164(typed) == kept


def test_what_another_system_sends_may_be_in_no_plan():
    phone = phones.read("555-981-8755")
    assert phone and (phone.e164, phone.is_possible, phone.is_valid) == ("+15559818755", True, False)
    extended = phones.read("617-555-0101 x12")
    assert extended and extended.has_extension and phones.read("ask my mother") is None

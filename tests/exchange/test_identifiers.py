"""Which identifiers may be a key."""

from datetime import date

import pytest
from msgspec import convert

from portal.exchange.fhir import Identifier, Patient, Practitioner
from portal.exchange.identifiers import best, is_allowed, row_key, secrets, shown
from portal.practice.identifiers import is_npi
from tests.exchange.samples import NPI, SYNTHEA, identifier, patient, practitioner, secret_identifiers

TODAY = date(2026, 11, 23)


def key_of(*identifiers: dict[str, object]) -> tuple[str, str] | None:
    found = best(convert(patient(identifier=identifiers), Patient), TODAY)
    return (found.system, found.value) if found else None


def test_a_record_number_comes_before_everything_else() -> None:
    ids = [identifier("u-1", system=SYNTHEA), *secret_identifiers(), identifier("M-9", "MR"), identifier("I-1", "PI")]
    assert key_of(*ids) == ("http://ehr.example/ids", "M-9")


def test_without_a_record_number_a_typed_one_then_one_of_an_innocent_system() -> None:
    untyped = identifier("u-1", system=SYNTHEA)
    assert key_of(untyped, identifier("I-1", "PI", use="secondary"), identifier("I-2", "PI", use="official")) == (
        "http://ehr.example/ids", "I-2",
    )  # fmt: skip
    assert key_of(*secret_identifiers(), untyped) == (SYNTHEA, "u-1")


@pytest.mark.parametrize(
    "denied",
    [
        *secret_identifiers(),
        identifier("123456789", system="http://hl7.org/fhir/sid/us-ssn"),
        identifier("123456789", system="urn:oid:2.16.840.1.113883.4.1"),
        identifier("123456789", "MR", system="http://hl7.org/fhir/sid/us-ssn"),
        identifier("123-45-6789"),
        identifier("123 45 6789", "MR"),
        identifier("A1", system="urn:oid:2.16.840.1.113883.4.330.840"),
        identifier("A1", system="https://dmv.example/drivers-license"),
        identifier("A1", type={"text": "Social Security Number"}),
        identifier("A1", type={"text": "Passport"}),
        identifier("1EG4-TE5-MK73", system="http://hl7.org/fhir/sid/us-mbi"),
        identifier("A1", "TAX"),
        {"value": "no system"},
        identifier(" "),
        identifier("M-0", "MR", use="old"),
        identifier("M-0", "MR", period={"end": "2020"}),
    ],
)
def test_a_number_that_must_not_be_kept_is_no_key(denied: dict[str, object]) -> None:
    assert key_of(denied) is None


def test_an_end_later_this_year_is_not_over() -> None:
    assert key_of(identifier("M-0", "MR", period={"end": "2026"})) is not None


@pytest.mark.parametrize(
    "innocent", ["http://socialcare.example.org", "https://ehr.example/class", "urn:oid:1.2.3.4.1"]
)
def test_an_innocent_system_is_not_denied_for_its_letters(innocent: str) -> None:
    assert is_allowed("patient", Identifier(system=innocent, value="A1"))


def test_a_patient_is_never_known_by_an_address_that_another_system_may_use_too() -> None:
    nameless = convert(patient(identifier=secret_identifiers(), id="1"), Patient)
    assert row_key(nameless, "", "", False, TODAY) is None
    assert row_key(nameless, "urn:uuid:1", "", False, TODAY) is None
    assert row_key(nameless, "https://ehr.example/Patient/1", "https://ehr.example/", False, TODAY) == (
        "patient", "https://ehr.example/", "Patient/1",
    )  # fmt: skip


@pytest.mark.parametrize("number", ["1245319599", "1234567893"])
def test_an_npi_is_known_by_its_check_digit(number: str) -> None:
    assert is_npi(number)


@pytest.mark.parametrize("number", ["0", "620", "1245319598", "12345678930", "", "abcdefghij", "１２４５３１９５９９"])
def test_what_is_no_npi_is_not_taken_for_one(number: str) -> None:
    assert not is_npi(number)


def test_a_practitioner_is_known_by_npi_first() -> None:
    found = convert(practitioner(identifier=[identifier("25456"), identifier("620", system=NPI)]), Practitioner)
    assert row_key(found, "", "", False, TODAY) == ("practitioner", NPI, "620")


def test_secrets_are_compared_without_their_hyphens() -> None:
    numbers = [convert(one, Identifier) for one in [*secret_identifiers(), identifier("M-1", "MR")]]
    assert secrets(numbers) == {"999688566", "S99973062", "X19986051X"}


@pytest.mark.parametrize(
    ("reference", "printed"),
    [
        ("Practitioner/12", "Practitioner/12"),
        ("Patient?identifier=http://hl7.org/fhir/sid/us-ssn|999-68-8566", "Patient?…"),
        ("Patient/999-68-8566", "Patient/…"),
        ("Patient/999688566", "Patient/…"),
        ("Patient/\x1b[31m1", "Patient/[31m1"),
        ("urn:uuid:ec06fc71-7541-44d0-80cf-6b0eec00ab3b", "urn:uuid:ec06fc71-7541-44d0-80cf-6b0eec00ab3b"),
    ],
)
def test_a_reference_is_printed_without_what_it_asks_for(reference: str, printed: str) -> None:
    assert shown(reference) == printed

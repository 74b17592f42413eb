"""Patient → chart: names, birth dates, deaths, ways to reach."""

from datetime import date
from typing import Any

import pytest
from msgspec import convert

from portal.exchange.drafts import PatientDraft
from portal.exchange.fhir import Patient
from portal.exchange.identifiers import Key
from portal.exchange.mapping.patients import chart
from portal.exchange.report import Place, Report
from tests.exchange.samples import Json, patient, told

TODAY = date(2026, 11, 23)


def drafted(**more: Any) -> tuple[PatientDraft | None, Report]:
    report = Report()
    found = convert(patient(**more), Patient)
    return chart(Place("a.json"), Key("patient", "s", "M-1"), found, TODAY, report), report


def fields(**more: Any) -> dict[str, Any]:
    draft, _ = drafted(**more)
    assert draft is not None
    return draft.fields


def name(use: str, family: str, *given: str, **more: object) -> Json:
    return {"use": use, "family": family, "given": list(given), **more}


def test_the_official_name_is_taken_apart_and_keeps_accents_and_digits() -> None:
    told_of = fields()
    assert (told_of["given_name"], told_of["middle_name"], told_of["family_name"]) == ("Agustín", "Laurie123", "Mejía")
    assert told_of["record_number"] == "M-1"


def test_a_name_that_has_ended_is_not_used() -> None:
    ended = name("official", "Shaw", "Amy", period={"end": "2020-07-22"})
    assert fields(name=[ended, name("usual", "Baxter", "Amy", "V.", suffix=["PharmD"])]).items() >= {
        "given_name": "Amy", "middle_name": "V.", "family_name": "Baxter", "suffix": "PharmD",
    }.items()  # fmt: skip


def test_the_legal_name_comes_before_the_usual_one_which_says_what_to_call_them() -> None:
    told_of = fields(name=[name("usual", "Baxter", "Sam"), name("official", "Baxter", "Samantha")])
    assert (told_of["given_name"], told_of["preferred_name"]) == ("Samantha", "Sam")
    assert fields(name=[name("official", "Li", "Wei"), {"use": "nickname", "text": "Vi"}])["preferred_name"] == "Vi"


def test_an_old_or_hidden_name_is_no_name() -> None:
    draft, report = drafted(name=[name("old", "Shaw", "Amy"), name("anonymous", "Doe", "J")])
    assert draft is None
    assert told(report) == ["the patient has no name: enter one where it came from"]


@pytest.mark.parametrize("names", [[], [{}], [{"family": " . "}], [{"given": [None]}], [{"text": "\u202e"}]])
def test_a_patient_without_a_letter_to_the_name_is_an_error(names: list[Json]) -> None:
    draft, report = drafted(name=names)
    assert draft is None and report.has_errors


def test_a_name_given_as_one_text_is_taken_apart_and_noticed() -> None:
    draft, report = drafted(name=[{"text": "Amy V. Shaw"}])
    assert draft is not None
    assert (draft.fields["given_name"], draft.fields["middle_name"], draft.fields["family_name"]) == (
        "Amy",
        "V.",
        "Shaw",
    )
    assert told(report) == ["the name is one text: its last word was taken for the family name"]


def test_a_person_with_one_name_has_a_family_name() -> None:
    assert fields(name=[{"given": ["Suharto"]}])["family_name"] == "Suharto"


def test_letters_are_composed_and_nothing_invisible_comes_in() -> None:
    told_of = fields(name=[{"family": "Nu\u0301n\u0303ez\x00\u202e", "given": ["李\u3000小龍 ", "\ufeffZoe\u0308"]}])
    assert (told_of["family_name"], told_of["given_name"], told_of["middle_name"]) == ("Núñez", "李 小龍", "Zoë")


def test_a_name_that_is_too_long_is_cut_and_told() -> None:
    draft, report = drafted(name=[name("official", "x" * 300, "Amy")])
    assert draft is not None
    assert len(draft.fields["family_name"]) == 100
    assert told(report, "problem") == ["the family name is longer than 100 characters: it was cut"]


@pytest.mark.parametrize("born", ["1987", "1987-02"])
def test_a_partial_birth_date_is_an_error(born: str) -> None:
    draft, report = drafted(birthDate=born)
    assert draft is None
    assert told(report, "error") == ["the birth date is incomplete: the chart needs the full date before portal access"]


@pytest.mark.parametrize("born", ["2026-11-24", "1066-10-14", "2026-02-30", "20.02.1987", "1987-2-3", "today"])
def test_an_impossible_birth_date_is_an_error(born: str) -> None:
    draft, report = drafted(birthDate=born)
    assert draft is None and report.has_errors


def test_without_a_birth_date_there_is_a_chart_and_a_notice() -> None:
    draft, report = drafted(birthDate="")
    assert draft is not None and "birth_date" not in draft.fields
    assert told(report, "notice") == ["there is no birth date: the chart needs one before portal access"]


def test_the_day_of_death_is_the_one_on_the_clock_of_its_place() -> None:
    assert fields(deceasedDateTime="2020-07-04T23:30:00-05:00")["deceased_on"] == date(2020, 7, 4)


@pytest.mark.parametrize(
    ("death", "by"),
    [
        ({"deceasedBoolean": True}, TODAY),
        ({"deceasedDateTime": "2020-02"}, date(2020, 2, 29)),
        ({"deceasedDateTime": "2026"}, TODAY),
        ({"deceasedDateTime": "2030-01-01"}, TODAY),
    ],
)
def test_a_death_without_its_day_still_counts(death: Json, by: date) -> None:
    draft, report = drafted(**death)
    assert draft is not None and draft.died_by == by
    assert told(report, "notice") == [
        "the patient has died, but the date is not given: the latest possible day stands for it"
    ]


def test_what_systems_say_by_default_revives_and_opens_nothing() -> None:
    assert not {"deceased_on", "is_active"} & fields(deceasedBoolean=False, active=True).keys()
    assert fields(active=False)["is_active"] is False


def test_what_is_not_said_is_not_in_the_draft() -> None:
    assert set(fields(gender="")) == {"record_number", "given_name", "middle_name", "family_name", "birth_date"}


def test_sex_is_the_administrative_one_or_what_us_core_says() -> None:
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
    snomed = {"url": url + "individual-sex", "valueCoding": {"code": "248152002"}}
    assert fields(gender="other", extension=[snomed])["sex"] == "other"
    assert fields(gender="", extension=[snomed])["sex"] == "female"
    assert fields(gender="", extension=[{"url": url + "birthsex", "valueCode": "M"}])["sex"] == "male"
    assert "sex" not in fields(gender="banana")


def test_the_language_is_the_preferred_one_or_the_only_one() -> None:
    english = {"language": {"coding": [{"code": "en"}]}}
    spanish = {"language": {"coding": [{"code": "es"}]}}
    assert fields(communication=[english, {**spanish, "preferred": True}])["language"] == "es"
    assert fields(communication=[spanish])["language"] == "es"
    assert "language" not in fields(communication=[english, spanish])


def test_marital_status_is_a_word() -> None:
    assert fields(maritalStatus={"coding": [{"code": "S"}]})["marital_status"] == "never married"
    assert fields(maritalStatus={"text": "it is complicated"})["marital_status"] == "it is complicated"


def test_phones_are_e164_where_they_can_be_read() -> None:
    draft, report = drafted(
        telecom=[
            {"system": "phone", "value": "555-981-8755", "use": "home", "rank": 2},
            {"system": "sms", "value": "(+1) 978 687-0156", "rank": 1},
            {"system": "phone", "value": "ask my mother"},
            {"system": "phone", "value": "617-555-0101 x12", "use": "work"},
            {"system": "phone", "value": "1", "use": "work"},
            {"system": "phone", "value": "+15559818755", "use": "work"},
            {"system": "phone", "value": "617-555-0102", "use": "old"},
            {"system": "fax", "value": "617-555-0103"},
        ]
    )
    assert draft is not None
    assert [(one.fields["number"], one.fields["kind"]) for one in draft.phones] == [
        ("+19786870156", "mobile"),
        ("+15559818755", "home"),
        ("ask my mother", "other"),
        ("617-555-0101 x12", "work"),
        ("1", "work"),
    ]
    assert len(told(report, "notice")) == 3 and report.exit_code == 0


def test_emails_are_checked_and_told_apart_without_case() -> None:
    draft, report = drafted(
        telecom=[
            {"system": "email", "value": "Amy.Shaw@Example.com", "use": "work"},
            {"system": "email", "value": "amy.shaw@example.com"},
            {"system": "email", "value": "not an address"},
        ]
    )
    assert draft is not None
    assert [one.fields for one in draft.emails] == [
        {"kind": "work", "address": "Amy.Shaw@example.com", "address_key": "amy.shaw@example.com"}
    ]
    assert told(report) == ["an e-mail address is not one: it was left out"]


def test_addresses_in_use_are_kept_one_of_each_kind() -> None:
    draft, _ = drafted(
        address=[
            {"use": "old", "line": ["49 MEADOW ST"]},
            {"line": ["49 MEADOW ST"], "period": {"end": "2020-07-22"}},
            {"line": ["183 MOUNTAIN VIEW ST", "Apt 3", "c/o Shaw"], "city": "MOUNDS", "state": "OK", "country": "USA"},
            {"use": "home", "line": ["second home"]},
            {"type": "postal", "text": "P.O. Box 7, Łódź", "country": "PL"},
        ]
    )
    assert draft is not None
    columns = ("kind", "street", "street_2", "country")
    assert [tuple(one.fields[column] for column in columns) for one in draft.addresses] == [
        ("home", "183 MOUNTAIN VIEW ST", "Apt 3, c/o Shaw", "US"),
        ("mailing", "P.O. Box 7, Łódź", "", "PL"),
    ]

"""Related people and coverages: whose they are, and that they come in once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert

from portal.clients.tables import Coverage, RelatedPerson
from portal.exchange.drafts import Link
from portal.exchange.fhir import RelatedPerson as FhirRelatedPerson
from portal.exchange.identifiers import Key
from portal.exchange.mapping import belongings
from portal.exchange.report import Place, Report
from tests.exchange.samples import (
    SSN,
    Json,
    bundle,
    counts,
    coverage,
    identifier,
    imported,
    patient,
    related_person,
    told,
    write,
)

in_database = pytest.mark.usefixtures("db")
V2, ROLE = "http://terminology.hl7.org/CodeSystem/v2-0131", "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
MINE = "urn:uuid:p-M-1"


def role(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


async def people() -> list[tuple[Any, ...]]:
    rows = await RelatedPerson.objects().order_by(RelatedPerson.id)
    return [(one.name, one.kind, one.relationship, one.is_emergency_contact) for one in rows]


@pytest.mark.parametrize(
    ("relationship", "kind", "words", "is_emergency"),
    [
        ([role(V2, "C", "Emergency Contact")], "custom", "", True),
        ([role(ROLE, "NIECE", "niece")], "family", "niece", False),
        ([role(V2, "C"), role(ROLE, "MTH", "mother")], "family", "mother", True),
        ([role(V2, "N", "Next-of-Kin")], "family", "Next-of-Kin", False),
        ([role(V2, "N")], "family", "next of kin", False),
        ([role(ROLE, "FRND", "unrelated friend")], "custom", "unrelated friend", False),
        ([role(ROLE, "GUARD", "guardian")], "custom", "guardian", False),
        ([{"text": "Step-mother"}], "family", "Step-mother", False),
        ([{"text": "his Mother"}], "family", "his Mother", False),
        ([role(V2, "U")], "custom", "", False),
        ([], "family", "", False),
    ],
)
def test_what_a_person_is_to_the_client(relationship: list[Json], kind: str, words: str, is_emergency: bool) -> None:
    found = convert(related_person(MINE, relationship=relationship), FhirRelatedPerson)
    owner = Link(Key("patient", "s", "M-1"), "")
    draft = belongings.related_person(Place("a.json"), None, owner, found, date(2026, 11, 23), Report())
    assert draft is not None
    told_of = {"kind": "family", "relationship": "", "is_emergency_contact": False, **draft.fields}
    assert (told_of["kind"], told_of["relationship"], told_of["is_emergency_contact"]) == (kind, words, is_emergency)


@in_database
async def test_a_contact_and_a_related_person_of_one_name_are_one(tmp_path: Path) -> None:
    contact = {
        "name": {"text": "Sarah van Putten", "family": "Van Putten", "given": ["SARAH"]},
        "relationship": [role(V2, "C")],
    }
    file = write(
        tmp_path / "a.json",
        patient(contact=[contact]),
        related_person(MINE, relationship=[role(ROLE, "NIECE", "niece")]),
    )
    await imported(file)
    assert await people() == [("Sarah van Putten", "family", "niece", True)]
    assert counts(await imported(file))["RelatedPerson"] == (0, 0, 1, 1)


@in_database
async def test_a_person_entered_by_hand_is_completed_and_not_doubled(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient()))
    await RelatedPerson(client=1, given_name="sarah", family_name="van Putten", phone="+16175550101").save()
    report = await imported(write(tmp_path / "b.json", patient(), related_person(MINE)))
    assert counts(report)["RelatedPerson"] == (0, 1, 0, 0)
    assert await RelatedPerson.select(RelatedPerson.phone).output(as_list=True) == ["+16175550101"]


@in_database
async def test_father_and_son_of_one_name_are_two(tmp_path: Path) -> None:
    senior, junior = (related_person(MINE, identifier=[identifier(one)]) | {"id": one} for one in ("senior", "junior"))
    file = write(tmp_path / "a.json", patient(), senior, junior)
    assert counts(await imported(file))["RelatedPerson"] == (2, 0, 0, 0)
    assert counts(await imported(file))["RelatedPerson"] == (0, 0, 2, 0)


@in_database
async def test_one_mother_of_two_children_stands_in_both_charts(tmp_path: Path) -> None:
    mother = [identifier("M-77", "MR")]
    first, second = (
        related_person(f"urn:uuid:p-{one}", identifier=mother) | {"id": f"rel-{one}"} for one in ("M-1", "M-2")
    )
    file = write(tmp_path / "a.json", patient(), patient("M-2", birthDate="2015-01-01"), first, second)
    assert counts(await imported(file))["RelatedPerson"] == (2, 0, 0, 0)
    assert counts(await imported(file))["RelatedPerson"] == (0, 0, 2, 0)


@in_database
async def test_a_person_removed_by_hand_comes_again_and_stays_known(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", patient(), related_person(MINE))
    await imported(file)
    await RelatedPerson.delete(force=True)
    assert counts(await imported(file))["RelatedPerson"] == (1, 0, 0, 0)
    assert counts(await imported(file))["RelatedPerson"] == (0, 0, 1, 0)


@in_database
async def test_a_person_of_nobody_is_left_out_and_told(tmp_path: Path) -> None:
    report = await imported(
        write(tmp_path / "a.json", bundle(related_person("Patient/gone"), coverage("Patient/gone")))
    )
    assert told(report) == [
        "patient points to Patient/gone, which is in none of these files: left out",
        "beneficiary points to Patient/gone, which is in none of these files: left out",
    ]
    assert counts(report) == {"RelatedPerson": (0, 0, 0, 1), "Coverage": (0, 0, 0, 1)}
    assert report.exit_code == 1


@in_database
async def test_a_contact_without_a_name_is_left_out(tmp_path: Path) -> None:
    office = {"organization": {"display": "Salem Probate Court"}}
    gone = {"name": {"family": "Gone"}, "period": {"end": "2020"}}
    report = await imported(
        write(tmp_path / "a.json", patient(contact=[{"relationship": [role(V2, "C")]}, office, gone]))
    )
    assert told(report) == ["a related person has no name: left out"]
    assert [one[0] for one in await people()] == ["Salem Probate Court"]


@in_database
async def test_a_coverage_says_who_pays_for_whom_and_how_long(tmp_path: Path) -> None:
    classes = [
        {"type": {"coding": [{"code": "group"}]}, "value": "CB135", "name": "Corporate Baker's Inc."},
        {"type": {"coding": [{"code": "plan"}]}, "value": "gold", "name": "Acme Gold Plan"},
    ]
    insured = coverage(
        MINE, order=1, relationship={"coding": [{"code": "child"}], "text": "Child"},
        subscriber={"reference": "urn:uuid:rel-1"}, period={"start": "2020-03", "end": "2021"}, **{"class": classes},
    )  # fmt: skip
    await imported(write(tmp_path / "a.json", patient(), related_person(MINE), insured))
    row = await Coverage.objects().first()
    assert row is not None
    assert (row.payer, row.plan, row.group_number) == ("Acme Health Plan", "Acme Gold Plan", "CB135")
    assert (row.member_id, row.relationship, row.subscriber_name) == ("888009335", "child", "Sarah van Putten")
    assert (row.rank, row.starts_on, row.ends_on) == (1, date(2020, 3, 1), date(2021, 12, 31))


@in_database
async def test_coverages_within_claims_come_in_once(tmp_path: Path) -> None:
    inside = {
        "resourceType": "Coverage",
        "id": "coverage",
        "type": {"text": "private"},
        "beneficiary": {"reference": MINE},
    }
    claims = [
        {
            "resourceType": "ExplanationOfBenefit",
            "id": f"eob-{n}",
            "contained": [{**inside, "payor": [{"display": "private"}]}],
        }
        for n in range(3)
    ]
    file = write(tmp_path / "a.json", patient(), *claims)
    assert counts(await imported(file))["Coverage"] == (1, 0, 0, 2)
    assert counts(await imported(file))["Coverage"] == (0, 0, 1, 2)


@in_database
async def test_a_family_with_one_member_number_has_a_coverage_each(tmp_path: Path) -> None:
    number = [identifier("88800933501", "MB")]
    first, second = (coverage(f"urn:uuid:p-{one}", identifier=number) | {"id": f"c-{one}"} for one in ("M-1", "M-2"))
    file = write(tmp_path / "a.json", patient(), patient("M-2", birthDate="2015-01-01"), first, second)
    assert counts(await imported(file))["Coverage"] == (2, 0, 0, 0)
    assert counts(await imported(file))["Coverage"] == (0, 0, 2, 0)


@in_database
async def test_an_insurer_that_is_not_there_is_a_loss_only_without_its_name(tmp_path: Path) -> None:
    named = coverage(MINE, payor=[{"reference": "Organization/acme", "display": "Acme"}])
    nameless = coverage(MINE, payor=[{"reference": "Organization/acme"}], subscriberId="7") | {"id": "cov-2"}
    report = await imported(write(tmp_path / "a.json", patient(), named, nameless))
    assert told(report) == ["payor points to Organization/acme, which is in none of these files"]
    assert counts(report)["Coverage"] == (2, 0, 0, 0)


@in_database
@pytest.mark.parametrize("status", ["draft", "entered-in-error"])
async def test_a_coverage_that_is_none_is_left_out(tmp_path: Path, status: str) -> None:
    assert counts(await imported(write(tmp_path / "a.json", patient(), coverage(MINE, status=status))))["Coverage"] == (
        0,
        0,
        0,
        1,
    )


@in_database
async def test_a_member_number_that_is_a_social_security_number_is_not_kept(tmp_path: Path) -> None:
    report = await imported(write(tmp_path / "a.json", patient(), coverage(MINE, subscriberId=SSN)))
    assert told(report) == ["the subscriber's number is like a social security or licence number: it was not kept"]
    assert await Coverage.select(Coverage.member_id).output(as_list=True) == [""]


@in_database
async def test_a_strange_order_does_no_harm(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient(), coverage(MINE, order=10**12)))
    assert await Coverage.select(Coverage.rank).output(as_list=True) == [99]

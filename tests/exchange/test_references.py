"""Where references lead: within a bundle, into another file, into a container, to an earlier import, or nowhere."""

from pathlib import Path
from typing import Any

import pytest

from portal.clients.tables import Client, Coverage
from portal.practice.tables import StaffMember
from tests.exchange.samples import (
    NPI,
    Json,
    bundle,
    counts,
    coverage,
    imported,
    organization,
    patient,
    practitioner,
    told,
    write,
)

pytestmark = pytest.mark.usefixtures("db")
NOWHERE = "generalPractitioner points to {}, which is in none of these files"


def treated_by(reference: str | Json, **more: Any) -> Json:
    return patient(generalPractitioner=[{"reference": reference} if isinstance(reference, str) else reference], **more)


async def clinician_of_the_only_client() -> str:
    (row,) = await Client.select(Client.principal_clinician.family_name)
    return str(row["principal_clinician.family_name"] or "")


@pytest.mark.parametrize(
    ("base", "reference"),
    [
        ("urn:uuid:", "urn:uuid:d-1245319599"),
        ("urn:uuid:", "Practitioner/d-1245319599"),
        ("https://ehr.example/r4/", "Practitioner/d-1245319599"),
        ("https://ehr.example/r4/", "https://ehr.example/r4/Practitioner/d-1245319599"),
        ("https://ehr.example/r4/", "https://ehr.example/r4/Practitioner/d-1245319599/_history/3"),
        ("urn:uuid:", f"Practitioner?identifier={NPI}|1245319599"),
        ("urn:uuid:", "Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C1245319599"),
        ("urn:uuid:", "Practitioner?identifier=urn:oid:2.16.840.1.113883.4.6|1245319599"),
    ],
)
async def test_a_reference_within_a_bundle(tmp_path: Path, base: str, reference: str) -> None:
    report = await imported(write(tmp_path / "a.json", bundle(treated_by(reference), practitioner(), base=base)))
    assert not report.findings
    assert await clinician_of_the_only_client() == "Nurse"


async def test_a_reference_by_identifier_alone(tmp_path: Path) -> None:
    reference = {"identifier": {"system": NPI, "value": "1245319599"}}
    assert not (await imported(write(tmp_path / "a.json", treated_by(reference), practitioner()))).findings
    assert await clinician_of_the_only_client() == "Nurse"


async def test_a_reference_to_a_contained_practitioner(tmp_path: Path) -> None:
    inside = {**practitioner(), "id": "gp"}
    assert not (await imported(write(tmp_path / "a.json", treated_by("#gp", contained=[inside])))).findings
    assert await clinician_of_the_only_client() == "Nurse"


async def test_a_contained_practitioner_without_an_identifier_is_only_named(tmp_path: Path) -> None:
    inside = {**practitioner(identifier=[]), "id": "gp"}
    report = await imported(write(tmp_path / "a.json", treated_by("#gp", contained=[inside])))
    assert told(report) == ["contains a practitioner without an identifier: left out"]
    assert report.is_done
    assert not await StaffMember.exists()


async def test_a_reference_to_a_role_leads_to_the_person(tmp_path: Path) -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "urn:uuid:d-1245319599"}}
    await imported(write(tmp_path / "a.json", treated_by("urn:uuid:r"), role, practitioner()))
    assert await clinician_of_the_only_client() == "Nurse"


@pytest.mark.parametrize("reference", [f"Practitioner?identifier={NPI}|1245319599", "urn:uuid:d-1245319599"])
async def test_a_reference_into_another_file_of_the_same_import(tmp_path: Path, reference: str) -> None:
    one = write(tmp_path / "a.json", bundle(treated_by(reference)))
    assert not (await imported(one, write(tmp_path / "b.json", bundle(practitioner())))).findings
    assert await clinician_of_the_only_client() == "Nurse"


async def test_ndjson_files_of_one_export_refer_to_each_other(tmp_path: Path) -> None:
    files = (
        write(tmp_path / "Coverage.ndjson", coverage("Patient/p-M-1")),
        write(tmp_path / "Patient.ndjson", treated_by("Practitioner/d-1245319599")),
        write(tmp_path / "Practitioner.ndjson", practitioner()),
    )
    assert not (await imported(*files)).findings
    assert await clinician_of_the_only_client() == "Nurse"
    assert await Coverage.count() == 1


async def test_a_number_of_one_bundle_is_not_the_same_number_of_another(tmp_path: Path) -> None:
    """`Patient/1` is somebody else in every system: a coverage must not land in a stranger's chart."""
    mine = write(tmp_path / "a.json", bundle({**patient(), "id": "1"}, base="https://one.example/"))
    theirs = write(tmp_path / "b.json", bundle(coverage("Patient/1"), base="https://two.example/"))
    loose = write(tmp_path / "c.json", bundle({**coverage("Patient/1"), "id": "c"}))
    report = await imported(mine, theirs, loose)
    assert told(report, "problem") == ["beneficiary points to Patient/1, which is in none of these files: left out"] * 2
    assert not await Coverage.exists()


async def test_two_files_that_both_have_a_patient_of_that_number_give_none(tmp_path: Path) -> None:
    born = {"birthDate": "1990-01-01"}
    report = await imported(
        write(tmp_path / "a.ndjson", {**patient("M-1"), "id": "1"}),
        write(tmp_path / "b.ndjson", {**patient("M-2", **born), "id": "1"}),
        write(tmp_path / "c.ndjson", coverage("Patient/1")),
    )
    assert len(told(report, "problem")) == 1
    assert not await Coverage.exists()


async def test_a_conditional_reference_finds_what_was_imported_earlier(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", practitioner()))
    await imported(write(tmp_path / "b.json", treated_by(f"Practitioner?identifier={NPI}|1245319599")))
    assert await clinician_of_the_only_client() == "Nurse"
    report = await imported(write(tmp_path / "c.json", coverage("Patient?identifier=http://ehr.example/mrn|M-1")))
    assert counts(report) == {"Coverage": (1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("reference", "printed"),
    [
        ("Practitioner/unknown", "Practitioner/unknown"),
        ("urn:uuid:00000000-0000-0000-0000-000000000000", "urn:uuid:00000000-0000-0000-0000-000000000000"),
        (f"Practitioner?identifier={NPI}|1", "Practitioner?…"),
        ("Practitioner?name=Nurse", "Practitioner?…"),
        ("#nobody", "#nobody"),
        ("https://elsewhere.example/Practitioner/7", "https://elsewhere.example/Practitioner/7"),
        ("???", "?…"),
    ],
)
async def test_a_dangling_reference_is_reported_and_the_row_is_kept(
    tmp_path: Path, reference: str, printed: str
) -> None:
    report = await imported(write(tmp_path / "a.json", bundle(treated_by(reference))))
    assert told(report) == [NOWHERE.format(printed)]
    assert report.is_done
    assert report.exit_code == 1
    assert await clinician_of_the_only_client() == ""


async def test_a_reference_that_only_names_somebody_is_no_loss(tmp_path: Path) -> None:
    assert not (await imported(write(tmp_path / "a.json", treated_by({"display": "Dr. Who"})))).findings


async def test_the_first_who_is_a_person_becomes_the_clinician(tmp_path: Path) -> None:
    several = [{"reference": f"urn:uuid:{one}"} for one in ("org-1", "gone", "d-620", "d-1245319599")]
    first = practitioner("620", name=[{"family": "Corkery", "given": ["Aubrey"]}])
    report = await imported(
        write(tmp_path / "a.json", patient(generalPractitioner=several), organization(), first, practitioner())
    )
    assert told(report, "problem") == [NOWHERE.format("urn:uuid:gone")]
    assert await clinician_of_the_only_client() == "Corkery"


async def test_the_same_resource_in_two_files_is_not_two(tmp_path: Path) -> None:
    report = await imported(
        write(tmp_path / "a.json", bundle(treated_by("urn:uuid:d-1245319599"), practitioner())),
        write(tmp_path / "b.json", bundle(practitioner())),
    )
    assert not report.findings
    assert counts(report) == {"Practitioner": (1, 0, 0, 1), "Patient": (1, 0, 0, 0)}


async def test_an_organization_that_pays_is_known_through_a_contained_reference(tmp_path: Path) -> None:
    inside = {**organization("9"), "id": "payer", "name": "Acme Health Plan"}
    paid = coverage("urn:uuid:p-M-1", contained=[inside], payor=[{"reference": "#payer"}])
    assert not (await imported(write(tmp_path / "a.json", patient(), paid))).findings
    assert await Coverage.select(Coverage.payer).output(as_list=True) == ["Acme Health Plan"]

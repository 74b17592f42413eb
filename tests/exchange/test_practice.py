"""Sites and clinicians: what becomes one, what does not, and what an import may not change of them."""

from pathlib import Path

import pytest

from portal.practice.tables import Site, StaffMember
from tests.exchange.samples import (
    Json,
    bundle,
    counts,
    coverage,
    identifier,
    imported,
    location,
    organization,
    patient,
    practitioner,
    told,
    write,
)

pytestmark = pytest.mark.usefixtures("db")


async def sites() -> list[str]:
    return list(await Site.select(Site.name).order_by(Site.name).output(as_list=True))


async def test_a_location_is_a_site_with_its_address(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", location(status="inactive")))
    site = await Site.objects().first()
    assert site is not None
    assert (site.name, site.street, site.city, site.state) == ("Harbor House", "7 Pier Road, Floor 2", "Salem", "MA")
    assert not site.is_active


async def test_an_organization_with_a_location_of_its_own_is_no_site(tmp_path: Path) -> None:
    house = location(managingOrganization={"reference": "urn:uuid:org-1"})
    assert counts(await imported(write(tmp_path / "a.json", house, organization()))) == {
        "Organization": (0, 0, 0, 1),
        "Location": (1, 0, 0, 0),
    }


@pytest.mark.parametrize(
    "more",
    [
        {"type": [{"coding": [{"code": "pay"}]}]},
        {"type": [{"coding": [{"code": "dept"}]}]},
        {"address": []},
        {"address": [{"use": "old", "line": ["1 Gone Street"]}]},
    ],
)
async def test_an_insurer_or_a_department_or_one_without_an_address_is_no_site(tmp_path: Path, more: Json) -> None:
    await imported(write(tmp_path / "a.json", organization(**more)))
    assert await sites() == []


async def test_an_organization_that_pays_for_somebody_is_no_site_whatever_its_type(tmp_path: Path) -> None:
    await imported(
        write(
            tmp_path / "a.json",
            patient(),
            organization(type=[]),
            coverage("urn:uuid:p-M-1", payor=[{"reference": "urn:uuid:org-1"}]),
        )
    )
    assert await sites() == []


@pytest.mark.parametrize("more", [{"physicalType": {"coding": [{"code": "ro"}]}}, {"mode": "kind"}])
async def test_a_room_or_a_kind_of_place_is_no_site(tmp_path: Path, more: Json) -> None:
    await imported(write(tmp_path / "a.json", location(**more)))
    assert await sites() == []


async def test_places_without_identifiers_are_known_by_their_address(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.json", bundle(location(identifier=[]), organization(identifier=[]), base="https://e.example/")
    )
    await imported(file)
    assert counts(await imported(file)) == {"Organization": (0, 0, 1, 0), "Location": (0, 0, 1, 0)}
    elsewhere = write(tmp_path / "b.json", bundle(location(identifier=[]), base="https://other.example/"))
    assert counts(await imported(elsewhere)) == {"Location": (1, 0, 0, 0)}


async def test_an_npi_that_is_none_finds_the_practitioner_again_and_is_not_kept_as_one(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", practitioner("0"))
    report = await imported(file)
    assert told(report, "notice") == ["the NPI is none that is given out: it serves to find the practitioner again"]
    assert report.exit_code == 0
    assert await StaffMember.select(StaffMember.npi).output(as_list=True) == [""]
    assert counts(await imported(file)) == {"Practitioner": (0, 0, 1, 0)}


async def test_a_clinician_entered_by_hand_is_found_by_npi(tmp_path: Path) -> None:
    await StaffMember(
        given_name="Nancy", family_name="Nurse", npi="1245319599", is_clinician=True, role="clinician"
    ).save()
    report = await imported(write(tmp_path / "a.json", practitioner(active=False)))
    assert counts(report) == {"Practitioner": (0, 1, 0, 0)}
    member = await StaffMember.objects().first()
    assert member is not None
    assert (member.credentials, member.role, member.is_active) == ("RN", "clinician", True)


async def test_a_clinician_without_an_account_may_be_made_inactive(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", practitioner()))
    await imported(write(tmp_path / "a.json", practitioner(active=False)))
    assert await StaffMember.select(StaffMember.is_active).output(as_list=True) == [False]


async def test_an_npi_of_somebody_else_is_an_error(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", practitioner()))
    other = practitioner(name=[{"family": "Bone", "given": ["Ronald"]}])
    report = await imported(write(tmp_path / "b.json", other))
    assert told(report, "error") == ["has the identifier of a member of staff with another name"]
    assert await StaffMember.select(StaffMember.family_name).output(as_list=True) == ["Nurse"]


async def test_a_married_name_is_no_other_person(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", practitioner()))
    report = await imported(write(tmp_path / "b.json", practitioner(name=[{"family": "Doctor", "given": ["Nancy"]}])))
    assert counts(report) == {"Practitioner": (0, 1, 0, 0)}


async def test_degrees_follow_the_name(tmp_path: Path) -> None:
    degree = {"system": "http://terminology.hl7.org/CodeSystem/v2-0360/2.7", "code": "MD"}
    board = {"system": "http://boards.example", "code": "Diplomate"}
    await imported(write(tmp_path / "a.json", practitioner(qualification=[{"code": {"coding": [degree, board]}}])))
    assert await StaffMember.select(StaffMember.credentials).output(as_list=True) == ["RN, MD"]


async def test_a_practitioner_of_another_system_is_known_by_its_own_identifier(tmp_path: Path) -> None:
    licence = identifier("L-1", "MD", system="https://board.example/licenses")
    file = write(tmp_path / "a.json", practitioner(identifier=[licence, identifier("25456")]))
    await imported(file)
    assert counts(await imported(file)) == {"Practitioner": (0, 0, 1, 0)}
    assert await StaffMember.select(StaffMember.npi).output(as_list=True) == [""]


async def test_two_names_for_one_npi_in_one_import_are_an_error(tmp_path: Path) -> None:
    other = practitioner(name=[{"family": "Bone", "given": ["Ronald"]}])
    report = await imported(write(tmp_path / "a.json", practitioner()), write(tmp_path / "b.json", other))
    assert len(told(report, "error")) == 1
    assert not await StaffMember.exists()

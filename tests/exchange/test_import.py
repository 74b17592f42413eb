"""Importing: what is created, what a second import changes, what is never touched."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from litestar.exceptions import NotFoundException

from portal.access import Role, Viewer
from portal.accounts.tables import Account, Grant, Invitation
from portal.audit.tables import AuditRow
from portal.clients import queries
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, Coverage, RelatedPerson
from portal.database import fetch
from portal.exchange.actions.imports import import_resources
from portal.exchange.tables import ExternalIdentifier
from portal.outbox.tables import Errand, Event
from portal.practice.tables import Practice, Site, StaffMember
from tests.exchange.samples import (
    LICENCE,
    PASSPORT,
    SSN,
    counts,
    coverage,
    identifier,
    imported,
    location,
    organization,
    patient,
    practitioner,
    related_person,
    secret_identifiers,
    told,
    write,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("db")
EVERYTHING = (
    Client,
    ClientEmail,
    ClientPhone,
    ClientAddress,
    RelatedPerson,
    Coverage,
    Site,
    StaffMember,
    ExternalIdentifier,
)
CONTACT = {
    "relationship": [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"}]},
        {"text": "mother"},
    ],
    "name": {"family": "Mejía", "given": ["Lilia"]},
    "telecom": [{"system": "phone", "value": "617-555-0199"}],
}
HOME = {"use": "home", "line": ["573 Erdman Heights"], "city": "Boston", "state": "MA", "postalCode": "02108"}
PHONE, EMAIL = {"system": "phone", "value": "617-555-0101"}, {"system": "email", "value": "gus@example.com"}


async def nothing_stands() -> bool:
    return not any(
        [await table.exists() for table in EVERYTHING] + [await AuditRow.exists().where(AuditRow.act == "import.done")]
    )


async def test_everything_about_a_patient_comes_in(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.json",
        organization(),
        practitioner(),
        patient(
            telecom=[PHONE, EMAIL], address=[HOME], contact=[CONTACT],
            generalPractitioner=[{"reference": "urn:uuid:d-1245319599"}],
            managingOrganization={"reference": "urn:uuid:org-1"},
        ),
        coverage("urn:uuid:p-M-1", order=2, period={"start": "2020", "end": "2021-02"}),
    )  # fmt: skip
    report = await imported(file)
    assert report.is_done and report.exit_code == 0
    assert counts(report) == {
        "Organization": (1, 0, 0, 0), "Practitioner": (1, 0, 0, 0), "Patient": (1, 0, 0, 0),
        "RelatedPerson": (1, 0, 0, 0), "Coverage": (1, 0, 0, 0),
    }  # fmt: skip
    site, doctor = await Site.objects().first(), await StaffMember.objects().first()
    client = await Client.objects().first()
    assert site and doctor and client
    assert (site.name, site.street, site.phone) == ("LAWRENCE GENERAL HOSPITAL", "ONE GENERAL STREET", "+19786834000")
    assert (doctor.name, doctor.credentials, doctor.npi) == ("Dr. Nancy Nurse", "RN", "1245319599")
    assert doctor.is_clinician and doctor.role is None
    assert (client.name, client.birth_date, client.sex) == ("Agustín Mejía", date(1986, 11, 27), "male")
    assert (client.principal_clinician, client.site, client.record_number) == (doctor.id, site.id, "M-1")
    details = await queries.details(Viewer.portal("test"), client.id)
    assert [(one.number, one.kind) for one in details.phones] == [("+16175550101", "other")]
    assert [(one.street, one.country) for one in details.addresses] == [("573 Erdman Heights", "US")]
    assert [(one.name, one.relationship, one.phone, one.is_emergency_contact) for one in details.people] == [
        ("Lilia Mejía", "mother", "+16175550199", True)
    ]
    assert [(one.payer, one.member_id, one.rank, one.starts_on, one.ends_on) for one in details.coverages] == [
        ("Acme Health Plan", "888009335", 2, date(2020, 1, 1), date(2021, 2, 28))
    ]


async def test_a_client_is_found_by_name_number_and_email_at_once(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient(telecom=[EMAIL])))
    for words in ("mejia agus", "m-1", "gus@example.com", "1986-11-27"):
        assert [one.name for one in (await queries.find_clients(Viewer.portal("test"), words)).clients] == [
            "Agustín Mejía"
        ], words


async def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.json",
        location(), organization(), practitioner("620"),
        patient(telecom=[PHONE, EMAIL], address=[HOME], contact=[CONTACT], deceasedBoolean=True),
        related_person("urn:uuid:p-M-1"), coverage("urn:uuid:p-M-1"),
    )  # fmt: skip
    await imported(file)
    before = [await table.select().order_by(table.id) for table in EVERYTHING]
    report = await imported(file)
    assert [one[:2] for one in counts(report).values()] == [(0, 0)] * 6
    assert [await table.select().order_by(table.id) for table in EVERYTHING] == before


async def test_only_what_differs_is_changed_and_nothing_is_deleted(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient(telecom=[PHONE, EMAIL], address=[HOME], contact=[CONTACT])))
    await Client.update({Client.preferred_name: "Gus", Client.marital_status: "married"}, force=True)
    await ClientPhone.update({ClientPhone.kind: "mobile"}, force=True)
    moved = {**HOME, "line": ["1 New Street"], "city": "Salem"}
    other = {"system": "phone", "value": "617-555-0102"}
    report = await imported(
        write(tmp_path / "b.json", patient(gender="other", telecom=[PHONE, other], address=[moved]))
    )
    assert counts(report) == {"Patient": (0, 1, 0, 0)}
    client = await Client.objects().first()
    assert client and (client.sex, client.preferred_name, client.marital_status) == ("other", "Gus", "married")
    details = await queries.details(Viewer.portal("test"), client.id)
    assert [(one.number, one.kind) for one in details.phones] == [("+16175550101", "mobile"), ("+16175550102", "other")]
    assert [(one.street, one.city) for one in details.addresses] == [("1 New Street", "Salem")]
    assert len(details.people) == 1 and await ClientEmail.count() == 1
    changes = await AuditRow.objects().where(AuditRow.act == "client.changed")
    assert [one.client_id for one in changes] == [client.id]
    assert '"fields": ["client_address", "client_phone", "sex"]' in str(changes[0].detail)


async def test_a_new_name_is_found_and_an_older_one_is_not(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient()))
    await imported(write(tmp_path / "a.json", patient(name=[{"family": "Okafor", "given": ["Agustín"]}])))
    portal = Viewer.portal("test")
    assert len((await queries.find_clients(portal, "okafor")).clients) == 1
    assert not (await queries.find_clients(portal, "mejia")).clients


async def test_a_dry_run_counts_and_leaves_nothing_not_even_a_used_number(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", patient(telecom=[PHONE]), practitioner(), organization())
    report = await imported(file, dry_run=True)
    assert counts(report) == {"Organization": (1, 0, 0, 0), "Practitioner": (1, 0, 0, 0), "Patient": (1, 0, 0, 0)}
    assert not report.is_done and report.outcome == "A dry run: nothing was kept."
    assert await nothing_stands()
    await imported(file)
    assert await Client.select(Client.chart_number).output(as_list=True) == ["10001"]


@pytest.mark.parametrize(
    "bad",
    [
        '{"resourceType": "Patient"',
        '{"resourceType": "Bundle", "type": "history"}',
        '{"resourceType": "Patient", "name": [{"family": "X"}], "identifier": [{"value": "1"}]}',
        '{"resourceType": "Patient", "name": [{"text": "X"}], "identifier": [{"system": "s", "value": "1"}],'
        ' "birthDate": "1990"}',
        '{"resourceType": "Practitioner", "identifier": [{"system": "s", "value": "1"}]}',
    ],
)
async def test_one_bad_file_and_nothing_of_the_good_ones_comes_in(tmp_path: Path, bad: str) -> None:
    (tmp_path / "bad.json").write_text(bad)
    good = write(tmp_path / "good.json", patient(), practitioner(), organization())
    report = await imported(good, tmp_path / "bad.json")
    assert len(told(report, "error")) == 1 and report.exit_code == 1
    assert not report.is_done and report.outcome.startswith("Nothing was imported")
    assert counts(report) == {}
    assert await nothing_stands()


async def test_one_identifier_for_two_people_is_an_error_that_names_both(tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", patient())
    two = write(tmp_path / "two.json", patient(name=[{"family": "Shaw", "given": ["Amy"]}]))
    report = await imported(one, two)
    (finding,) = [one for one in report.findings if one.severity == "error"]
    assert (finding.place.file, finding.sentence) == (
        str(two),
        f"has the identifier of another Patient: {one}, Patient",
    )
    assert await nothing_stands()


async def test_the_same_person_twice_is_one_and_the_later_word_counts(tmp_path: Path) -> None:
    later = patient(gender="female", telecom=[EMAIL])
    report = await imported(write(tmp_path / "a.json", patient(telecom=[PHONE])), write(tmp_path / "b.json", later))
    assert counts(report) == {"Patient": (1, 0, 0, 1)}
    assert await Client.select(Client.sex).output(as_list=True) == ["female"]
    assert (await ClientPhone.count(), await ClientEmail.count()) == (1, 1)


async def test_an_identifier_that_has_become_another_persons_changes_no_chart(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient()))
    stranger = patient(name=[{"family": "Shaw", "given": ["Amy"]}], birthDate="1990-01-01")
    report = await imported(write(tmp_path / "b.json", stranger, practitioner()))
    assert told(report, "error") == ["has the identifier of chart 10001, which is another person's"]
    assert await Client.select(Client.family_name).output(as_list=True) == ["Mejía"]
    assert not await StaffMember.exists()


async def test_a_namesake_born_on_the_same_day_is_noticed(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient()))
    report = await imported(write(tmp_path / "b.json", patient("M-2")))
    assert told(report, "notice") == ["chart 10001 has the same name and birth date: compare them"]
    assert await Client.count() == 2


async def test_secret_numbers_are_nowhere_in_the_database_and_nowhere_in_the_report(tmp_path: Path) -> None:
    number = patient()["identifier"]
    file = write(
        tmp_path / "a.json",
        patient(identifier=[*secret_identifiers(), *number], generalPractitioner=[
            {"reference": f"Practitioner?identifier=http://hl7.org/fhir/sid/us-ssn|{SSN}"},
            {"reference": f"Practitioner/{SSN}"},
        ]),
        coverage("urn:uuid:p-M-1", subscriberId=SSN.replace("-", ""), identifier=secret_identifiers()),
        related_person("urn:uuid:p-M-1", identifier=secret_identifiers()),
        practitioner(identifier=[*secret_identifiers(), identifier("25456")]),
    )  # fmt: skip
    report = await imported(file)
    assert report.is_done
    everything = str(report.as_dict())
    for table in await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        everything += str(await fetch(f'SELECT * FROM "{table["tablename"]}"'))
    assert "25456" in everything and "M-1" in everything
    for secret in (SSN, SSN.replace("-", ""), LICENCE, PASSPORT):
        assert secret not in everything


async def test_nobody_is_invited_and_no_account_is_touched(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", patient(telecom=[EMAIL]), practitioner(telecom=[EMAIL])))
    for table in (Account, Grant, Invitation, Event, Errand):
        assert not await table.exists(), table


async def test_the_audit_tells_of_the_run_and_of_each_chart_without_a_name(tmp_path: Path) -> None:
    await imported(
        write(tmp_path / "Mejia_Agustin.json", patient(), patient("M-2", birthDate="1990-01-01"), practitioner())
    )
    rows = await AuditRow.objects().order_by(AuditRow.id)
    assert [one.act for one in rows] == ["client.added", "client.added", "import.done"]
    assert {one.client_id for one in rows[:2]} == set(await Client.select(Client.id).output(as_list=True))
    assert '"created": 2' in str(rows[2].detail) and rows[2].actor == "portal: test"
    assert "Mej" not in str([one.detail for one in rows])


async def test_the_practice_itself_is_not_overwritten(tmp_path: Path) -> None:
    await Practice(name="Harbor Lane").save()
    await imported(write(tmp_path / "a.json", organization(), location()))
    assert await Practice.select(Practice.name).output(as_list=True) == ["Harbor Lane"]


async def test_who_may_not_add_charts_and_staff_may_not_import(tmp_path: Path) -> None:
    for role in (Role.FRONT_DESK, Role.CLINICIAN, Role.AUDITOR):
        with pytest.raises(NotFoundException):
            await import_resources(Viewer(account_id=1, staff_id=1, role=role), [write(tmp_path / "a.json", patient())])


async def test_two_imports_at_once_create_a_chart_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", patient(), practitioner(), organization())
    reports = await asyncio.gather(imported(file), imported(file))
    assert sorted(counts(report)["Patient"] for report in reports) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert await Client.count() == 1


async def test_too_long_a_text_is_cut_and_told(tmp_path: Path) -> None:
    report = await imported(write(tmp_path / "a.json", organization(name="x" * 1000), patient()))
    assert told(report) == ["the name is longer than 200 characters: it was cut"] and report.exit_code == 1
    assert report.is_done


async def test_names_of_every_script_come_in_as_they_are(tmp_path: Path) -> None:
    names = [("李", "小龍"), ("Łukasz", "Dvořák"), ("محمد", "علي"), ("O'Connor", "D’Ángelo"), ("😀", "{}$1'\";--\\")]
    people = [patient(f"M-{n}", name=[{"family": f, "given": [g]}]) for n, (f, g) in enumerate(names)]
    await imported(write(tmp_path / "a.json", *people))
    assert [(one["family_name"], one["given_name"]) for one in await Client.select().order_by(Client.id)] == names


async def test_many_come_in_with_few_questions_to_the_database(tmp_path: Path) -> None:
    from portal.database import ENGINE

    people = [patient(f"M-{n}", telecom=[PHONE, EMAIL], address=[HOME], contact=[CONTACT]) for n in range(300)]
    file = write(tmp_path / "a.ndjson", *people)
    before = ENGINE.queries
    assert counts(await imported(file))["Patient"] == (300, 0, 0, 0)
    assert ENGINE.queries - before < 50
    before = ENGINE.queries
    assert counts(await imported(file))["Patient"] == (0, 0, 300, 0)
    assert ENGINE.queries - before < 50

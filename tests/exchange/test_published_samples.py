"""Published samples (Synthea, US Core, the R4 specification), where they are. The other tests use look-alikes."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from portal.billing.queries import checking
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone, Coverage, RelatedPerson
from portal.database import fetch
from portal.practice.tables import Site, StaffMember
from tests.exchange.samples import FIXTURES, LICENCE, PASSPORT, SSN, counts, imported, told
from tests.factories import TEST

pytestmark = [
    pytest.mark.usefixtures("db"),
    pytest.mark.skipif(not FIXTURES.is_dir(), reason="../shared/fixtures is not there"),
]
NPI_NOTICE = "the NPI is none that is given out: it serves to find the practitioner again"


def files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in FIXTURES.glob(pattern))


async def test_synthea_comes_in_whole_and_the_second_time_changes_nothing() -> None:
    sources = files("Gustavo*", "hospital*", "practitioner*")
    report = await imported(*sources)
    assert counts(report) == {
        "Organization": (102, 0, 0, 1),
        "Practitioner": (102, 0, 0, 1),
        "Patient": (1, 0, 0, 0),
        "Coverage": (1, 0, 0, 5),
        "Encounter": (6, 0, 0, 0),
        "Claim": (6, 0, 0, 1),
        "ExplanationOfBenefit": (5, 0, 0, 1),
    }
    assert report.exit_code == 0
    assert set(told(report)) == {
        NPI_NOTICE,
        "a phone number could not be read: it was kept as written",
        "claims of pharmacies are no visits of the practice: 1",
        "diagnoses that are not coded by ICD-10 are left out: 2",
        "explanations of benefits that decide nothing are left out: 1",
        "names parts of a cent: they were rounded so that the sum stays",
    }
    assert report.passed_over["Observation"] == 44
    assert await Site.count() == await StaffMember.count() == 102
    assert not await StaffMember.exists().where(StaffMember.npi != "")
    client = await Client.objects().first()
    assert client is not None
    assert (client.name, client.language, client.marital_status) == ("Gustavo Mejía", "es", "married")
    assert client.record_number == "59a8543c-e24f-4a01-b28b-47ccde6bc11d"
    again = await imported(*reversed(sources))
    assert {name: one[:3] for name, one in counts(again).items()} == {
        "Organization": (0, 0, 102),
        "Practitioner": (0, 0, 102),
        "Patient": (0, 0, 1),
        "Coverage": (0, 0, 1),
        "Encounter": (0, 0, 6),
        "Claim": (0, 0, 6),
        "ExplanationOfBenefit": (0, 0, 5),
    }


async def test_synthea_s_money_adds_up_to_its_own_totals() -> None:
    """Read by another way: what the claims ask for, and what the payments and the coinsurance make of it."""
    source = files("Gustavo*")[0]
    await imported(source)
    resources = [one["resource"] for one in json.loads(source.read_text(), parse_float=Decimal)["entry"]]
    claims = [
        one for one in resources if one["resourceType"] == "Claim" and one["type"]["coding"][0]["code"] != "pharmacy"
    ]
    charged = sum(Decimal(one["total"]["value"]) for one in claims)
    paid = sum(
        round(Decimal(one["payment"]["amount"]["value"]), 2)
        for one in resources if one["resourceType"] == "ExplanationOfBenefit"
    )  # fmt: skip
    (sums,) = await fetch(
        "SELECT sum(charged)::bigint AS charged, sum(paid_by_insurer)::bigint AS paid, count(*) AS lines,"
        " count(DISTINCT encounter) AS encounters, sum(insurance_due)::bigint AS waiting,"
        " sum(client_due)::bigint AS theirs FROM service_line"
    )
    assert (sums["charged"], sums["paid"]) == (charged * 100, paid * 100) == (398610, 258889)
    assert (sums["lines"], sums["encounters"]) == (12, 6)
    assert sums["waiting"] == 6 * 12500, "of the visits themselves nothing was decided"
    assert sums["theirs"] == 398610 - 258889 - 75000
    assert {row["appointment"] is not None for row in await fetch("SELECT appointment FROM encounter")} == {True}
    assert (await checking.check(TEST)).faults == []


async def test_synthea_leaves_no_secret_number_behind() -> None:
    source = files("Gustavo*")[0]
    assert all(secret in source.read_text() for secret in (SSN, LICENCE, PASSPORT))
    everything = str((await imported(source)).as_dict())
    for table in await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        everything += str(await fetch(f'SELECT * FROM "{table["tablename"]}"'))
    assert "Gustavo" in everything
    assert not any(secret in everything for secret in (SSN, SSN.replace("-", ""), LICENCE, PASSPORT))


async def test_us_core_comes_in_with_its_links() -> None:
    sources = files("uscore-*")
    report = await imported(*sources)
    assert told(report) == [NPI_NOTICE, "names no practitioner: left out"], "no NPI begins with 9"
    assert counts(report) == {
        "Organization": (0, 0, 0, 2),
        "Location": (1, 0, 0, 0),
        "Practitioner": (2, 0, 0, 0),
        "Patient": (1, 0, 0, 0),
        "RelatedPerson": (1, 0, 0, 0),
        "Coverage": (1, 0, 0, 0),
        "Encounter": (0, 0, 0, 1),
    }
    client = await Client.objects().first()
    assert client is not None
    assert (client.given_name, client.middle_name, client.family_name) == ("Amy", "V.", "Baxter")
    assert (client.suffix, client.sex, client.language, client.record_number) == ("PharmD", "female", "es", "1032702")
    assert await ClientEmail.select(ClientEmail.address).output(as_list=True) == ["amy.shaw@example.com"]
    assert await ClientPhone.select(ClientPhone.number).output(as_list=True) == ["+15555555555"]
    assert await ClientAddress.select(ClientAddress.street).output(as_list=True) == ["183 MOUNTAIN VIEW ST"]
    niece = await RelatedPerson.objects().first()
    assert niece is not None
    assert (niece.name, niece.relationship, niece.email) == ("Sarah van Putten", "niece", "sarah.vanputten@example.com")
    insured = await Coverage.objects().first()
    assert insured is not None
    assert (insured.payer, insured.plan, insured.group_number) == ("Acme Health Plan", "Acme Gold Plan", "xyz")
    assert [one[:2] for one in counts(await imported(*sources)).values()] == [(0, 0)] * 7


async def test_the_specifications_coverage_belongs_to_nobody_here() -> None:
    report = await imported(*files("r4spec-*"))
    assert told(report) == [
        "beneficiary points to Patient/4, which is in none of these files: left out",
        "participant points to Patient/example, which is in none of these files: left out",
        "slots that are over open nothing: 1",
        "patient points to Patient/1, which is in none of these files: left out",
        "subject points to Patient/example, which is in none of these files: left out",
    ]
    assert report.exit_code == 1
    assert not await Coverage.exists()


async def test_the_whole_folder_comes_in_at_once_and_again() -> None:
    await imported(*files("*.json"))
    assert all(one[:2] == (0, 0) for one in counts(await imported(*files("*.json"))).values())


async def test_the_four_types_of_bundle_say_the_same(tmp_path: Path) -> None:
    whole = json.loads(files("Gustavo*")[0].read_text())
    paths = []
    for bundle_type in ("transaction", "collection", "batch", "searchset"):
        paths.append(tmp_path / f"{bundle_type}.json")
        paths[-1].write_text(json.dumps({**whole, "type": bundle_type}))
    await imported(paths[0])
    for path in paths[1:]:
        assert all(one[:2] == (0, 0) for one in counts(await imported(path)).values())

"""Whatever a file holds, the import answers with a report and never with an exception."""

import asyncio
import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.billing.queries import checking
from portal.clients.tables import Client
from portal.exchange.drafting import draft_all
from portal.exchange.reading import read
from portal.exchange.report import Report
from tests.exchange.samples import (
    Json,
    adjudication,
    appointment,
    benefit,
    bundle,
    charge_item,
    claim,
    coding,
    coverage,
    encounter,
    identifier,
    imported,
    invoice,
    item,
    location,
    organization,
    patient,
    practitioner,
    related_person,
    schedule,
    secret_identifiers,
    slot,
    usd,
)
from tests.factories import TEST

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEW = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, derandomize=False, max_examples=5000)
MINE = "urn:uuid:p-M-1"
WHOLE = bundle(
    organization(),
    location(managingOrganization={"reference": "urn:uuid:org-1"}, physicalType={"coding": [{"code": "bu"}]}),
    practitioner(qualification=[{"code": {"coding": [{"code": "MD"}]}, "period": {"end": "2030"}}]),
    {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "urn:uuid:d-1245319599"}},
    patient(
        identifier=[*secret_identifiers(), identifier("M-1", "MR"), identifier("x")],
        telecom=[
            {"system": "phone", "value": "617-555-0101", "rank": 1, "use": "home", "period": {"start": "2020"}},
            {"system": "email", "value": "gus@example.com"},
        ],
        address=[{"line": ["1 Main St"], "city": "Salem", "state": "MA", "postalCode": "01970", "type": "postal"}],
        contact=[{"name": {"family": "Kin"}, "relationship": [{"coding": [{"system": "x/v2-0131", "code": "C"}]}]}],
        generalPractitioner=[{"reference": "urn:uuid:role"}, {"reference": "Practitioner?identifier=a|b"}],
        managingOrganization={"reference": "urn:uuid:org-1"},
        communication=[{"language": {"coding": [{"code": "es"}]}, "preferred": True}],
        maritalStatus={"coding": [{"code": "M"}]},
        deceasedDateTime="2020-01-01T00:00:00Z",
        link=[{"type": "seealso"}],
        contained=[{"resourceType": "Practitioner", "id": "gp", "name": [{"text": "Inside"}]}],
    ),
    related_person(MINE, relationship=[{"text": "sister"}]),
    coverage(MINE, order=1, period={"start": "2020", "end": "2021-02"}, **{"class": [{"value": "g"}]}),
    claim(
        item(1, 100, modifier=[coding("95")], diagnosisSequence=[1], quantity={"value": 2}, unitPrice=usd(50)),
        item(2, "20.005", "99354", servicedDate="2020-12-01", locationCodeableConcept=coding("11")),
        contained=[coverage(MINE, id="inside")],
        diagnosis=[{"sequence": 1, "diagnosisCodeableConcept": coding("F41.1", "icd-10")}],
        insurance=[{"focal": True, "coverage": {"reference": "#inside"}}],
        total=usd("120.005"),
    ),
    charge_item(reason=[coding("F41.1", "icd-10")], quantity={"value": 2}),
    invoice(
        {"sequence": 1, "chargeItemReference": {"reference": "urn:uuid:charge-1"}},
        {"chargeItemCodeableConcept": coding("1"), "priceComponent": [{"type": "base", "amount": usd(5)}]},
        status="balanced",
        totalNet=usd(5),
        recipient={"reference": MINE},
    ),
    benefit(
        adjudication(submitted=100, eligible=90, copay=10, benefit=70),
        adjudication(pays="10.005"),
        paid="80.005",
        adjudication=adjudication(benefit=5),
        total=adjudication(submitted="120.005"),
    ),
    appointment("2036-12-01T09:00:00-05:00", "2036-12-01T09:50:00-05:00", serviceType=[{"text": "Video"}]),
    appointment("2036-12-01T09:30:00-05:00", status="pending", minutesDuration=30, created="2026-01-01T00:00:00Z"),
    encounter("2020-12-01T09:00:00-05:00", "2020-12-01T09:50:00-05:00", appointment=[{"reference": "urn:uuid:app"}]),
    encounter("2036-12-02T09:00:00-05:00", "2036-12-02T09:50:00-05:00", status="planned", code="VR"),
    schedule(serviceType=[{"text": "Therapy"}]),
    slot("2036-12-02T09:00:00-05:00", "2036-12-02T09:50:00-05:00"),
    slot("2036-12-02T09:50:00-05:00", "2036-12-02T10:50:00-05:00", "busy-unavailable"),
)


def paths_in(thing: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield so_far
    inner = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for name, value in inner:
        yield from paths_in(value, (*so_far, name))


PATHS = [path for path in paths_in(WHOLE) if path]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([
        "", " ", "\x00", "\u202e", "2020", "2020-13", "2020-02-30", "0000-00-00", "9999-99-99T99", "#", "?", "{}", "'",
        "urn:uuid:", "Patient/", "Patient/p-M-1", "Patient?identifier=|", "http://", "old", "MR", "replaced-by", "//",
        "https://ehr.example/Patient/1", "999-68-8566", "1" * 300, "x" * 400, "-1", "\ufdd0", "e\u0301" * 200, "😀",
    ]),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=3)),
    max_leaves=6,
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(PATHS), st.sampled_from(["put", "remove", "double"]), VALUES | TEXTS),
    min_size=1,
    max_size=5,
)


def changed(whole: Json, changes: list[tuple[tuple[Any, ...], str, Any]]) -> Json:
    """Each change at its place, where the place is still there."""
    whole = copy.deepcopy(whole)
    for path, how, value in changes:
        try:
            around: Any = whole
            for name in path[:-1]:
                around = around[name]
            if how == "put":
                around[path[-1]] = value
            elif how == "remove":
                del around[path[-1]]
            elif isinstance(around, list):
                around.append(around[path[-1]])
        except (KeyError, IndexError, TypeError):
            continue
    return whole


FILES = st.one_of(st.binary(max_size=200), VALUES.map(lambda value: json.dumps(value).encode()))


def judge(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    report = Report()
    draft_all(read([path], report), NOW, report)
    json.dumps(report.as_dict()).encode()
    assert "999-68-8566" not in str(report.findings)


@given(changes=CHANGES)
@FEW
def test_a_bundle_with_anything_anywhere_never_raises(tmp_path: Path, changes: list[Any]) -> None:
    judge(tmp_path / "a.json", json.dumps(changed(WHOLE, changes)).encode())


@pytest.mark.torture
@given(changes=CHANGES)
@MANY
def test_many_a_bundle_with_anything_anywhere_never_raises(tmp_path: Path, changes: list[Any]) -> None:
    judge(tmp_path / "a.json", json.dumps(changed(WHOLE, changes)).encode())


@given(content=FILES, name=st.sampled_from(["a.json", "a.ndjson"]))
@FEW
def test_a_file_of_anything_never_raises(tmp_path: Path, content: bytes, name: str) -> None:
    judge(tmp_path / name, content)


@given(at=st.floats(0, 1, exclude_max=True), byte=st.none() | st.integers(0, 255))
@FEW
def test_a_file_cut_or_with_a_changed_byte_never_raises(tmp_path: Path, at: float, byte: int | None) -> None:
    content = bytearray(json.dumps(WHOLE, ensure_ascii=False).encode())
    offset = int(at * len(content))
    content[offset : None if byte is None else offset + 1] = b"" if byte is None else bytes([byte])
    judge(tmp_path / "a.json", bytes(content))


async def test_what_is_drafted_the_database_takes_and_takes_again(db: str, tmp_path: Path) -> None:
    await import_each(await asyncio.to_thread(examples, settings(FEW, max_examples=25)), tmp_path / "a.json")


@pytest.mark.torture
async def test_whatever_is_drafted_the_database_takes(db: str, tmp_path: Path) -> None:
    await import_each(await asyncio.to_thread(examples, settings(MANY, max_examples=500)), tmp_path / "a.json")


async def import_each(several: list[Any], path: Path) -> None:
    """An import is whole or nothing, the second one changes nothing, and the ledger adds up."""
    for changes in several:
        path.write_text(json.dumps(changed(WHOLE, changes)))
        before = await Client.count()
        report = await imported(path)
        if report.is_done:
            again = await imported(path)
            assert again.is_done
            assert all((one.created, one.updated) == (0, 0) for one in again.tallies.values()), changes
            assert (await checking.check(TEST)).faults == [], changes
        else:
            assert report.has_errors
            assert await Client.count() == before


def examples(how: settings) -> list[Any]:
    found: list[Any] = []

    @given(changes=CHANGES)
    @how
    def collect(changes: list[Any]) -> None:
        found.append(changes)

    collect()
    return found

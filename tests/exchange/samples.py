"""FHIR as other systems write it, made up, for tests of the import."""

import json
from pathlib import Path
from typing import Any

from portal.access import Viewer
from portal.exchange.actions.imports import import_resources
from portal.exchange.report import Report, Tally

Json = dict[str, Any]

V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"
NPI = "http://hl7.org/fhir/sid/us-npi"
SYNTHEA = "https://github.com/synthetichealth/synthea"
SSN, LICENCE, PASSPORT = "999-68-8566", "S99973062", "X19986051X"
FIXTURES = Path(__file__).parents[2].parent / "shared" / "fixtures" / "fhir"


def identifier(value: str, code: str = "", system: str = "http://ehr.example/ids", **more: object) -> Json:
    typed = {"type": {"coding": [{"system": V2, "code": code}]}} if code else {}
    return {**typed, "system": system, "value": value, **more}


def secret_identifiers() -> list[Json]:
    return [
        identifier(SSN, "SS", "http://hl7.org/fhir/sid/us-ssn"),
        identifier(LICENCE, "DL", "urn:oid:2.16.840.1.113883.4.3.25"),
        identifier(PASSPORT, "PPN", "http://standardhealthrecord.org/fhir/StructureDefinition/passportNumber"),
    ]


def patient(number: str = "M-1", **more: object) -> Json:
    return {
        "resourceType": "Patient",
        "id": f"p-{number}",
        "identifier": [identifier(number, "MR", "http://ehr.example/mrn")],
        "name": [{"use": "official", "family": "Mejía", "given": ["Agustín", "Laurie123"]}],
        "gender": "male",
        "birthDate": "1986-11-27",
        **more,
    }


def practitioner(npi: str = "1245319599", **more: object) -> Json:
    return {
        "resourceType": "Practitioner",
        "id": f"d-{npi}",
        "identifier": [identifier(npi, system=NPI)],
        "name": [{"family": "Nurse", "given": ["Nancy"], "prefix": ["Dr."], "suffix": ["RN"]}],
        **more,
    }


def organization(value: str = "org-1", **more: object) -> Json:
    return {
        "resourceType": "Organization",
        "id": value,
        "identifier": [identifier(value, system=SYNTHEA)],
        "type": [{"coding": [{"code": "prov"}]}],
        "name": "LAWRENCE GENERAL HOSPITAL",
        "telecom": [{"system": "phone", "value": "9786834000"}],
        "address": [{"line": ["ONE GENERAL STREET"], "city": "LAWRENCE", "state": "MA", "postalCode": "01842"}],
        **more,
    }


def location(value: str = "loc-1", **more: object) -> Json:
    return {
        "resourceType": "Location",
        "id": value,
        "identifier": [identifier(value)],
        "status": "active",
        "name": "Harbor House",
        "address": {"line": ["7 Pier Road", "Floor 2"], "city": "Salem", "state": "MA", "postalCode": "01970"},
        **more,
    }


def coverage(beneficiary: str, **more: object) -> Json:
    return {
        "resourceType": "Coverage",
        "id": "cov-1",
        "status": "active",
        "beneficiary": {"reference": beneficiary},
        "payor": [{"display": "Acme Health Plan"}],
        "subscriberId": "888009335",
        **more,
    }


def related_person(of: str, **more: object) -> Json:
    return {
        "resourceType": "RelatedPerson",
        "id": "rel-1",
        "patient": {"reference": of},
        "name": [{"family": "van Putten", "given": ["Sarah"]}],
        **more,
    }


def appointment(start: str, end: str = "", *, status: str = "booked", place: str = "loc-1", **more: object) -> Json:
    """Of the patient M-1 with the usual practitioner."""
    actors = ["urn:uuid:p-M-1", "urn:uuid:d-1245319599", *([f"urn:uuid:{place}"] if place else [])]
    return {
        "resourceType": "Appointment",
        "id": f"app-{start}",
        "status": status,
        "appointmentType": {"text": "Individual therapy"},
        "start": start,
        **({"end": end} if end else {}),
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in actors],
        **more,
    }


def encounter(start: str, end: str, *, status: str = "finished", code: str = "AMB", **more: object) -> Json:
    """As Synthea writes it."""
    return {
        "resourceType": "Encounter",
        "id": f"enc-{start}",
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code},
        "type": [{"coding": [{"code": "185349003"}], "text": "Encounter for check up (procedure)"}],
        "subject": {"reference": "urn:uuid:p-M-1"},
        "participant": [{"individual": {"reference": "urn:uuid:d-1245319599"}}],
        "period": {"start": start, "end": end},
        "location": [{"location": {"reference": "urn:uuid:loc-1"}}],
        **more,
    }


def schedule(**more: object) -> Json:
    actors = [{"reference": "urn:uuid:d-1245319599"}, {"reference": "urn:uuid:loc-1"}]
    return {"resourceType": "Schedule", "id": "sched", "actor": actors, **more}


def slot(start: str, end: str, status: str = "free", **more: object) -> Json:
    whose = {"reference": "urn:uuid:sched"}
    return {
        "resourceType": "Slot", "id": f"slot-{start}", "schedule": whose, "status": status, "start": start, "end": end,
        **more,
    }  # fmt: skip


def bundle(*resources: Json, type: str = "transaction", base: str = "urn:uuid:") -> Json:
    """Each under its fullUrl, as Synthea and servers do."""
    entries = [
        {
            "fullUrl": base + one["id"] if base.startswith("urn") else f"{base}{one['resourceType']}/{one['id']}",
            "resource": one,
        }
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": type, "entry": entries}


def write(path: Path, *resources: Json) -> Path:
    """One resource as JSON, several as a bundle, and as NDJSON where the name says so."""
    if path.suffix == ".ndjson":
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in resources))
    else:
        path.write_text(json.dumps(resources[0] if len(resources) == 1 else bundle(*resources), ensure_ascii=False))
    return path


async def imported(*sources: Path, dry_run: bool = False) -> Report:
    return await import_resources(Viewer.portal("test"), sources, dry_run=dry_run)


def counts(report: Report) -> dict[str, tuple[int, int, int, int]]:
    """(created, updated, unchanged, skipped) of each type that was met."""
    return {name: _four(tally) for name, tally in report.counted}


def _four(tally: Tally) -> tuple[int, int, int, int]:
    return tally.created, tally.updated, tally.unchanged, tally.skipped


def told(report: Report, severity: str = "") -> list[str]:
    """The sentences; of one severity, where it is named."""
    return [one.sentence for one in report.findings if severity in ("", one.severity)]


def usd(value: float | str, currency: str = "USD") -> Json:
    """As a number of JSON, digit by digit."""
    return {"value": json.loads(str(value)), "currency": currency}


def coding(code: str, system: str = "http://www.ama-assn.org/go/cpt", display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def item(sequence: int, net: float | str | None, code: str = "90834", **more: object) -> Json:
    priced = {} if net is None else {"net": usd(net)}
    return {"sequence": sequence, "productOrService": coding(code, display="Therapy, 45 minutes"), **priced, **more}


def claim(*items: Json, at: str = "2020-12-01T09:00:00-05:00", visit: str = "", **more: object) -> Json:
    """Of the patient M-1, for the encounter `visit` or, without one, by the usual practitioner at the usual place."""
    whose = {"encounter": [{"reference": f"urn:uuid:{visit}"}]} if visit else {}
    return {
        "resourceType": "Claim",
        "id": "claim-1",
        "status": "active",
        "use": "claim",
        "patient": {"reference": "urn:uuid:p-M-1"},
        "billablePeriod": {"start": at},
        "careTeam": [{"sequence": 1, "provider": {"reference": "urn:uuid:d-1245319599"}}],
        "facility": {"reference": "urn:uuid:loc-1"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Aetna"}}],
        "item": [{**one, **whose} for one in items],
        **more,
    }


def charge_item(price: float | str | None = "80.00", code: str = "90834", visit: str = "", **more: object) -> Json:
    priced = {} if price is None else {"priceOverride": usd(price)}
    context = {"context": {"reference": f"urn:uuid:{visit}"}} if visit else {}
    return {
        "resourceType": "ChargeItem",
        "id": "charge-1",
        "status": "billable",
        "code": coding(code),
        "subject": {"reference": "urn:uuid:p-M-1"},
        "occurrenceDateTime": "2020-12-01T09:00:00-05:00",
        "performer": [{"actor": {"reference": "urn:uuid:d-1245319599"}}],
        "performingOrganization": {"reference": "urn:uuid:loc-1"},
        **priced,
        **context,
        **more,
    }


def invoice(*lines: Json, status: str = "issued", **more: object) -> Json:
    return {
        "resourceType": "Invoice",
        "id": "invoice-1",
        "identifier": [identifier("654321", system="http://ehr.example/invoices")],
        "status": status,
        "subject": {"reference": "urn:uuid:p-M-1"},
        "date": "2020-12-05",
        "participant": [{"actor": {"reference": "urn:uuid:d-1245319599"}}],
        "lineItem": list(lines),
        **more,
    }


def adjudication(**cents: float | str) -> list[Json]:
    """By the codes of FHIR itself; a name may stand for Synthea's with its first word alone."""
    return [{"category": {"coding": [{"code": SYNTHEAS.get(name, name)}]}, "amount": usd(value)}
            for name, value in cents.items()]  # fmt: skip


CMS = "https://bluebutton.cms.gov/resources/variables/line_"
SYNTHEAS = {
    "pays": f"{CMS}prvdr_pmt_amt", "coinsurance": f"{CMS}coinsrnc_amt", "charges": f"{CMS}sbmtd_chrg_amt",
    "allows": f"{CMS}alowd_chrg_amt",
}  # fmt: skip


def benefit(*decided: list[Json], paid: float | str | None = None, **more: object) -> Json:
    """About the claim of `claim`, item by item."""
    payment = {} if paid is None else {"payment": {"amount": usd(paid), "date": "2021-01-08"}}
    return {
        "resourceType": "ExplanationOfBenefit",
        "id": "eob-1",
        "status": "active",
        "use": "claim",
        "outcome": "complete",
        "patient": {"reference": "urn:uuid:p-M-1"},
        "created": "2021-01-09",
        "insurer": {"display": "Aetna"},
        "claim": {"reference": "urn:uuid:claim-1"},
        "item": [{"sequence": at, "adjudication": one} for at, one in enumerate(decided, 1)],
        **payment,
        **more,
    }

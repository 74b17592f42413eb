"""Practitioner → a clinician without an account."""

from datetime import date

from portal.clients.names import folded
from portal.exchange.drafts import Draft
from portal.exchange.fhir import Practitioner
from portal.exchange.identifiers import Key, npi
from portal.exchange.mapping.names import Name, best_name
from portal.exchange.mapping.values import closed, plain
from portal.exchange.report import Place, Report
from portal.practice.identifiers import is_npi
from portal.practice.tables import StaffMember

DEGREES = "/v2-0360"


def clinician(place: Place, key: Key, found: Practitioner, today: date, report: Report) -> Draft | None:
    name = best_name(found.name, today)
    if name is None:
        report.error(place, "the practitioner has no name: enter one where it came from")
        return None
    draft = Draft(place, key, person=(folded(f"{name.given} {name.family}"),))
    draft.put(StaffMember.prefix, name.prefix, report)
    draft.put(StaffMember.given_name, name.given, report)
    draft.put(StaffMember.family_name, name.family, report)
    draft.put(StaffMember.credentials, _credentials(name, found, today), report)
    draft.put(StaffMember.is_active, closed(found.active))
    number = npi(found)
    if number and is_npi(number):
        draft.put(StaffMember.npi, number)
    elif number:
        report.notice(place, "the NPI is none that is given out: it serves to find the practitioner again")
    return draft


def _credentials(name: Name, found: Practitioner, today: date) -> str:
    """What stands behind the name, and degrees that do not stand there yet."""
    parts = [part.strip() for part in name.suffix.split(",") if part.strip()]
    for qualification in found.qualification:
        for coding in qualification.code.coding:
            if DEGREES in coding.system and plain(coding.code) and not qualification.period.is_over(today):
                parts.append(plain(coding.code))
    return ", ".join(dict.fromkeys(parts))

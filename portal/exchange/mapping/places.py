"""Location → site; an organization that cares for people and has no location of its own → site as well."""

from collections.abc import Sequence
from datetime import date

from portal.clients.names import folded
from portal.exchange.drafts import Draft
from portal.exchange.fhir import Address, CodeableConcept, ContactPoint, Location, Organization
from portal.exchange.identifiers import Key
from portal.exchange.mapping.values import (
    address_parts,
    closed,
    current_addresses,
    joined,
    phone_number,
    plain,
    reachable,
)
from portal.exchange.report import Place, Report
from portal.practice.tables import Site

PROVIDER = "prov"
SITES = {"si", "bu", "ho"}


def is_place_of_care(organization: Organization, today: date) -> bool:
    """Of type provider or of no type, with an address. Insurers and departments are no sites."""
    codes = _codes(organization.type)
    return (PROVIDER in codes or not codes) and bool(current_addresses(organization.address, today))


def is_site(location: Location) -> bool:
    """A place one can go to: no room, no bed, no vehicle, no kind of place."""
    codes = _codes([location.physical_type])
    return location.mode != "kind" and (not codes or bool(codes & SITES))


def site_of_organization(place: Place, key: Key, found: Organization, today: date, report: Report) -> Draft:
    address = next(iter(current_addresses(found.address, today)), None)
    return _site(place, key, found.name, address, found.telecom, found.active, today, report)


def site_of_location(place: Place, key: Key, found: Location, today: date, report: Report) -> Draft:
    is_active = found.status != "inactive"
    return _site(place, key, found.name, found.address, found.telecom, is_active, today, report)


def _site(
    place: Place, key: Key, name: str, address: Address | None, telecom: Sequence[ContactPoint], is_active: bool | None,
    today: date, report: Report,
) -> Draft:  # fmt: skip
    draft = Draft(place, key)
    parts = address_parts(address) if address else {}
    called = plain(name) or joined((parts.get("street"), parts.get("city")), ", ")
    draft.put(Site.name, called, report)
    if parts:
        draft.put(Site.street, joined((parts["street"], parts["street_2"]), ", "), report)
        for column in (Site.city, Site.state, Site.postal_code):
            draft.put(column, parts[column._meta.name], report)
    if points := reachable(telecom, {"phone"}, today):
        number, why = phone_number(points[0].value)
        draft.put(Site.phone, number, report)
        if why:
            report.notice(place, why)
    draft.put(Site.is_active, closed(is_active))
    draft.person = (folded(called),)
    return draft


def _codes(concepts: Sequence[CodeableConcept]) -> set[str]:
    return {coding.code for concept in concepts for coding in concept.coding if coding.code}

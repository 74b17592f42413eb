"""What a file may hold: bundles with their entries, and the resources that are read."""

from msgspec import Raw, json

from portal.exchange.claims import ChargeItem, Claim, ExplanationOfBenefit, Invoice
from portal.exchange.fhir import (
    Appointment,
    Condition,
    Coverage,
    Element,
    Encounter,
    Location,
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    RelatedPerson,
    Resource,
    Schedule,
    Slot,
)


class Link(Element):
    relation: str = ""


class Bundle(Element):
    type: str = ""
    link: list[Link] = []
    entry: list[Raw] = []


class Entry(Element):
    full_url: str = ""
    resource: Raw = Raw(b"")


class Peek(Element):
    resource_type: str = ""


READ: dict[str, json.Decoder[Resource]] = {
    "Organization": json.Decoder(Organization),
    "Location": json.Decoder(Location),
    "Practitioner": json.Decoder(Practitioner),
    "PractitionerRole": json.Decoder(PractitionerRole),
    "Patient": json.Decoder(Patient),
    "RelatedPerson": json.Decoder(RelatedPerson),
    "Coverage": json.Decoder(Coverage),
    "Appointment": json.Decoder(Appointment),
    "Encounter": json.Decoder(Encounter),
    "Schedule": json.Decoder(Schedule),
    "Slot": json.Decoder(Slot),
    "Condition": json.Decoder(Condition),
    "Claim": json.Decoder(Claim),
    "ChargeItem": json.Decoder(ChargeItem),
    "Invoice": json.Decoder(Invoice),
    "ExplanationOfBenefit": json.Decoder(ExplanationOfBenefit),
}  # fmt: skip
IMPORTED = (
    "Organization",
    "Location",
    "Practitioner",
    "Patient",
    "RelatedPerson",
    "Coverage",
    "Appointment",
    "Encounter",
    "Slot",
    "Claim",
    "ChargeItem",
    "Invoice",
    "ExplanationOfBenefit",
)
BUNDLE = json.Decoder(Bundle)
ENTRY = json.Decoder(Entry)
PEEK = json.Decoder(Peek)

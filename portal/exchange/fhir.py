"""FHIR R4 as far as the portal reads it; what is not named here is passed over."""

from datetime import date
from typing import ClassVar

from msgspec import Raw, Struct, field


class Element(Struct, rename="camel", kw_only=True, gc=False):
    """An absent text is empty: FHIR knows no empty texts. (No cycles here, so the collector need not look.)"""


class Period(Element):
    start: str = ""
    end: str = ""

    def is_over(self, today: date) -> bool:
        """An end may be a year or a month; the period lasts through it."""
        end = self.end[:10]
        return "" < end < today.isoformat()[: len(end)]


class Coding(Element):
    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Element):
    coding: list[Coding] = []
    text: str = ""


class Identifier(Element):
    use: str = ""
    type: CodeableConcept = field(default_factory=CodeableConcept)
    system: str = ""
    value: str = ""
    period: Period = field(default_factory=Period)


class Reference(Element):
    reference: str = ""
    identifier: Identifier | None = None
    display: str = ""


class HumanName(Element):
    """A given name may be null: then only an extension of it is known."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: list[str | None] = []
    prefix: list[str | None] = []
    suffix: list[str | None] = []
    period: Period = field(default_factory=Period)


class ContactPoint(Element):
    system: str = ""
    value: str = ""
    use: str = ""
    rank: int | None = None
    period: Period = field(default_factory=Period)


class Address(Element):
    use: str = ""
    type: str = ""
    text: str = ""
    line: list[str | None] = []
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    period: Period = field(default_factory=Period)


class Extension(Element):
    url: str = ""
    value_code: str = ""
    value_coding: Coding = field(default_factory=Coding)


class Resource(Element):
    kind: ClassVar[str] = ""

    resource_type: str
    id: str = ""
    contained: list[Raw] = []
    identifier: list[Identifier] = []
    active: bool | None = None


class Organization(Resource):
    kind = "organization"

    type: list[CodeableConcept] = []
    name: str = ""
    telecom: list[ContactPoint] = []
    address: list[Address] = []


class Location(Resource):
    kind = "location"

    status: str = ""
    name: str = ""
    mode: str = ""
    telecom: list[ContactPoint] = []
    address: Address | None = None
    physical_type: CodeableConcept = field(default_factory=CodeableConcept)
    managing_organization: Reference | None = None
    part_of: Reference | None = None


class Qualification(Element):
    code: CodeableConcept = field(default_factory=CodeableConcept)
    period: Period = field(default_factory=Period)


class Practitioner(Resource):
    kind = "practitioner"

    name: list[HumanName] = []
    qualification: list[Qualification] = []


class PractitionerRole(Resource):
    """Read only to find the person behind a role."""

    practitioner: Reference | None = None


class Contact(Element):
    relationship: list[CodeableConcept] = []
    name: HumanName | None = None
    telecom: list[ContactPoint] = []
    organization: Reference | None = None
    period: Period = field(default_factory=Period)


class Communication(Element):
    language: CodeableConcept = field(default_factory=CodeableConcept)
    preferred: bool = False


class PatientLink(Element):
    type: str = ""


class Patient(Resource):
    kind = "patient"

    extension: list[Extension] = []
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    gender: str = ""
    birth_date: str = ""
    deceased_boolean: bool | None = None
    deceased_date_time: str = ""
    address: list[Address] = []
    marital_status: CodeableConcept = field(default_factory=CodeableConcept)
    contact: list[Contact] = []
    communication: list[Communication] = []
    general_practitioner: list[Reference] = []
    managing_organization: Reference | None = None
    link: list[PatientLink] = []


class RelatedPerson(Resource):
    kind = "related_person"

    patient: Reference | None = None
    relationship: list[CodeableConcept] = []
    name: list[HumanName] = []
    telecom: list[ContactPoint] = []
    period: Period = field(default_factory=Period)


class CoverageClass(Element):
    type: CodeableConcept = field(default_factory=CodeableConcept)
    value: str = ""
    name: str = ""


class Coverage(Resource):
    kind = "coverage"

    status: str = ""
    type: CodeableConcept = field(default_factory=CodeableConcept)
    subscriber: Reference | None = None
    subscriber_id: str = ""
    beneficiary: Reference | None = None
    relationship: CodeableConcept = field(default_factory=CodeableConcept)
    period: Period = field(default_factory=Period)
    payor: list[Reference] = []
    classes: list[CoverageClass] = field(default_factory=list, name="class")
    order: int | None = None


class AppointmentParticipant(Element):
    actor: Reference | None = None
    status: str = ""


class Appointment(Resource):
    """`virtual_service` is of later versions of FHIR; others write it here already."""

    kind = "appointment"

    status: str = ""
    service_type: list[CodeableConcept] = []
    appointment_type: CodeableConcept = field(default_factory=CodeableConcept)
    start: str = ""
    end: str = ""
    minutes_duration: int | None = None
    created: str = ""
    participant: list[AppointmentParticipant] = []
    virtual_service: list[Raw] = []


class EncounterParticipant(Element):
    individual: Reference | None = None


class EncounterLocation(Element):
    location: Reference | None = None


class Encounter(Resource):
    kind = "encounter"

    status: str = ""
    setting: Coding = field(default_factory=Coding, name="class")
    type: list[CodeableConcept] = []
    service_type: CodeableConcept = field(default_factory=CodeableConcept)
    subject: Reference | None = None
    participant: list[EncounterParticipant] = []
    appointment: list[Reference] = []
    period: Period = field(default_factory=Period)
    location: list[EncounterLocation] = []
    service_provider: Reference | None = None


class Schedule(Resource):
    """Read only to find whose slots these are, and where."""

    kind = "schedule"

    service_type: list[CodeableConcept] = []
    actor: list[Reference] = []


class Slot(Resource):
    kind = "slot"

    service_type: list[CodeableConcept] = []
    appointment_type: CodeableConcept = field(default_factory=CodeableConcept)
    schedule: Reference | None = None
    status: str = ""
    start: str = ""
    end: str = ""


class Condition(Resource):
    """Read only to find what a diagnosis of a claim is called."""

    code: CodeableConcept = field(default_factory=CodeableConcept)

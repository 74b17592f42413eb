"""What FHIR R4 says about money: claims, what insurers decided about them, charge items and invoices."""

from decimal import Decimal

from msgspec import field

from portal.exchange.fhir import CodeableConcept, Element, Identifier, Period, Reference, Resource


class Money(Element):
    """Exactly as it is written, digit by digit."""

    value: Decimal | None = None
    currency: str = ""


class Quantity(Element):
    value: Decimal | None = None


class CareTeam(Element):
    sequence: int = 0
    provider: Reference | None = None


class ClaimDiagnosis(Element):
    sequence: int = 0
    diagnosis_codeable_concept: CodeableConcept | None = None
    diagnosis_reference: Reference | None = None


class Insurance(Element):
    focal: bool = False
    coverage: Reference | None = None


class Adjudication(Element):
    category: CodeableConcept = field(default_factory=CodeableConcept)
    amount: Money | None = None


class Item(Element):
    """Of a claim or of the explanation of one. Sub-items are a break-down of its own amount."""

    sequence: int = 0
    item_sequence: list[int] = []
    care_team_sequence: list[int] = []
    diagnosis_sequence: list[int] = []
    product_or_service: CodeableConcept = field(default_factory=CodeableConcept)
    modifier: list[CodeableConcept] = []
    serviced_date: str = ""
    serviced_period: Period = field(default_factory=Period)
    location_codeable_concept: CodeableConcept = field(default_factory=CodeableConcept)
    location_reference: Reference | None = None
    quantity: Quantity | None = None
    unit_price: Money | None = None
    factor: Decimal | None = None
    net: Money | None = None
    encounter: list[Reference] = []
    adjudication: list[Adjudication] = []


class Claim(Resource):
    kind = "claim"

    status: str = ""
    type: CodeableConcept = field(default_factory=CodeableConcept)
    use: str = ""
    patient: Reference | None = None
    billable_period: Period = field(default_factory=Period)
    created: str = ""
    insurer: Reference | None = None
    provider: Reference | None = None
    facility: Reference | None = None
    care_team: list[CareTeam] = []
    diagnosis: list[ClaimDiagnosis] = []
    insurance: list[Insurance] = []
    item: list[Item] = []
    total: Money | None = None


class BenefitPayment(Element):
    date: str = ""
    amount: Money | None = None
    identifier: Identifier | None = None


class ExplanationOfBenefit(Resource):
    kind = "benefit"

    status: str = ""
    use: str = ""
    outcome: str = ""
    patient: Reference | None = None
    created: str = ""
    insurer: Reference | None = None
    claim: Reference | None = None
    insurance: list[Insurance] = []
    item: list[Item] = []
    adjudication: list[Adjudication] = []
    total: list[Adjudication] = []
    payment: BenefitPayment | None = None


class Performer(Element):
    actor: Reference | None = None


class ChargeItem(Resource):
    kind = "charge_item"

    status: str = ""
    code: CodeableConcept = field(default_factory=CodeableConcept)
    subject: Reference | None = None
    context: Reference | None = None
    occurrence_date_time: str = ""
    occurrence_period: Period = field(default_factory=Period)
    performer: list[Performer] = []
    performing_organization: Reference | None = None
    quantity: Quantity | None = None
    factor_override: Decimal | None = None
    price_override: Money | None = None
    reason: list[CodeableConcept] = []


class PriceComponent(Element):
    type: str = ""
    factor: Decimal | None = None
    amount: Money | None = None


class InvoiceItem(Element):
    sequence: int | None = None
    charge_item_reference: Reference | None = None
    charge_item_codeable_concept: CodeableConcept | None = None
    price_component: list[PriceComponent] = []


class Invoice(Resource):
    kind = "invoice"

    status: str = ""
    subject: Reference | None = None
    recipient: Reference | None = None
    date: str = ""
    participant: list[Performer] = []
    line_item: list[InvoiceItem] = []
    total_net: Money | None = None
    total_gross: Money | None = None

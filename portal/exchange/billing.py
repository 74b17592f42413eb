"""From claims, charge items and invoices to bills: whose, at which visit, by whom, for how much."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from portal.encounters.drafts import DiagnosisDraft, Insured
from portal.encounters.rules import MOST_POINTERS, PLACES
from portal.exchange.claims import ChargeItem, Claim, ClaimDiagnosis, Invoice, Item
from portal.exchange.drafts import BillDraft, ServiceDraft
from portal.exchange.fhir import CodeableConcept, Condition, Encounter, Organization, Reference
from portal.exchange.identifiers import Key, best
from portal.exchange.mapping import amounts, prices, services
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.mapping.values import full_day, plain
from portal.exchange.mapping.visits import is_elsewhere, moment
from portal.exchange.payers import Payers
from portal.exchange.reading import Found
from portal.exchange.report import Place

if TYPE_CHECKING:
    from portal.exchange.drafting import Drafting
    from portal.exchange.visiting import Actors, Visiting

R = TypeVar("R", Claim, ChargeItem, Invoice)
LIVE = {"Claim": {"active"}, "ChargeItem": {"billable", "billed"}, "Invoice": {"issued", "balanced"}}
WITHDRAWN = {"cancelled", "entered-in-error", "aborted", "not-billable"}
NOT_YET = {"draft", "planned"}
PHARMACY = "claims of pharmacies are no visits of the practice"
AHEAD = "requests and estimates before a treatment are no claims"
HOSPITAL = "claims of hospitals and emergency rooms are no visits of the practice"
NOT_ICD = "diagnoses that are not coded by ICD-10 are left out"
NO_PLACE = "places of service that the portal has no word for stand as another place (99)"
MOST_NAME = 200
# An invoice asks the client.
NOBODY = Insured()


def item_key(bill: Key, sequence: int) -> Key:
    return bill._replace(value=f"{bill.value}#{sequence}")


class Billing:
    """`prices` of charge items are what an invoice asks for them, where they do not say it themselves."""

    def __init__(self, drafting: "Drafting", visiting: "Visiting", now: datetime) -> None:
        self.drafting, self.visiting, self.report, self.now = drafting, visiting, drafting.report, now
        self.payers = Payers(drafting)
        self._prices: dict[int, Decimal] = {}
        self._passed: Counter[tuple[str, str]] = Counter()

    def claims(self) -> Iterator[BillDraft]:
        for one, claim, draft in self._bills(Claim, "patient"):
            if any(coding.code == "pharmacy" for coding in claim.type.coding):
                self._pass_over(one, PHARMACY)
            elif claim.use not in ("", "claim"):
                self._pass_over(one, AHEAD)
            else:
                yield from self._whole(one, claim, draft, self._claim, [item.sequence for item in claim.item])
        self._tell()

    def charge_items(self) -> Iterator[BillDraft]:
        self._price_charge_items()
        for one, charge, draft in self._bills(ChargeItem, "subject"):
            yield from self._whole(one, charge, draft, self._charge_item)
        self._tell()

    def invoices(self) -> Iterator[BillDraft]:
        for one, invoice, draft in self._bills(Invoice, "subject"):
            numbers = [line.sequence or at for at, line in enumerate(invoice.line_item, 1)] or [1]
            yield from self._whole(one, invoice, draft, self._invoice, numbers)

    def _bills(self, wanted: type[R], field: str) -> Iterator[tuple[Found, R, BillDraft]]:
        """Those with a key, an owner and a status that is known."""
        name = wanted.__name__
        for one, found in self.drafting.of(wanted):
            key = self.drafting.key(one)
            if key is not None and found.status in LIVE[name] | WITHDRAWN:
                if owner := self.drafting.owner(field, getattr(found, field), one):
                    draft = BillDraft(one.place, key, owner=owner, resource_type=name, person=(owner.key,))
                    draft.is_withdrawn = found.status in WITHDRAWN
                    yield one, found, draft
                    continue
            elif key is not None and found.status not in NOT_YET:
                self.report.problem(one.place, "status is none that is known: left out")
            self.report.tally(name).skipped += 1

    def _whole(
        self, one: Found, resource: R, draft: BillDraft, fill: Callable[[Found, R, BillDraft], None],
        numbers: Sequence[int] = (),
    ) -> Iterator[BillDraft]:  # fmt: skip
        """A bill comes in as a whole, or not at all: else it would not add up to what it says."""
        assert draft.key is not None
        try:
            if len(set(numbers)) < len(numbers):
                raise Wrong("numbers two of its items alike")
            if draft.is_withdrawn:
                keys = [item_key(draft.key, number) for number in numbers] or [draft.key]
                draft.services = [ServiceDraft(key, "", "", None) for key in keys]
            else:
                fill(one, resource, draft)
        except Wrong as wrong:
            self.report.problem(one.place, f"{wrong}: left out")
        except _Elsewhere:
            self._pass_over(one, HOSPITAL)
            return
        else:
            if draft.services or draft.settles is not None:
                yield draft
                return
            self.report.notice(one.place, "names nothing that costs anything: left out")
        self.report.tally(draft.resource_type).skipped += 1

    def _claim(self, one: Found, claim: Claim, draft: BillDraft) -> None:
        assert draft.key is not None
        exact = prices.of_claim(claim.item, claim.total)
        visits = [self._visit("encounter", item.encounter, one) for item in claim.item]
        named = {id(visit): visit for visit in visits if visit is not None}
        only = next(iter(named.values())) if len(named) == 1 else None
        diagnoses = {told.sequence: self._diagnosis(one, told) for told in claim.diagnosis}
        people: dict[object, Actors] = {}
        for item, cents, visit in zip(claim.item, amounts.shared(exact), visits, strict=True):
            if cents:
                what = services.service(item.product_or_service)
                done = ServiceDraft(
                    item_key(draft.key, item.sequence), what.code, what.words, cents,
                    units=services.whole_units(item.quantity, cents), modifiers=services.modifiers(item.modifier),
                    place_of_service=services.place_of_service(item), diagnoses=self._pointed(one, item, diagnoses),
                )  # fmt: skip
                mark = (*item.care_team_sequence, item.location_reference and item.location_reference.reference)
                if mark not in people:
                    people[mark] = self.visiting.actors(_who(claim, item), one)
                self._place(done, people[mark], visit or only, one)
                told = (item.serviced_period.start, item.serviced_date, claim.billable_period.start, claim.created)
                self._date(done, told)
                self._passed[one.place.file, NO_PLACE] += done.place_of_service not in {"", *PLACES}
                draft.services.append(done)
        draft.insured = self.payers.insured(one, claim.insurance, claim.insurer)
        self._say_rounded(one, exact)

    def _charge_item(self, one: Found, charge: ChargeItem, draft: BillDraft) -> None:
        assert draft.key is not None
        what = services.service(charge.code)
        exact = amounts.exact(charge.price_override)
        exact = self._prices.get(id(one)) if exact is None else exact
        cents = None if exact is None else amounts.in_cents(exact)
        if cents == 0:
            return
        found = [services.diagnosis(reason) for reason in charge.reason]
        done = ServiceDraft(
            draft.key, what.code, what.words, cents, units=services.whole_units(charge.quantity, cents),
            diagnoses=tuple(dict.fromkeys(filter(None, found)))[:MOST_POINTERS],
        )  # fmt: skip
        told = [*(("performer", part.actor) for part in charge.performer)]
        actors = self.visiting.actors([*told, ("performingOrganization", charge.performing_organization)], one)
        visit = self._visit("context", [charge.context] if charge.context else [], one)
        self._place(done, actors, visit, one)
        self._date(done, (charge.occurrence_date_time, charge.occurrence_period.start))
        draft.services.append(done)
        draft.insured = NOBODY if id(one) in self._prices else None
        self._say_rounded(one, [exact])

    def _price_charge_items(self) -> None:
        for one, invoice in self.drafting.of(Invoice):
            for line in invoice.line_item if invoice.status in LIVE["Invoice"] else ():
                target = (
                    self.drafting.index.find(line.charge_item_reference, one) if line.charge_item_reference else None
                )
                try:
                    price = prices.of_components(line.price_component)
                except Wrong:
                    continue  # it is said where the invoice itself is read
                if isinstance(target, Found) and price is not None:
                    self._prices[id(target)] = price

    def _invoice(self, one: Found, invoice: Invoice, draft: BillDraft) -> None:
        """What it asks for beside charge items becomes services of its day; its number stays the other system's."""
        assert draft.key is not None
        if self._is_of_organization(invoice.recipient, one):
            raise Wrong("is addressed to an organization")
        told = [prices.of_components(line.price_component) for line in invoice.line_item]
        totals = prices.totals(told, invoice.total_net, invoice.total_gross)
        paid: list[Key] = []
        for number, (line, price) in enumerate(zip(invoice.line_item, told, strict=True), 1):
            if line.charge_item_reference is not None:
                paid += self._charge_key(line.charge_item_reference, one)
            elif price:
                what = services.service(line.charge_item_codeable_concept or CodeableConcept())
                key = item_key(draft.key, line.sequence or number)
                draft.services.append(ServiceDraft(key, what.code, what.words, amounts.in_cents(price)))
        if not invoice.line_item and totals:
            draft.services.append(self._as_a_whole(draft.key, invoice, totals[-1]))
        actors = self.visiting.actors([("participant", part.actor) for part in invoice.participant], one)
        for done in draft.services:
            self._place(done, actors, None, one)
            self._date(done, (invoice.date,))
        if invoice.status == "balanced":
            draft.settles = [*paid, *(done.key for done in draft.services)]
        elif paid:
            draft.settles = []
        draft.insured = NOBODY
        self._say_rounded(one, [*told, *totals])

    def _as_a_whole(self, key: Key, invoice: Invoice, total: Decimal) -> ServiceDraft:
        """A balance that is brought along: nothing is known of it but a number and a sum."""
        identifier = best(invoice, self.drafting.today)
        number = plain(identifier.value) if identifier else invoice.id
        english, spanish = (f"{word} {number}".strip()[:MOST_NAME].rstrip() for word in ("Invoice", "Factura"))
        return ServiceDraft(item_key(key, 1), "", english, amounts.in_cents(total), words_es=spanish)

    def _charge_key(self, reference: Reference, one: Found) -> list[Key]:
        target = self.drafting.index.find(reference, one, "charge_item")
        if target is None:
            self.report.problem(one.place, self.drafting.lost("chargeItem", reference))
        key = self.drafting.drafted.get(id(target)) if isinstance(target, Found) else target
        return [key] if key is not None and key.kind == "charge_item" else []

    def _is_of_organization(self, recipient: Reference | None, one: Found) -> bool:
        target = self.drafting.index.find(recipient, one) if recipient else None
        return isinstance(target, Found) and isinstance(target.resource, Organization)

    def _visit(self, field: str, references: Sequence[Reference], one: Found) -> Found | Key | None:
        for reference in references:
            target = self.drafting.index.find(reference, one, "encounter")
            if target is None and (reference.reference or reference.identifier):
                self.report.problem(one.place, self.drafting.lost(field, reference))
            if isinstance(target, Key) and target.kind == "encounter":
                return target
            if isinstance(target, Found) and isinstance(target.resource, Encounter):
                if is_elsewhere(target.resource):
                    raise _Elsewhere
                return target
        return None

    def _place(self, done: ServiceDraft, actors: "Actors", visit: Found | Key | None, one: Found) -> None:
        """With whom, where, at which visit. What is not said here, the visit and the chart say."""
        for words in actors.lost:
            self.report.problem(one.place, words)
        actors.lost.clear()
        done.clinician, done.sites = actors.clinician, actors.sites
        done.visit = visit if isinstance(visit, Key) else self.drafting.visits.get(id(visit))
        if isinstance(visit, Found) and isinstance(visit.resource, Encounter):
            done.starts_at = moment(visit.resource.period.start)

    def _date(self, done: ServiceDraft, told: Sequence[str]) -> None:
        for text in told:
            if done.starts_at is None and done.day is None:
                done.starts_at = moment(text)
                done.day = None if done.starts_at else full_day(text)
        if done.visit is None and done.starts_at is None and done.day is None:
            raise Wrong("does not say on which day it was")
        if (done.starts_at or self.now) > self.now or (done.day or self.now.date()) > self.now.date():
            raise Wrong("is about a day that is still to come")

    def _diagnosis(self, one: Found, told: ClaimDiagnosis) -> DiagnosisDraft | None:
        concept, reference = told.diagnosis_codeable_concept, told.diagnosis_reference
        if concept is None and reference is not None:
            target = self.drafting.index.find(reference, one)
            if isinstance(target, Found) and isinstance(target.resource, Condition):
                concept = target.resource.code
            elif target is None and reference.reference:
                self.report.problem(one.place, self.drafting.lost("diagnosis", reference))
        found = services.diagnosis(concept) if concept is not None else None
        if concept is not None and found is None:
            self._passed[one.place.file, NOT_ICD] += 1
        return found

    def _pointed(
        self, one: Found, item: Item, diagnoses: dict[int, DiagnosisDraft | None]
    ) -> tuple[DiagnosisDraft, ...]:
        if any(sequence not in diagnoses for sequence in item.diagnosis_sequence):
            self.report.problem(one.place, "diagnosisSequence points to a diagnosis that is not in it")
        found = list(dict.fromkeys(filter(None, (diagnoses.get(number) for number in item.diagnosis_sequence))))
        if len(found) > MOST_POINTERS:
            self.report.notice(
                one.place, f"a service points to more than {MOST_POINTERS} diagnoses: the first ones stay"
            )
        return tuple(found[:MOST_POINTERS])

    def _say_rounded(self, one: Found, exact: Sequence[Decimal | None]) -> None:
        if amounts.has_parts_of_cents(exact):
            self.report.notice(one.place, "names parts of a cent: they were rounded so that the sum stays")

    def _pass_over(self, one: Found, words: str) -> None:
        self._passed[one.place.file, words] += 1
        self.report.tally(type(one.resource).__name__).skipped += 1

    def _tell(self) -> None:
        for (file, words), count in self._passed.items():
            if count:
                self.report.notice(Place(file), f"{words}: {count}")
        self._passed.clear()


class _Elsewhere(Exception):
    """It is about a stay in a hospital."""


def _who(claim: Claim, item: Item) -> list[tuple[str, Reference | None]]:
    """Who did it before who asks for the money; the place itself before the organization that is behind it."""
    team = [one for one in claim.care_team if not item.care_team_sequence or one.sequence in item.care_team_sequence]
    return [
        *(("careTeam", one.provider) for one in team),
        ("location", item.location_reference),
        ("facility", claim.facility),
        ("provider", claim.provider),
    ]

"""From resources to drafts: who refers to whom, what is a site, what came twice."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

from portal.exchange.benefits import Benefits
from portal.exchange.billing import Billing
from portal.exchange.drafts import BelongingDraft, Draft, Drafts, Link, PatientDraft, once, once_each
from portal.exchange.fhir import (
    Coverage,
    Location,
    Organization,
    Patient,
    Practitioner,
    PractitionerRole,
    Reference,
    RelatedPerson,
    Resource,
)
from portal.exchange.identifiers import MOST, Key, row_key, secrets, shown, within
from portal.exchange.mapping import belongings, patients, places, staff
from portal.exchange.mapping.names import best_name
from portal.exchange.mapping.values import plain
from portal.exchange.reading import Found
from portal.exchange.references import Index
from portal.exchange.report import Report
from portal.exchange.visiting import Visiting

R = TypeVar("R", bound=Resource)


def draft_all(found: Sequence[Found], now: datetime, report: Report) -> Drafts:
    return Drafting(found, now.date(), report).all(now)


class Drafting:
    """One import's resources on their way to drafts. `drafted` are the keys of those that will be rows; `visits` the
    keys of the rows that encounters become, which may be an appointment's.
    """

    def __init__(self, found: Sequence[Found], today: date, report: Report) -> None:
        self.found, self.today, self.report = found, today, report
        self.index = Index(found)
        self.drafted: dict[int, Key] = {}
        self.visits: dict[int, Key | None] = {}

    def all(self, now: datetime) -> Drafts:
        """In this order: what is referred to comes first."""
        drafts = Drafts(
            organizations=once("Organization", self._organizations(), self.report),
            locations=once("Location", self._locations(), self.report),
            practitioners=once("Practitioner", self._practitioners(), self.report),
            patients=once("Patient", self._patients(), self.report),
            related=once_each("RelatedPerson", [*self._related(), *self._contacts()], self.report),
            coverages=once_each("Coverage", list(self._coverages()), self.report),
        )
        visiting = Visiting(self, now)
        drafts.appointments = once("Appointment", visiting.appointments(), self.report)
        drafts.encounters = once("Encounter", visiting.encounters(drafts.appointments), self.report)
        drafts.slots = once("Slot", visiting.slots(), self.report)
        billing = Billing(self, visiting, now)
        drafts.bills = [
            *once("Claim", billing.claims(), self.report),
            *once("ChargeItem", billing.charge_items(), self.report),
            *once("Invoice", billing.invoices(), self.report),
        ]
        drafts.benefits = once("ExplanationOfBenefit", Benefits(self, billing.payers).all(), self.report)
        return drafts

    def _organizations(self) -> Iterator[Draft]:
        """An insurer is known by its coverages, a headquarters by its locations: neither is a site."""
        elsewhere = [payer for one, coverage in self.of(Coverage, True) for payer in self._found(coverage.payor, one)]
        elsewhere += [
            owner for one, location in self.of(Location) if places.is_site(location) and location.managing_organization
            for owner in self._found([location.managing_organization], one)
        ]  # fmt: skip
        not_sites = {id(one) for one in elsewhere}
        for one, organization in self.of(Organization):
            if id(one) in not_sites or not places.is_place_of_care(organization, self.today):
                self.report.tally("Organization").skipped += 1
            elif key := self.key(one):
                yield places.site_of_organization(one.place, key, organization, self.today, self.report)

    def _locations(self) -> Iterator[Draft]:
        for one, location in self.of(Location):
            if not places.is_site(location):
                self.report.tally("Location").skipped += 1
            elif key := self.key(one):
                yield places.site_of_location(one.place, key, location, self.today, self.report)

    def _practitioners(self) -> Iterator[Draft]:
        for one, practitioner in self.of(Practitioner, True):
            key = self.key(one)
            if key and (draft := staff.clinician(one.place, key, practitioner, self.today, self.report)):
                yield draft

    def _patients(self) -> Iterator[PatientDraft]:
        for one, patient in self.of(Patient):
            if any(link.type == "replaced-by" for link in patient.link):
                self.report.tally("Patient").skipped += 1
                self.report.notice(one.place, "was replaced by another record of the same person: left out")
                continue
            key = self.key(one)
            if key and (draft := patients.chart(one.place, key, patient, self.today, self.report)):
                self._link_clinician(draft, one, patient)
                self._link_site(draft, one, patient)
                yield draft

    def _link_clinician(self, draft: Draft, one: Found, patient: Patient) -> None:
        """The first who is a practitioner, or stands behind a role."""
        for reference in patient.general_practitioner:
            target = self._target("generalPractitioner", reference, one, "practitioner")
            if isinstance(target, Found) and isinstance(target.resource, PractitionerRole):
                target = self._target("practitioner", target.resource.practitioner, target, "practitioner")
            link = self._link("generalPractitioner", reference, target, "practitioner")
            if link and "principal_clinician" not in draft.links:
                draft.links["principal_clinician"] = link

    def _link_site(self, draft: Draft, one: Found, patient: Patient) -> None:
        target = self._target("managingOrganization", patient.managing_organization, one, "organization")
        if link := self._link("managingOrganization", patient.managing_organization, target, "organization"):
            draft.links["site"] = link

    def _related(self) -> Iterator[BelongingDraft]:
        for one, related in self.of(RelatedPerson):
            if owner := self.owner("patient", related.patient, one):
                key = within(owner.key, self.key(one, is_required=False))
                if draft := belongings.related_person(one.place, key, owner, related, self.today, self.report):
                    yield draft
                    continue
            self.report.tally("RelatedPerson").skipped += 1

    def _contacts(self) -> Iterator[BelongingDraft]:
        for one, patient in self.of(Patient):
            if key := self.drafted.get(id(one)):
                current = [contact for contact in patient.contact if not contact.period.is_over(self.today)]
                owner = Link(key, "")
                drafts = (belongings.contact(one.place, owner, contact, self.today, self.report) for contact in current)
                yield from filter(None, drafts)

    def _coverages(self) -> Iterator[BelongingDraft]:
        for one, coverage in self.of(Coverage, True):
            if coverage.status in ("draft", "entered-in-error"):
                self.report.tally("Coverage").skipped += 1
            elif owner := self.owner("beneficiary", coverage.beneficiary, one):
                key = within(owner.key, self.key(one, is_required=False))
                payer = self.name("payor", coverage.payor[0] if coverage.payor else None, one)
                subscriber = self.name("subscriber", coverage.subscriber, one)
                hidden = self.secrets(coverage.beneficiary, one)
                yield belongings.coverage(one.place, key, owner, coverage, payer, subscriber, hidden, self.report)
            else:
                self.report.tally("Coverage").skipped += 1

    def of(self, wanted: type[R], contained_too: bool = False) -> Iterator[tuple[Found, R]]:
        for one in self.found:
            if isinstance(one.resource, wanted) and (contained_too or one.container is None):
                yield one, one.resource

    def _found(self, references: Sequence[Reference], origin: Found) -> Iterator[Found]:
        for reference in references:
            found = self.index.find(reference, origin)
            if isinstance(found, Found):
                yield found

    def key(self, one: Found, is_required: bool = True) -> Key | None:
        key = row_key(one.resource, one.full_url, one.base, one.container is not None, self.today)
        if key is not None and max(len(key.system), len(key.value)) > MOST:
            self.report.error(one.place, f"the identifier is longer than {MOST} characters")
            return None
        if key is not None:
            self.drafted[id(one)] = key
        elif is_required and one.container is not None:
            self.report.notice(one.place, "contains a practitioner without an identifier: left out")
        elif is_required:
            self.report.error(
                one.place, "has no identifier that may be kept: give it one, a patient a record number (MR)"
            )
        return key

    def _target(self, field: str, reference: Reference | None, origin: Found, kind: str) -> Found | Key | None:
        """What is only named or not there at all is no loss; what is referred to and is not there is one."""
        if reference is None or not (reference.reference or reference.identifier):
            return None
        target = self.index.find(reference, origin, kind)
        if target is None:
            self.report.problem(origin.place, self.lost(field, reference))
        return target

    def _link(self, field: str, reference: Reference | None, target: Found | Key | None, kind: str) -> Link | None:
        if reference is None or target is None:
            return None
        key = self.drafted.get(id(target)) if isinstance(target, Found) else target
        return Link(key, self.lost(field, reference)) if key is not None and key.kind == kind else None

    def owner(self, field: str, reference: Reference | None, one: Found) -> Link | None:
        if reference is None or not (reference.reference or reference.identifier):
            self.report.problem(one.place, f"{field} names no patient: left out")
            return None
        target = self.index.find(reference, one, "patient")
        link = self._link(field, reference, target, "patient")
        if target is None:
            self.report.problem(one.place, f"{self.lost(field, reference)}: left out")
        elif link is None:
            self.report.problem(one.place, f"{field} does not lead to a patient of this import: left out")
        return link

    def name(self, field: str, reference: Reference | None, origin: Found) -> str:
        """Of an insurer or a person; where the reference says the name itself, nothing is lost."""
        if reference is None:
            return ""
        target = self.index.find(reference, origin)
        resource = target.resource if isinstance(target, Found) else None
        if isinstance(resource, Organization):
            name = plain(resource.name)
        elif isinstance(resource, Patient | RelatedPerson):
            best = best_name(resource.name, self.today)
            name = best.whole if best else ""
        else:
            name = ""
        if not name and not plain(reference.display) and (reference.reference or reference.identifier):
            self.report.problem(origin.place, self.lost(field, reference))
        return name or plain(reference.display)

    def secrets(self, reference: Reference | None, origin: Found) -> frozenset[str]:
        target = self.index.find(reference, origin, "patient") if reference else None
        return secrets(target.resource.identifier) if isinstance(target, Found) else frozenset()

    def lost(self, field: str, reference: Reference) -> str:
        return f"{field} points to {shown(reference.reference) or 'an identifier'}, which is in none of these files"

"""From explanations of benefits to what insurers decided about claims."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.exchange.billing import AHEAD, item_key
from portal.exchange.claims import Claim, ExplanationOfBenefit
from portal.exchange.drafts import BenefitDraft, Link
from portal.exchange.identifiers import Key
from portal.exchange.mapping import amounts
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.mapping.decisions import decided
from portal.exchange.mapping.values import full_day, plain
from portal.exchange.payers import Payers
from portal.exchange.reading import Found
from portal.exchange.report import Place

if TYPE_CHECKING:
    from portal.exchange.drafting import Drafting

KIND = "ExplanationOfBenefit"
WITHDRAWN = {"cancelled", "entered-in-error"}
DONE, NOT_DONE = ("", "complete", "partial"), ("queued", "error")
NO_DECISION = "explanations of benefits that decide nothing are left out"
ROUNDED = "names parts of a cent: they were rounded so that the sum stays"
MOST_REFERENCE = 60


class Benefits:
    def __init__(self, drafting: "Drafting", payers: Payers) -> None:
        self.drafting, self.payers, self.report = drafting, payers, drafting.report
        self._passed: Counter[tuple[str, str]] = Counter()

    def all(self) -> Iterator[BenefitDraft]:
        for one, found in self.drafting.of(ExplanationOfBenefit):
            try:
                draft = self._draft(one, found)
            except Wrong as wrong:
                self.report.problem(one.place, f"{wrong}: left out")
                draft = None
            if draft is not None:
                yield draft
            else:
                self.report.tally(KIND).skipped += 1
        for (file, words), count in self._passed.items():
            self.report.notice(Place(file), f"{words}: {count}")

    def _draft(self, one: Found, found: ExplanationOfBenefit) -> BenefitDraft | None:
        key = self.drafting.key(one)
        if key is None or found.status == "draft":
            return None
        if found.status not in {"active"} | WITHDRAWN or found.outcome not in (*DONE, *NOT_DONE):
            raise Wrong("status or outcome is none that is known")
        if found.use not in ("", "claim") or found.outcome in NOT_DONE:
            self._passed[one.place.file, AHEAD if found.use not in ("", "claim") else NO_DECISION] += 1
            return None
        owner, claim = self.drafting.owner("patient", found.patient, one), self._claim(one, found)
        if owner is None:
            return None
        draft = BenefitDraft(one.place, key, owner=owner, claim=claim, person=(owner.key,))
        if found.status in WITHDRAWN:
            draft.is_withdrawn = True
            return draft
        self._fill(draft, one, found)
        if not draft.decided:
            self._passed[one.place.file, NO_DECISION] += 1
            return None
        return draft

    def _claim(self, one: Found, found: ExplanationOfBenefit) -> Link:
        if found.claim is None or not (found.claim.reference or found.claim.identifier):
            raise Wrong("names no claim")
        target = self.drafting.index.find(found.claim, one, "claim")
        if target is None:
            raise Wrong(self.drafting.lost("claim", found.claim))
        key = self.drafting.drafted.get(id(target)) if isinstance(target, Found) else target
        if key is None or key.kind != "claim":
            raise Wrong("claim does not lead to a claim")
        return Link(key, "")

    def _services(self, draft: BenefitDraft, one: Found, found: ExplanationOfBenefit) -> list[Key]:
        """Those of the claim that it decides about as a whole."""
        target = self.drafting.index.find(found.claim, one, "claim") if found.claim else None
        if not isinstance(target, Found) or not isinstance(target.resource, Claim):
            raise Wrong("decides about a claim as a whole that is in none of these files")
        return [item_key(draft.claim.key, item.sequence) for item in target.resource.item]

    def _fill(self, draft: BenefitDraft, one: Found, found: ExplanationOfBenefit) -> None:
        payment = found.payment
        said = amounts.exact(payment.amount) if payment else None
        told = [
            decided(item_key(draft.claim.key, (*item.item_sequence, item.sequence)[0]), item.adjudication)
            for item in found.item
        ]
        draft.decided = [each for each in told if each is not None]
        if not draft.decided:
            whole = decided(None, found.adjudication) or decided(None, found.total)
            draft.decided = [whole] if whole else []
            draft.services = self._services(draft, one, found) if whole else []
        services = [each.service for each in draft.decided]
        if len(set(services)) < len(services):
            raise Wrong("decides twice about one service")
        paid = sum((each.paid for each in draft.decided), amounts.NOTHING)
        if said is not None and abs(said - paid) >= amounts.A_CENT:
            raise Wrong("does not add up: what was paid for the services is not what was paid")
        draft.paid = amounts.in_cents(paid if said is None else said)
        day = (payment.date if payment else "") or found.created
        draft.received_on = full_day(day)
        if draft.received_on is None or draft.received_on > self.drafting.today:
            raise Wrong("does not say when it was paid, or a day that is still to come")
        draft.payer = self.payers.insured(one, found.insurance, found.insurer).payer
        draft.payer = self.payers.named(one, found.insurer) or draft.payer
        if payment and payment.identifier:
            draft.reference = plain(payment.identifier.value)[:MOST_REFERENCE].rstrip()
        if amounts.has_parts_of_cents([*(x for e in draft.decided for x in (e.paid, e.left, e.allowed)), said]):
            self.report.notice(one.place, ROUNDED)

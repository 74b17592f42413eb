"""Who is asked to pay first: the insurance that a claim names, as the chart would say it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.clients.names import folded
from portal.encounters.drafts import Insured
from portal.exchange.claims import Insurance
from portal.exchange.fhir import Coverage, Reference
from portal.exchange.mapping import belongings
from portal.exchange.mapping.values import plain
from portal.exchange.reading import Found
from portal.exchange.report import Report

if TYPE_CHECKING:
    from portal.exchange.drafting import Drafting

SELF_PAY = "pay"
# What stands where an insurer is named, and there is none.
NOBODY = {folded(one) for one in ("no insurance", "no_insurance", "none", "self pay", "self-pay", "uninsured")}
SOMEBODY = "Insurance"
COLUMNS = {
    "payer": "payer", "plan": "plan", "member_id": "member_id", "group_number": "group_number",
    "subscriber_name": "subscriber", "relationship": "relationship",
}  # fmt: skip
MOST = 200


class Payers:
    def __init__(self, drafting: "Drafting") -> None:
        self.drafting = drafting
        self._policies: dict[int, Insured | None] = {}

    def insured(self, one: Found, insurance: Sequence[Insurance], insurer: Reference | None) -> Insured:
        """An insurer that nobody names is one all the same: until it has decided, nothing is the client's to pay."""
        focal = next((each for each in insurance if each.focal), next(iter(insurance), None))
        if focal is None or focal.coverage is None or folded(focal.coverage.display) in NOBODY:
            return Insured()
        target = self.drafting.index.find(focal.coverage, one)
        policy: Insured | None = Insured()
        if isinstance(target, Found) and isinstance(target.resource, Coverage):
            if id(target) not in self._policies:
                self._policies[id(target)] = self._policy(target, target.resource)
            policy = self._policies[id(target)]
        elif target is None and focal.coverage.reference:
            self.drafting.report.problem(one.place, self.drafting.lost("coverage", focal.coverage))
        if policy is None or policy.payer:
            return policy or Insured()
        payer = self.named(one, insurer) or plain(focal.coverage.display) or SOMEBODY
        return replace(policy, payer=payer[:MOST].rstrip())

    def named(self, one: Found, insurer: Reference | None) -> str:
        return self.drafting.name("insurer", insurer, one)[:MOST].rstrip()

    def _policy(self, target: Found, coverage: Coverage) -> Insured | None:
        """None where the client pays. What is wrong with a coverage is said once, where it is read itself."""
        report, self.drafting.report = self.drafting.report, Report()
        try:
            name = self.drafting.name("payor", coverage.payor[0] if coverage.payor else None, target)
            if any(one.code == SELF_PAY for one in coverage.type.coding) or folded(name) in NOBODY:
                return None
            owner = self.drafting.owner("beneficiary", coverage.beneficiary, target)
            if owner is None:
                return Insured(payer=name[:MOST].rstrip())
            subscriber = self.drafting.name("subscriber", coverage.subscriber, target)
            hidden = self.drafting.secrets(coverage.beneficiary, target)
            draft = belongings.coverage(target.place, None, owner, coverage, name, subscriber, hidden, Report())
        finally:
            self.drafting.report = report
        return Insured(**{ours: str(draft.fields.get(column, "")) for column, ours in COLUMNS.items()})

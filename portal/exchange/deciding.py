"""What was decided elsewhere, in cents of the services that stand here: it adds up, or it is `Wrong`."""

from collections.abc import Sequence
from typing import Any

from portal.billing.actions.deciding import Part
from portal.exchange.drafts import BenefitDraft, Decided
from portal.exchange.mapping.amounts import Wrong, in_cents, shared

Line = dict[str, Any]
NO_SUM = "does not add up: what was paid for the services is not what was paid"


def parts_of(draft: BenefitDraft, lines: Sequence[Line]) -> list[Part]:
    """`lines` are those of the services, in their order, with what is waiting for insurance."""
    if draft.services:
        return _spread(_whole(draft.decided[0], draft.paid, lines), lines)
    return [
        _part(line["id"], one, paid, line["charged"], line["insurance_due"])
        for one, paid, line in zip(draft.decided, _paid(draft), lines, strict=True)
    ]


def _paid(draft: BenefitDraft) -> list[int]:
    """Sums up to the money that came. Some systems round each amount, and others only their sum."""
    exact = [one.paid for one in draft.decided]
    for cents in (shared(exact), [in_cents(one) for one in exact]):
        if sum(cents) == draft.paid:
            return cents
    raise Wrong(NO_SUM)


def _whole(one: Decided, paid: int, lines: Sequence[Line]) -> Part:
    charged, due = (sum(line[name] for line in lines) for name in ("charged", "insurance_due"))
    return _part(0, one, paid, charged, due)


def _part(line: int, one: Decided, paid: int, charged: int, due: int) -> Part:
    if one.submitted is not None and in_cents(one.submitted) != charged:
        raise Wrong("decides about another price than it has here")
    if one.allowed is not None and in_cents(one.allowed) > charged:
        raise Wrong("does not add up: it allows more than it costs")
    adjusted = in_cents(one.discount) if one.allowed is None else charged - in_cents(one.allowed)
    left = max(0, in_cents(one.paid + one.left) - paid) if one.left else 0
    part = Part(line, paid, adjusted, left)
    if one.allowed is not None and part.sum > charged:
        raise Wrong("does not add up: it pays and leaves more than it allows")
    if part.sum > due:
        raise Wrong("decides about more than is waiting for insurance here")
    if not part.sum:
        raise Wrong("decides about less than a cent")
    return part


def _spread(whole: Part, lines: Sequence[Line]) -> list[Part]:
    """Each line gets what it can take; the money first."""
    rest = {"paid": whole.paid, "adjusted": whole.adjusted, "left": whole.left}
    parts = []
    for line in lines:
        due, given = line["insurance_due"], {}
        for name in rest:
            given[name] = min(due, rest[name])
            due, rest[name] = due - given[name], rest[name] - given[name]
        parts.append(Part(line["id"], **given))
    return [part for part in parts if part.sum]

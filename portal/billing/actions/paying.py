"""Money that a client brings, and what is done with what was paid ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal import audit, clock, outbox
from portal.access import Permission, Viewer
from portal.billing.actions import ledger
from portal.billing.actions.ledger import Item
from portal.billing.queries import owed
from portal.billing.queries.owed import Owed
from portal.billing.tables import EntryKind, Method, Payment, PostingKind, Share
from portal.database import transaction
from portal.language import lazy
from portal.money import MOST
from portal.practice import numbers
from portal.practice import queries as practices
from portal.refusal import Refused

RECEIPT = "receipt"
AT_THE_DESK = (Method.CASH, Method.CHECK, Method.CARD_TERMINAL, Method.OTHER)
TOO_MUCH = lazy("That is more than is owed for it")


@dataclass(frozen=True)
class Taken:
    """`amount` in cents. `key` is the form's: sent twice, it is taken once."""

    method: str
    amount: int
    received_on: date
    reference: str = ""
    note: str = ""
    key: str = ""


@dataclass(frozen=True)
class Plan:
    """Where a payment would go: line → cents, and what of it becomes credit."""

    owed: Sequence[Owed]
    parts: Mapping[int, int]
    rest: int

    @property
    def seen(self) -> str:
        return owed.seen(self.owed)


async def plan(viewer: Viewer, client_id: int, taken: Taken, given: Mapping[int, int] | None = None) -> Plan:
    """As `take` would do now, and nothing is done. Raises `Refused`."""
    viewer.must(Permission.PAYMENT_TAKE)
    await _check(viewer, taken)
    return await _plan(viewer, client_id, taken, given)


async def take(
    viewer: Viewer, client_id: int, taken: Taken, given: Mapping[int, int] | None = None, *, seen: str = ""
) -> int:
    """Goes to the services in `given` (line → cents), else to the oldest invoice first; what is left over is credit.

    Returns the payment, the same for the same key. Raises `Refused`, at `changed` where the plan is not that one
    which was `seen`.
    """
    viewer.must(Permission.PAYMENT_TAKE)
    await _check(viewer, taken)
    async with transaction():
        await ledger.lock(viewer, client_id)
        day = taken.received_on
        if before := await ledger.posted_before(
            viewer, client_id, taken.key, PostingKind.PAYMENT, taken.amount, counts_on=day
        ):
            return int(before.payment)
        found = await _plan(viewer, client_id, taken, given)
        ledger.must_be_seen(seen, found.seen)
        row = Payment(
            client=client_id, method=taken.method, amount=taken.amount, reference=taken.reference, note=taken.note,
            received_on=day, taken_by=viewer.staff_id, made_at=clock.now(),
        )  # fmt: skip
        await row.save()
        items = [Item(EntryKind.CLIENT_PAYMENT, Share.CLIENT, -cents, line) for line, cents in found.parts.items()]
        items.append(Item(EntryKind.CLIENT_PAYMENT, Share.CLIENT, -found.rest))
        await ledger.post(viewer, client_id, PostingKind.PAYMENT, items, counts_on=day, payment=row.id, key=taken.key)
        await audit.record(viewer, "payment.taken", client_id=client_id, subject_id=row.id, method=taken.method)
        await outbox.record("payment.taken", row.id, client_id)
        await numbers.give(viewer, RECEIPT, Payment, [row.id])
    return int(row.id)


async def apply_credit(viewer: Viewer, client_id: int, *, key: str = "", seen: str = "") -> int:
    """What was paid ahead goes to what is owed now, the oldest first. Returns the posting. `seen` as of `take`."""
    viewer.must(Permission.PAYMENT_TAKE)
    async with transaction():
        account = await ledger.lock(viewer, client_id)
        if before := await ledger.posted_before(viewer, client_id, key, PostingKind.CREDIT):
            return int(before.id)
        due = await owed.of_client(viewer, client_id)
        ledger.must_be_seen(seen, owed.seen(due, account.credit))
        parts, _ = owed.spread(account.credit, due)
        cents = sum(parts.values())
        if not cents:
            raise Refused({"": lazy("There is nothing that the credit could pay for.")})
        items = [Item(EntryKind.TRANSFER, Share.CLIENT, -part, line) for line, part in parts.items()]
        items.append(Item(EntryKind.TRANSFER, Share.CLIENT, cents))
        return await ledger.post(viewer, client_id, PostingKind.CREDIT, items, key=key)


async def _check(viewer: Viewer, taken: Taken) -> None:
    wrong: dict[str, object] = {}
    if not 1 <= taken.amount <= MOST:
        wrong["amount"] = lazy("Enter an amount above zero")
    if taken.method not in AT_THE_DESK and not (taken.method == Method.CARD and viewer.is_portal):
        wrong["method"] = lazy("Choose how it was paid")
    if taken.received_on > clock.today((await practices.practice(viewer)).time_zone):
        wrong["received_on"] = lazy("This day is still to come: check the date")
    if wrong:
        raise Refused(wrong)


async def _plan(viewer: Viewer, client_id: int, taken: Taken, given: Mapping[int, int] | None) -> Plan:
    due = await owed.of_client(viewer, client_id)
    parts, rest = owed.spread(taken.amount, due) if given is None else _chosen(taken.amount, given, due)
    return Plan(due, parts, rest)


def _chosen(cents: int, given: Mapping[int, int], due: Sequence[Owed]) -> tuple[dict[int, int], int]:
    most = {one.id: one.client_due for one in due}
    parts = {line: part for line, part in given.items() if part}
    wrong: dict[str, object] = {
        f"line{line}": TOO_MUCH for line, part in parts.items() if not 0 < part <= most.get(line, 0)
    }
    if parts.keys() - most.keys():
        wrong = {"": ledger.CHANGED}
    rest = cents - sum(parts.values())
    if not wrong and rest < 0:
        wrong["amount"] = lazy("The services get more than was paid: check the amounts")
    if wrong:
        raise Refused(wrong)
    return parts, rest

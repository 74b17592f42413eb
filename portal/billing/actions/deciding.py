"""What an insurer pays, what it takes off, and what it leaves to the client; and what the practice takes off itself."""

from collections.abc import Sequence
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
from portal.practice import queries as practices
from portal.refusal import Refused

OF_INSURERS = (Method.CHECK, Method.TRANSFER, Method.OTHER)


@dataclass(frozen=True)
class Part:
    """Of one service, in cents: `left` is what the insurer leaves to the client. What is not said still waits."""

    line: int
    paid: int = 0
    adjusted: int = 0
    left: int = 0

    @property
    def sum(self) -> int:
        return self.paid + self.adjusted + self.left


@dataclass(frozen=True)
class Remittance:
    payer: str
    method: str
    received_on: date
    parts: Sequence[Part]
    reference: str = ""
    note: str = ""
    key: str = ""
    seen: str = ""

    @property
    def paid(self) -> int:
        return sum(part.paid for part in self.parts)

    @property
    def sum(self) -> int:
        return sum(part.sum for part in self.parts)


async def post_remittance(viewer: Viewer, client_id: int, told: Remittance) -> int:
    """Returns the posting, the same for the same key. A decision without money makes no payment. Raises `Refused`."""
    viewer.must(Permission.LEDGER_ADJUST)
    async with transaction():
        await ledger.lock(viewer, client_id)
        if before := await ledger.posted_before(
            viewer, client_id, told.key, PostingKind.INSURER, told.sum, counts_on=told.received_on, reason=told.payer
        ):
            return int(before.id)
        due = await look_over(viewer, client_id, told)
        ledger.must_be_seen(told.seen, owed.seen(due))
        payment = await _paid(viewer, client_id, told) if told.paid else None
        items = [item for part in told.parts for item in items_of(part)]
        posting = await ledger.post(
            viewer, client_id, PostingKind.INSURER, items, counts_on=told.received_on, payment=payment,
            reason=told.payer, key=told.key,
        )  # fmt: skip
        await audit.record(viewer, "remittance.posted", client_id=client_id, subject_id=posting)
        await outbox.record("remittance.posted", posting, client_id)
    return posting


async def leave_to_client(viewer: Viewer, client_id: int, line: int, cents: int, reason: str, key: str = "") -> int:
    """Nothing more is to come from the insurer for it. Returns the posting."""
    items = _leaving(line, cents)
    return await _shift(viewer, client_id, line, cents, PostingKind.RESPONSIBILITY, items, reason, key)


async def write_off(
    viewer: Viewer, client_id: int, line: int, cents: int, reason: str, *, is_adjustment: bool = False, key: str = ""
) -> int:
    """The practice asks the client for less. An adjustment is agreed on (a sliding fee), a write-off is lost."""
    kind, how = (
        (EntryKind.ADJUSTMENT, PostingKind.ADJUSTMENT)
        if is_adjustment
        else (EntryKind.WRITE_OFF, PostingKind.WRITE_OFF)
    )
    return await _shift(viewer, client_id, line, cents, how, [Item(kind, Share.CLIENT, -cents, line)], reason, key)


async def _shift(
    viewer: Viewer, client_id: int, line: int, cents: int, kind: PostingKind, items: list[Item], reason: str, key: str
) -> int:
    viewer.must(Permission.LEDGER_ADJUST)
    if not reason:
        raise Refused(reason=lazy("Say why: it stands in the ledger"))
    if not 1 <= cents <= MOST:
        raise Refused(amount=lazy("Enter an amount above zero"))
    async with transaction():
        await ledger.lock(viewer, client_id)
        if before := await ledger.posted_before(viewer, client_id, key, kind, cents, reason=reason):
            return int(before.id)
        due = {one.id: one.client_due for one in await owed.of_client(viewer, client_id)}
        if kind == PostingKind.RESPONSIBILITY:
            due = {one.id: one.insurance_due for one in await owed.of_insurers(viewer, client_id)}
        if cents > due.get(line, 0):
            raise Refused(amount=lazy("That is more than is owed for it"))
        posting = await ledger.post(viewer, client_id, kind, items, reason=reason, key=key)
        await audit.record(viewer, f"ledger.{kind}", client_id=client_id, subject_id=posting)
    return posting


async def look_over(viewer: Viewer, client_id: int, told: Remittance) -> list[Owed]:
    """What is waiting for insurance, where the decision could be posted now; nothing is done. Raises `Refused`."""
    viewer.must(Permission.LEDGER_ADJUST)
    waiting = await owed.of_insurers(viewer, client_id)
    due = {one.id: one.insurance_due for one in waiting}
    wrong: dict[str, object] = {}
    if not told.payer:
        wrong["payer"] = lazy("Enter who has decided")
    if told.received_on > clock.today((await practices.practice(viewer)).time_zone):
        wrong["received_on"] = lazy("This day is still to come: check the date")
    if told.method not in OF_INSURERS:
        wrong["method"] = lazy("Choose how it was paid")
    if told.paid > MOST:
        wrong[""] = lazy("That is more than one payment can be. Post it in two parts.")
    if not any(part.sum for part in told.parts):
        wrong[""] = lazy("Enter what was decided for at least one service")
    for part in told.parts:
        if min(part.paid, part.adjusted, part.left) < 0 or part.sum > due.get(part.line, part.sum):
            wrong[f"line{part.line}"] = lazy("Together this is more than is waiting for insurance")
    if {part.line for part in told.parts} - due.keys():
        wrong[""] = ledger.CHANGED
    if wrong:
        raise Refused(wrong)
    return waiting


async def _paid(viewer: Viewer, client_id: int, told: Remittance) -> int:
    row = Payment(
        client=client_id, payer=told.payer, method=told.method, amount=told.paid, reference=told.reference,
        received_on=told.received_on, note=told.note, taken_by=viewer.staff_id, made_at=clock.now(),
    )  # fmt: skip
    await row.save()
    return int(row.id)


def items_of(part: Part) -> list[Item]:
    return [
        Item(EntryKind.INSURER_PAYMENT, Share.INSURANCE, -part.paid, part.line),
        Item(EntryKind.ADJUSTMENT, Share.INSURANCE, -part.adjusted, part.line),
        *_leaving(part.line, part.left),
    ]


def _leaving(line: int, cents: int) -> list[Item]:
    return [
        Item(EntryKind.TRANSFER, Share.INSURANCE, -cents, line),
        Item(EntryKind.TRANSFER, Share.CLIENT, cents, line),
    ]

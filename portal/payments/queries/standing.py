"""Where a payment stands, with its receipt once there is one; and what a sum would pay for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal import clock
from portal.access import Viewer
from portal.billing import disputes
from portal.billing.disputes import Disputed
from portal.billing.queries import owed
from portal.billing.queries.owed import Owed
from portal.database import fetch
from portal.invoices.queries import receipt as receipts
from portal.invoices.queries.receipt import Receipt
from portal.payments import rules
from portal.payments.bank.tables import DisputeState as State
from portal.payments.queries import attempts
from portal.payments.tables import AttemptState, PaymentAttempt, Way

DISPUTED = "SELECT amount, made_at, state FROM card_dispute WHERE paid = {} ORDER BY id"


@dataclass(frozen=True)
class Standing:
    attempt: PaymentAttempt
    is_open: bool
    receipt: Receipt | None = None
    disputes: Sequence[Disputed] = ()

    @property
    def state(self) -> AttemptState:
        """One that nobody went on with has run out."""
        now = AttemptState(self.attempt.state)
        return AttemptState.EXPIRED if now == AttemptState.OPEN and not self.is_open else now

    @property
    def waits(self) -> bool:
        """For Stripe, and for nobody here."""
        return self.state in (AttemptState.SUBMITTING, AttemptState.PROCESSING)

    @property
    def settled_by(self) -> datetime | None:
        return rules.settled_by(self.attempt.submitted_at, clock.now())

    @property
    def is_hosted(self) -> bool:
        return self.attempt.way == Way.HOSTED

    @property
    def code(self) -> str:
        return str(self.attempt.code)


async def standing(viewer: Viewer, client_id: int, public: UUID) -> Standing:
    row = await attempts.attempt(viewer, client_id, public)
    is_open = rules.is_open(row.state, row.made_at, clock.now())
    if row.payment is None:
        return Standing(row, is_open)
    receipt = await receipts.receipt(viewer, row.payment)
    return Standing(row, is_open, receipt, await disputed(viewer, row.payment))


@disputes.declare
async def disputed(viewer: Viewer, payment_id: int) -> list[Disputed]:
    rows = await fetch(DISPUTED, payment_id)
    return [
        Disputed(one["amount"], one["made_at"], one["state"] == State.OPEN, one["state"] == State.LOST) for one in rows
    ]


async def pays(viewer: Viewer, client_id: int, cents: int) -> list[tuple[Owed, int]]:
    """Which services that much would go to now, in their order. Whoever asks has reached the client."""
    lines = await owed.of_client(viewer, client_id)
    given, _ = owed.spread(cents, lines)
    return [(one, given[one.id]) for one in lines if one.id in given]

"""Attempts to pay by card, as staff see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal import clock
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.payments import rules
from portal.payments.tables import PaymentAttempt, Source
from portal.practice.queries import name_of

BY = f"""
SELECT {name_of("m")} AS staff, coalesce(nullif(a.name, ''), a.email, '') AS account
  FROM payment_attempt AS t LEFT JOIN staff_member AS m ON m.id = t.staff LEFT JOIN account AS a ON a.id = t.account
 WHERE t.id = {{}}
"""


@dataclass(frozen=True)
class Tried:
    """`by` is who began it; empty where it was a link, or AutoPay."""

    attempt: PaymentAttempt
    by: str

    @property
    def has_no_answer(self) -> bool:
        return rules.has_no_answer(self.attempt.state)

    @property
    def settled_by(self) -> datetime | None:
        return rules.settled_by(self.attempt.submitted_at, clock.now())


async def charge(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt:
    """That staff made to a card on file. Not found outside one's reach."""
    viewer.must(Permission.CARD_CHARGE)
    row = await _attempt(viewer, client_id, public)
    if row.source != Source.STAFF:
        raise NotFoundException
    return row


async def attempt(viewer: Viewer, client_id: int, public: UUID) -> Tried:
    """Whoever began it. Not found outside one's reach."""
    viewer.must(Permission.LEDGER_READ)
    row = await _attempt(viewer, client_id, public)
    (by,) = await fetch(BY, row.id)
    return Tried(row, "" if row.source == Source.AUTOPAY else by["staff"] or by["account"])


async def _attempt(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt:
    row = await (
        PaymentAttempt.objects()
        .where(viewer.reaches(PaymentAttempt), PaymentAttempt.client == client_id, PaymentAttempt.public == public)
        .first()
    )
    if row is None:
        raise NotFoundException
    return row

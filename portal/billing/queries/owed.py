"""What is owed, line by line, and in which order a payment goes to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.access import Viewer
from portal.billing.tables import LedgerAccount
from portal.database import fetch
from portal.language import in_language

# Invoices lie above the ledger; their rows are asked for here by name, for the oldest invoice is paid first.
LINES = """
SELECT l.id, l.encounter, e.starts_at, e.time_zone, l.code, l.words, l.words_es, l.charged, l.paid_by_insurer,
       l.paid_by_client, l.adjusted, l.insurance_due, l.client_due, e.payer, i.number AS invoice
  FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
  LEFT JOIN invoice_line AS n ON n.line = l.id AND n.is_live LEFT JOIN invoice AS i ON i.id = n.invoice
 WHERE l.client = {{}} AND e.voided_at IS NULL AND {which}
 ORDER BY i.number NULLS LAST, e.starts_at, l.id
"""


@dataclass(frozen=True)
class Owed:
    """A service with what was charged and paid for it, in cents. `invoice` is a number, None where there is none."""

    id: int
    encounter: int
    starts_at: datetime
    time_zone: str
    code: str
    words: str
    words_es: str
    charged: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int
    payer: str
    invoice: int | None

    @property
    def said(self) -> str:
        return in_language(self.words, self.words_es)


@dataclass(frozen=True)
class Balance:
    """Cents. What the client owes for services, what is with insurers, and what was paid ahead."""

    client_due: int = 0
    insurance_due: int = 0
    credit: int = 0

    @property
    def to_pay(self) -> int:
        """Below zero, where more was paid ahead than is owed."""
        return self.client_due - self.credit

    @property
    def total(self) -> int:
        return self.to_pay + self.insurance_due


async def balance(viewer: Viewer, client_id: int) -> Balance:
    """Nothing outside one's reach."""
    row = await (
        LedgerAccount.select(LedgerAccount.client_due, LedgerAccount.insurance_due, LedgerAccount.credit)
        .where(viewer.reaches(LedgerAccount), LedgerAccount.client == client_id)
        .first()
    )
    return Balance(**row) if row else Balance()


async def of_client(viewer: Viewer, client_id: int) -> list[Owed]:
    """What the client still owes, in the order in which payments go to it. Whoever asks has reached the client."""
    return await _lines(client_id, "l.client_due > 0")


async def of_insurers(viewer: Viewer, client_id: int) -> list[Owed]:
    """What insurers have still to decide. Whoever asks has reached the client."""
    return await _lines(client_id, "l.insurance_due > 0")


async def _lines(client_id: int, which: str) -> list[Owed]:
    return [Owed(**row) for row in await fetch(LINES.format(which=which), client_id)]


def seen(owed: Sequence[Owed], credit: int = 0) -> str:
    """Of what somebody looks at before they post: it is another one as soon as any of it has changed."""
    told = [(one.id, one.client_due, one.insurance_due) for one in owed]
    return sha256(repr((told, credit)).encode()).hexdigest()[:24]


def spread(cents: int, owed: Sequence[Owed]) -> tuple[dict[int, int], int]:
    """Line → what it gets, the first ones first; and what is left over."""
    given: dict[int, int] = {}
    for one in owed:
        if part := min(cents, one.client_due):
            given[one.id] = part
            cents -= part
    return given, cents

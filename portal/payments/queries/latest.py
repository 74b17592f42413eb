"""The latest attempts, for whoever runs the portal: numbers and no names."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from portal.access import Permission, Viewer
from portal.database import fetch
from portal.payments.tables import PaymentAttempt

ATTEMPTS = """
SELECT id, client, state, amount, way, brand, last4, code, payment, made_at, ended_at FROM payment_attempt
 WHERE {} AND ({}::text IS NULL OR state::text = {}) ORDER BY id DESC LIMIT {}
"""


@dataclass(frozen=True)
class Tried:
    id: int
    client: int
    state: str
    amount: int
    way: str | None
    brand: str
    last4: str
    code: str
    payment: int | None
    made_at: datetime
    ended_at: datetime | None

    @property
    def told(self) -> dict[str, Any]:
        """For a script: cents, and moments in UTC."""
        moments = {name: at and at.isoformat() for name, at in (("made_at", self.made_at), ("ended_at", self.ended_at))}
        return {**asdict(self), **moments}


async def attempts(viewer: Viewer, state: str | None, limit: int) -> list[Tried]:
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(ATTEMPTS, viewer.reaches(PaymentAttempt).querystring, state, state, limit)
    return [Tried(**row) for row in rows]

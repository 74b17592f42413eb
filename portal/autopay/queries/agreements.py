"""AutoPay as whoever pays for the client sees it: what was agreed to, what comes, and what became of what came."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.access import Area, Viewer
from portal.autopay.tables import DueState
from portal.database import fetch

MOST_SHOWN = 12
LIVE = """
SELECT p.id, p.most, p.consent, p.agreed_at, coalesce(nullif(a.name, ''), a.email) AS agreed_by
  FROM autopay AS p JOIN account AS a ON a.id = p.agreed_by WHERE p.client = {} AND p.ended_at IS NULL
"""
DUES = """
SELECT d.id, d.invoice AS invoice_id, i.number, d.charge_on, d.state::text, d.ended_at, t.state::text AS attempt,
       t.amount AS tried,
       (SELECT coalesce(sum(l.client_due), 0)::bigint FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
         WHERE n.invoice = i.id AND n.is_live) AS open
  FROM autopay_due AS d JOIN invoice AS i ON i.id = d.invoice LEFT JOIN payment_attempt AS t ON t.id = d.attempt
 WHERE d.client = {} AND d.state::text <> 'off'
 ORDER BY d.state::text = 'coming' DESC, d.charge_on DESC, d.id DESC LIMIT {}
"""


@dataclass(frozen=True)
class Agreement:
    """Cents."""

    id: int
    most: int
    consent: str
    agreed_at: datetime
    agreed_by: str


@dataclass(frozen=True)
class Due:
    """One invoice. `open` is what is left of it now, `tried` what was charged or tried to be. Cents."""

    id: int
    invoice_id: int
    number: int
    charge_on: date
    state: str
    ended_at: datetime | None
    attempt: str | None
    tried: int | None
    open: int

    @property
    def is_coming(self) -> bool:
        return self.state == DueState.COMING

    @property
    def is_paid(self) -> bool:
        return self.attempt == "succeeded"

    @property
    def has_failed(self) -> bool:
        return self.attempt in ("declined", "failed", "cancelled", "expired")


async def live(viewer: Viewer, client_id: int) -> Agreement | None:
    viewer.must_act_for(client_id, Area.BILLING)
    rows = await fetch(LIVE, client_id)
    return Agreement(**rows[0]) if rows else None


async def dues(viewer: Viewer, client_id: int) -> list[Due]:
    """What comes first, then what came last."""
    viewer.must_act_for(client_id, Area.BILLING)
    return [Due(**row) for row in await fetch(DUES, client_id, MOST_SHOWN)]

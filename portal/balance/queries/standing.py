"""What a client owes, what waits for which insurer, and what was paid ahead: one question."""

from dataclasses import dataclass, field

from portal.access import Area, Viewer
from portal.billing.queries.owed import Balance
from portal.billing.settings import ACCOUNT, is_on
from portal.database import Prepared

STANDING = Prepared(
    """
    SELECT a.client_due, a.insurance_due, a.credit, i.payer, i.cents
      FROM ledger_account AS a LEFT JOIN LATERAL (
        SELECT e.payer, sum(l.insurance_due)::bigint AS cents
          FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
         WHERE l.client = a.client AND l.insurance_due > 0 GROUP BY e.payer) AS i ON true
     WHERE a.client = $1 ORDER BY i.payer
    """,
    "client",
)


@dataclass(frozen=True)
class Waiting:
    """Cents that an insurer has still to decide on."""

    payer: str
    cents: int


@dataclass(frozen=True)
class Standing:
    balance: Balance = field(default_factory=Balance)
    waiting: tuple[Waiting, ...] = ()

    @property
    def to_pay(self) -> int:
        return max(self.balance.to_pay, 0)

    @property
    def ahead(self) -> int:
        """What was paid ahead and is not needed for anything that is owed now."""
        return max(-self.balance.to_pay, 0)


async def standing(viewer: Viewer, client_id: int) -> Standing:
    viewer.must_act_for(client_id, Area.BILLING)
    rows = await STANDING(client=client_id)
    if not rows:
        return Standing()
    balance = Balance(*(rows[0][name] for name in ("client_due", "insurance_due", "credit")))
    return Standing(balance, tuple(Waiting(row["payer"], row["cents"]) for row in rows if row["cents"]))


async def shown(viewer: Viewer, client_id: int) -> Standing | None:
    """None where the practice has its clients call."""
    return await standing(viewer, client_id) if await is_on(viewer, ACCOUNT) else None

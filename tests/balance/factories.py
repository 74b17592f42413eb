"""Accounts as tests want them: visits, what insurers decided, what was paid and what went back."""

from typing import Any

from portal.billing.actions import deciding
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.tables import Payment
from portal.clients.tables import Client
from portal.encounters.drafts import LineDraft
from portal.encounters.tables import ServiceLine
from tests.billing.factories import AETNA, a_payment, an_encounter, today
from tests.cast import Cast
from tests.factories import TEST

GROUP = LineDraft("H0005", "Group counseling", 1, 6000, "Consejería en grupo", pointers=(1,))


def place(client: Client | Cast, rest: str = "") -> str:
    return f"/clients/{getattr(client, 'client', client).id}/account{rest}"


async def line_of(encounter_id: int) -> int:
    row = await ServiceLine.objects().where(ServiceLine.encounter == encounter_id).order_by(ServiceLine.place).first()
    return int(row.id)


async def decided(client: Client, encounter_id: int, paid: int, adjusted: int, left: int, payer: str = "Aetna") -> int:
    part = Part(await line_of(encounter_id), paid, adjusted, left)
    return await deciding.post_remittance(TEST, client.id, Remittance(payer, "transfer", today(), [part]))


async def an_insured_visit(client: Client, **more: Any) -> int:
    """$150.00, of which Aetna pays $90.00 and takes $35.00 off; $25.00 are the client's."""
    encounter = await an_encounter(client, insured=AETNA, **more)
    await decided(client, encounter, 9000, 3500, 2500)
    return encounter


async def payment(client: Client, cents: int, **more: Any) -> Payment:
    return await Payment.objects().get(Payment.id == await a_payment(client, cents, **more))

"""Whom Stripe knows a client as: asked for once, and nothing of the client goes along."""

from portal import faults
from portal.access import Viewer
from portal.database import fetch
from portal.payments import gateway
from portal.payments.tables import Payer


async def customer(viewer: Viewer, client_id: int) -> str:
    """Stripe's name of the client. Not inside a transaction. Raises `gateway.Refusal` and `gateway.Unknown`."""
    await fetch(
        "INSERT INTO stripe_customer (client, token, customer) VALUES ({}, gen_random_uuid(), '')"
        " ON CONFLICT (client) DO NOTHING",
        client_id,
    )
    row = await Payer.objects().where(Payer.client == client_id).first()
    assert row is not None
    if not row.customer:
        row.customer = await gateway.create_customer(str(row.token))
        faults.point("customer-made")
        await row.save([Payer.customer])
    return str(row.customer)

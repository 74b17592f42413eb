"""Whom Stripe knows a client as: asked for once, and nothing of the client goes along."""

from portal import faults
from portal.access import Viewer
from portal.database import fetch
from portal.payments import gateway
from portal.payments.tables import Payer

RENEW = "UPDATE stripe_customer SET token = gen_random_uuid() WHERE id = {} AND token = {} AND customer = ''"


async def customer(viewer: Viewer, client_id: int) -> str:
    """Stripe's name of the client. Not inside a transaction. Raises `gateway.Refusal` and `gateway.Unknown`."""
    await fetch(
        "INSERT INTO stripe_customer (client, token, customer) VALUES ({}, gen_random_uuid(), '')"
        " ON CONFLICT (client) DO NOTHING",
        client_id,
    )
    row = await _row(client_id)
    if not row.customer:
        try:
            made = await gateway.create_customer(str(row.token))
        except gateway.Unknown as unknown:
            if unknown.is_kept:  # another key, or this client could not pay for a day; a second customer owes nothing
                await fetch(RENEW, row.id, row.token)
            raise
        faults.point("customer-made")
        await fetch("UPDATE stripe_customer SET customer = {} WHERE id = {} AND customer = ''", made, row.id)
        row = await _row(client_id)
    return str(row.customer)


async def _row(client_id: int) -> Payer:
    row = await Payer.objects().where(Payer.client == client_id).first()
    assert row is not None
    return row

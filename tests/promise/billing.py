"""Money in the demo, put there by the acts themselves beside the running portal."""

import json

from tests.promise.conftest import Portal

WORK = """
import asyncio, json
from datetime import timedelta
from portal import clock
from portal.access import Viewer
from portal.billing.actions import charging, paying
from portal.billing.actions.paying import Taken
from portal.clients.tables import Client
from portal.database import fetch
from portal.encounters.drafts import DiagnosisDraft, EncounterDraft, LineDraft
from portal.invoices.actions import issuing
from portal.practice.tables import Site
from tasks.cli.running import run

WHO = Viewer.portal("test")

async def work():
    client = await Client.objects().get(Client.id == CLIENT)
    if not await fetch("SELECT id FROM client_address WHERE client = {} AND street <> '' AND city <> ''", client.id):
        await fetch("INSERT INTO client_address (client, kind, street, street_2, city, state, postal_code, country)"
                    " VALUES ({}, 'home', '8 Spa Creek Way', '', 'Annapolis', 'MD', '21403', 'US')", client.id)
    site = await Site.objects().first()
    clinician = (await fetch("SELECT id FROM staff_member WHERE is_clinician ORDER BY id LIMIT 1"))[0]["id"]
    line = LineDraft("H0004", "Counseling, 15 minutes", 4, 3750, "Consejería, 15 minutos", pointers=(1,))
    encounter = await charging.record(WHO, EncounterDraft(
        client_id=client.id, clinician_id=clinician, site_id=site.id, starts_at=clock.now() - timedelta(days=3),
        time_zone="America/New_York", lines=(line,),
        diagnoses=(DiagnosisDraft("F41.1", "Generalized anxiety disorder"),),
    ))
    lines = [row["id"] for row in await fetch("SELECT id FROM service_line WHERE encounter = {}", encounter)]
    invoice = await issuing.issue(WHO, client.id, lines)
    day = clock.today("America/New_York")
    payment = await paying.take(WHO, client.id, Taken("cash", 5000, day, key=f"promise-{encounter}"), {lines[0]: 5000})
    number = (await fetch("SELECT number FROM invoice WHERE id = {}", invoice))[0]["number"]
    print(json.dumps({"encounter": encounter, "invoice": invoice, "payment": payment, "number": number}))

run(work)
"""


def a_visit_that_was_billed(portal: Portal, client: int = 1) -> dict[str, int]:
    """$150.00, invoiced, of which $50.00 were paid in cash. Ids, and the number of the invoice."""
    found: dict[str, int] = json.loads(portal.work(WORK.replace("CLIENT)", f"{client})")).splitlines()[-1])
    return found

"""Encounters, fees and payments as tests want them."""

from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.billing.actions import charging, paying
from portal.billing.actions.paying import Taken
from portal.clients.tables import Client
from portal.encounters.drafts import DiagnosisDraft, EncounterDraft, Insured, LineDraft
from portal.practice.tables import Site, StaffMember
from tests.factories import TEST

SESSION = LineDraft("H0004", "Counseling, 15 minutes", 4, 3750, "Consejería, 15 minutos", pointers=(1,))
ANXIETY = DiagnosisDraft("F41.1", "Generalized anxiety disorder")
AETNA = Insured("Aetna", "Open Access", "W2093 11864", "", "Maya Reyes", "self")
_keys = iter(range(10**9))


async def a_site(name: str = "Annapolis office") -> Site:
    row = await Site.objects().where(Site.name == name).first()
    if row is None:
        row = Site(name=name, street="12 Harbor Lane", city="Annapolis", state="MD", postal_code="21401")
        await row.save()
    return row


def a_draft(client: Client, *lines: LineDraft, days_ago: float = 3, **more: Any) -> EncounterDraft:
    """`site_id` and `clinician_id` must come with it, or the chart says them."""
    told = {
        "clinician_id": client.principal_clinician,
        "starts_at": clock.now() - timedelta(days=days_ago),
        "time_zone": "America/New_York",
        "diagnoses": (ANXIETY,),
        **more,
    }
    return EncounterDraft(client_id=client.id, lines=lines or (SESSION,), **told)


async def an_encounter(client: Client, *lines: LineDraft, viewer: Any = TEST, **more: Any) -> int:
    site = await a_site()
    clinician = client.principal_clinician or (await StaffMember.objects().first()).id
    return await charging.record(
        viewer, a_draft(client, *lines, **{"site_id": site.id, "clinician_id": clinician, **more})
    )


async def a_payment(
    client: Client, cents: int, *, viewer: Any = TEST, given: dict[int, int] | None = None, **more: Any
) -> int:
    told = {"method": "cash", "received_on": today(), "key": f"test-{next(_keys)}", **more}
    return await paying.take(viewer, client.id, Taken(amount=cents, **told), given)


def today() -> date:
    return clock.today("America/New_York") - timedelta(days=1)

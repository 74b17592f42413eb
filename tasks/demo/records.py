"""What the demo's people have requested of their records: one that waits, one that was answered."""

from collections.abc import Mapping

from portal import clock
from portal.access import Viewer
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.documents.actions import opening
from portal.records.actions import answering, asking
from portal.records.actions.asking import Asked
from portal.records.tables import Wanted
from tasks.demo import documents, files

VISITS = [
    "Three visits in October and November.",
    "What was worked on: sleep, evenings, and how mornings begin.",
    "What comes next stands in the plan that we agreed on.",
]


async def fill(charts: Mapping[str, Client], accounts: Mapping[str, Account], staff: Viewer) -> None:
    """Inside the caller's transaction."""
    maya = int(charts["Maya"].id)
    viewer = documents.acting(accounts["maya"], maya, "self")
    with clock.shifted(days=-20):
        wanted = Asked((Wanted.NOTES,), "A summary of my visits this fall, for my new doctor.")
        answered = await asking.ask(viewer, maya, wanted, "demo: notes")
    with clock.shifted(days=-16):
        paper = await documents.put(staff, maya, "Summary of visits", "summary.pdf", files.page("Summary", VISITS))
        await answering.give(staff, int(answered.id), 1, [paper], "Everything since September is in it.")
    with clock.shifted(days=-15):
        await opening.opened(viewer, maya, paper)
    with clock.shifted(days=-3):
        await asking.ask(viewer, maya, Asked((Wanted.EVALUATIONS, Wanted.BILLING)), "demo: evaluations")

"""What estimates add to the billing page: those that are to be given."""

from portal.access import Viewer
from portal.billing.worklists import Edge, Listing, Section, declare
from portal.estimates.queries import waiting
from portal.language import lazy


async def _ask(viewer: Viewer, edge: Edge) -> Listing:
    found = await waiting.wanted(viewer, edge.after, edge.before, edge.clinician_id)
    clients = list(dict.fromkeys(one.client_id for one in found.rows))
    return Listing(list(found.rows), found.total, found.before, found.after, clients)


TO_GIVE = declare(
    Section(
        "estimates",
        lazy("Estimates to give"),
        lazy("Good Faith Estimates that somebody asked for, or that a visit calls for, the longest ago first."),
        lazy("No estimate is to be given."),
        "estimates/staff/waiting.html",
        _ask,
    )
)

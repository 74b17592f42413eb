"""What invoices add to the billing page: what is to be invoiced, overdue, with insurers, or paid ahead."""

from collections.abc import Awaitable, Callable

from portal.access import Viewer
from portal.billing.worklists import Edge, Listing, Section, declare
from portal.invoices.queries import work
from portal.invoices.queries.work import Found
from portal.keyset import Place
from portal.language import lazy

Query = Callable[[Viewer, Place | None, Place | None, int | None], Awaitable[Found]]
TEMPLATE = "invoices/staff/waiting.html"


def _asked(query: Query) -> Callable[[Viewer, Edge], Awaitable[Listing]]:
    async def ask(viewer: Viewer, edge: Edge) -> Listing:
        found = await query(viewer, edge.after, edge.before, edge.clinician_id)
        clients = sorted({one.client_id for one in found.rows})
        return Listing(list(found.rows), found.total, found.before, found.after, clients)

    return ask


TO_INVOICE = declare(
    Section(
        "invoice",
        lazy("To invoice"),
        lazy("Clients with services that stand on no invoice, the longest ago first."),
        lazy("Each service stands on an invoice."),
        TEMPLATE,
        _asked(work.to_invoice),
    )
)
OVERDUE = declare(
    Section(
        "overdue",
        lazy("Overdue invoices"),
        lazy("Their day has passed, and the client still owes something of them."),
        lazy("No invoice is overdue."),
        TEMPLATE,
        _asked(work.overdue),
    )
)
WITH_INSURERS = declare(
    Section(
        "insurers",
        lazy("Waiting for insurance longest"),
        lazy("Clients with services that an insurer has still to decide, the longest ago first."),
        lazy("Nothing is waiting for insurance."),
        TEMPLATE,
        _asked(work.with_insurers),
    )
)
CREDIT = declare(
    Section(
        "credit",
        lazy("Credit to apply"),
        lazy("They have paid ahead, and owe something all the same."),
        lazy("No credit could pay for anything."),
        TEMPLATE,
        _asked(work.credit),
    )
)

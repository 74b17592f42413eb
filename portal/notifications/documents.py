"""Who is written to when something was shared: whoever reads the client's documents. The letter does not say what."""

from portal.access import Area
from portal.accounts import queries as accounts
from portal.documents.queries import kept
from portal.letters import actions as letters
from portal.notifications.actions import POST_OFFICE
from portal.outbox import Event


async def tell_document_shared(event: Event) -> None:
    """Not where it was opened or taken back meanwhile, nor while a reason keeps it back."""
    client_id = await kept.told(POST_OFFICE, event.subject_id)
    if client_id is None:
        return
    for one in await accounts.readers(POST_OFFICE, client_id, Area.DOCUMENTS):
        await letters.write(POST_OFFICE, event, "document-shared", one.address, one.language)

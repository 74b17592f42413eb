"""Who is written to when something was shared or answered: whoever reads the client's documents, never what it was."""

from portal.access import Area
from portal.accounts import queries as accounts
from portal.documents.queries import kept
from portal.documents.tables import DocumentState
from portal.letters import actions as letters
from portal.notifications.actions import POST_OFFICE
from portal.outbox import Event
from portal.records.queries import requests


async def tell_document_shared(event: Event) -> None:
    """Not where it was opened or taken back meanwhile, nor while a reason keeps it back."""
    await _tell(event, "document-shared", await _client_of(event, DocumentState.PENDING))


async def tell_document_returned(event: Event) -> None:
    """Not where it was sent again meanwhile."""
    await _tell(event, "document-returned", await _client_of(event, DocumentState.RETURNED))


async def tell_document_accepted(event: Event) -> None:
    await _tell(event, "document-accepted", await _client_of(event, DocumentState.ACCEPTED))


async def tell_records_answered(event: Event) -> None:
    """Documents that came with it have letters of their own."""
    await _tell(event, "records-answered", await requests.told(POST_OFFICE, event.subject_id))


async def _client_of(event: Event, state: str) -> int | None:
    return await kept.told(POST_OFFICE, event.subject_id, state)


async def _tell(event: Event, letter: str, client_id: int | None) -> None:
    if client_id is not None:
        for one in await accounts.readers(POST_OFFICE, client_id, Area.DOCUMENTS):
            await letters.write(POST_OFFICE, event, letter, one.address, one.language)

"""Who is written to when something was shared or answered: whoever reads the client's documents. The letter does not
say what.
"""

from portal.access import Area
from portal.accounts import queries as accounts
from portal.documents.queries import kept
from portal.letters import actions as letters
from portal.notifications.actions import POST_OFFICE
from portal.outbox import Event
from portal.records.queries import requests


async def tell_document_shared(event: Event) -> None:
    """Not where it was opened or taken back meanwhile, nor while a reason keeps it back."""
    if client_id := await kept.told(POST_OFFICE, event.subject_id):
        await _tell(event, client_id, "document-shared")


async def tell_records_answered(event: Event) -> None:
    """Documents that came with it have letters of their own."""
    if client_id := await requests.told(POST_OFFICE, event.subject_id):
        await _tell(event, client_id, "records-answered")


async def _tell(event: Event, client_id: int, letter: str) -> None:
    for one in await accounts.readers(POST_OFFICE, client_id, Area.DOCUMENTS):
        await letters.write(POST_OFFICE, event, letter, one.address, one.language)

"""Who is written to when an estimate was given: whoever reads of the client's account. The letter does not say what."""

from portal.estimates.queries import readers
from portal.letters import actions as letters
from portal.notifications.actions import POST_OFFICE
from portal.outbox import Event


async def tell_estimate_given(event: Event) -> None:
    if event.client_id is None:
        return
    for one in await readers.readers(POST_OFFICE, event.client_id):
        await letters.write(POST_OFFICE, event, "estimate-given", one.address, one.language)

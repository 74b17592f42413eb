"""Cards that are on their way to be on file, as whoever acts for the client sees them."""

from uuid import UUID

from portal.access import Area, NotFoundException, Viewer
from portal.payments.tables import CardSetup


async def setup(viewer: Viewer, client_id: int, public: UUID) -> CardSetup:
    viewer.must_act_for(client_id, Area.BILLING)
    row = await CardSetup.objects().where(CardSetup.public == public, CardSetup.client == client_id).first()
    if row is None:
        raise NotFoundException
    return row

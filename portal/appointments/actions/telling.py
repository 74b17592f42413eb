"""What staff find in their queue about an appointment: the desk, and whoever's time it is."""

from datetime import datetime

from portal.access import Viewer
from portal.appointments import kinds
from portal.appointments.queries import said
from portal.appointments.tables import Appointment
from portal.review import actions as review
from portal.review.kinds import Kind


async def tell(viewer: Viewer, kind: Kind, row: Appointment, *, instead_of: datetime | None = None) -> None:
    when = row.clinician, row.starts_at, row.time_zone, row.contact_type
    about = await said.about(viewer, row.client, *when, instead_of)
    address = kinds.address(row.id)
    await review.open_item(viewer, kind.name, row.id, address, row.client, about, only_for=row.clinician)

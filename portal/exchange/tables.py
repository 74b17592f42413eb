"""Which row of ours is which resource elsewhere."""

from piccolo.columns import BigInt, BigSerial, Varchar
from piccolo.table import Table


class ExternalIdentifier(Table):
    """`kind` is organization, location, practitioner, patient, related_person, coverage, appointment,
    encounter or slot. Appointments and encounters are both rows of `appointment`, several slots one of `special_hours`.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(30)
    system = Varchar(300)
    value = Varchar(300)
    subject_id = BigInt()

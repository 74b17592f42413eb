"""Which row of ours is which resource elsewhere."""

from piccolo.columns import BigInt, BigSerial, Varchar
from piccolo.table import Table


class ExternalIdentifier(Table):
    """`kind` is organization, location, practitioner, patient, related_person, coverage, appointment,
    encounter, slot, claim, charge_item, invoice or benefit. Appointments and encounters are both rows of `appointment`,
    several slots one of `special_hours`. An item of a claim or an invoice (`…#2`) and a charge item are rows of
    `service_line`; a benefit, and an invoice that was settled elsewhere (`…#settled`), are rows of `posting`.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(30)
    system = Varchar(300)
    value = Varchar(300)
    subject_id = BigInt()

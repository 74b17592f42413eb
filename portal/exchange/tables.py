"""Which row of ours is which resource elsewhere."""

from piccolo.columns import BigInt, BigSerial, Varchar
from piccolo.table import Table


class ExternalIdentifier(Table):
    """`kind` is organization, location, practitioner, patient, related_person or coverage."""

    id = BigSerial(primary_key=True)
    kind = Varchar(30)
    system = Varchar(300)
    value = Varchar(300)
    subject_id = BigInt()

"""What the practice charges for, in its own words, and the diagnoses that it uses beside those that ship."""

from piccolo.columns import BigInt, BigSerial, Boolean, Date, ForeignKey, OnDelete, Varchar
from piccolo.table import Table


class Service(Table):
    """`code` is CPT or HCPCS as the practice holds a licence for it; no list and no descriptor of either ships."""

    id = BigSerial(primary_key=True)
    code = Varchar(5)
    words = Varchar(200)
    words_es = Varchar(200, default="", help_text="empty is words")
    is_active = Boolean(default=True)


class Fee(Table):
    """What one unit costs from a day on, in cents. The day of service decides."""

    id = BigSerial(primary_key=True)
    service = ForeignKey(Service, on_delete=OnDelete.restrict, null=False)
    since = Date()
    cents = BigInt()


class DiagnosisCode(Table):
    """An ICD-10-CM code outside the chapters that ship (F and Z), as the practice words it."""

    id = BigSerial(primary_key=True)
    code = Varchar(8)
    words = Varchar(300)
    is_active = Boolean(default=True)

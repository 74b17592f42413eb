"""Who of the staff is told of what."""

from piccolo.columns import BigSerial, Varchar
from piccolo.table import Table


class StaffNotice(Table):
    """One row per kind of item for which somebody has chosen; what may be chosen stands in rules.py."""

    id = BigSerial(primary_key=True)
    kind = Varchar(40)
    audience = Varchar(30)
    timing = Varchar(10)

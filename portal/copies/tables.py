"""The PDF that follows from what was sent: one as the client sent it, and one more where the practice added to it."""

from enum import StrEnum

from piccolo.columns import BigSerial, Bytea, ForeignKey, Integer, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.table import Table

from portal.filling.tables import Submission


class CopyKind(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"


class CompletedCopy(Table, tablename="completed_copy"):
    """It stands here when it is made and stored; until then "Preparing your copy". Never changed (a trigger).

    `seal` is the fingerprint of the certificate that sealed it, SHA-256.
    """

    id = BigSerial(primary_key=True)
    submission = ForeignKey(Submission, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(10, choices=CopyKind)
    key = Varchar(60)
    size = Integer()
    sha256 = Bytea()
    pages = SmallInt()
    seal = Bytea()
    made_at = Timestamptz()

"""Who did what: inserted unchained, sealed into a chain by the worker, never changed."""

from piccolo.columns import JSONB, BigInt, BigSerial, Bytea, Timestamptz, Varchar
from piccolo.table import Table


class AuditRow(Table, tablename="audit_row"):
    """`detail` holds ids, counts and words of ours: nothing that a person typed and nothing of health."""

    id = BigSerial(primary_key=True)
    happened_at = Timestamptz()
    account_id = BigInt(default=None, null=True)
    actor = Varchar(200, default="")
    role = Varchar(30, default="")
    act = Varchar(60)
    client_id = BigInt(default=None, null=True)
    subject_id = BigInt(default=None, null=True)
    address = Varchar(45, default="")
    detail = JSONB(default="{}")
    seal_number = BigInt(default=None, null=True)
    key_id = Varchar(16, default="")
    seal = Bytea(default=None, null=True)

"""What a client has filled in so far, and what was sent, which stays as it was (a trigger in the migrations)."""

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.accounts.tables import Account
from portal.documents.tables import Document


class FormDraft(Table, tablename="form_draft"):
    """The answers to one document as they stand (`answers.py`); `version` is raised by each save."""

    id = BigSerial(primary_key=True)
    document = ForeignKey(Document, on_delete=OnDelete.restrict, null=False)
    answers = JSONB(default="{}")
    version = Integer(default=1)
    saved_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    saved_at = Timestamptz()


class Submission(Table, tablename="form_submission"):
    """One sending of one document; returned and sent again, it is another, of the next `number`.

    The hashes are SHA-256: of the answers as `answers.canonical` writes them, of the file as it was shown, and of the
    fields as they were asked. `session` is the id of the one in which it was sent.
    """

    id = BigSerial(primary_key=True)
    document = ForeignKey(Document, on_delete=OnDelete.restrict, null=False)
    number = SmallInt()
    answers = JSONB(default="{}")
    answers_sha256 = Bytea()
    blank_sha256 = Bytea()
    fields_sha256 = Bytea()
    language = Varchar(5)
    sent_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    sent_at = Timestamptz()
    session = BigInt(default=None, null=True)
    address = Varchar(45, default="")
    agent = Varchar(300, default="")

"""Pages that are made into PDFs: asked for, rendered by the worker, fetched by whoever asked."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Boolean, Bytea, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client


class PaperState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Paper(Table):
    """`kind` names what it shows, `subject_id` the row, `up_to` how far; `account` alone may fetch it.

    `key` names the stored object. A day after it was made it is let go of, and made anew where it is asked for again.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(40)
    subject_id = BigInt()
    up_to = BigInt(default=0)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    is_staff = Boolean(default=False, help_text="asked for on a page for staff")
    language = Varchar(5)
    name = Varchar(120, default="")
    state = Varchar(10, choices=PaperState, default=PaperState.WAITING)
    key = Varchar(60, default="")
    size = Integer(default=0)
    asked_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
    let_go_at = Timestamptz(default=None, null=True)

    @property
    def is_waiting(self) -> bool:
        return self.state == PaperState.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == PaperState.READY


class IssuedPaper(Table, tablename="issued_paper"):
    """A paper that belongs to its subject, not to who asked: one for each language, made when the subject changes.

    `wanted` counts the changes that it was marked for and `begun` is the last that somebody has taken up. `digest` is
    of the page that the file was drawn from, `sha256` of the file. A file that another has replaced gets a row of its
    own, which is let go of.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    kind = Varchar(40)
    subject_id = BigInt()
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    language = Varchar(5)
    state = Varchar(10, choices=PaperState, default=PaperState.WAITING)
    wanted = BigInt(default=1)
    begun = BigInt(default=0)
    digest = Bytea(default=b"")
    sha256 = Bytea(default=b"")
    key = Varchar(60, default="")
    size = Integer(default=0)
    made_at = Timestamptz(default=None, null=True)
    let_go_at = Timestamptz(default=None, null=True)

    @property
    def is_waiting(self) -> bool:
        return self.state == PaperState.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == PaperState.READY

"""Pages that are made into PDFs: asked for, rendered by the worker, fetched by whoever asked."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Boolean, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

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

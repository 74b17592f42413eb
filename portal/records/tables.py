"""Requests for medical records (45 CFR 164.524), and the documents that answered them."""

from enum import StrEnum

from piccolo.columns import Array, BigSerial, Boolean, Date, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.documents.tables import Document
from portal.practice.tables import StaffMember


class Wanted(StrEnum):
    EVERYTHING = "everything"
    NOTES = "notes"
    PLAN = "plan"
    EVALUATIONS = "evaluations"
    FORMS = "forms"
    BILLING = "billing"
    OTHER = "other"


class Way(StrEnum):
    """How they are to reach the client."""

    PORTAL = "portal"
    PICK_UP = "pick_up"
    MAIL = "mail"


class RequestState(StrEnum):
    OPEN = "open"
    READY = "ready"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class RecordRequest(Table, tablename="record_request"):
    """`due_on` is the last day for the answer; where it was put off, once, `longer_why` says why.

    Asked by an account, or noted by a member of the staff. `answer` is to the client; `ground` names why it was denied.
    """

    area = Area.DOCUMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    wanted = Array(base_column=Varchar(20))
    words = Varchar(1000, default="")
    first_day = Date(default=None, null=True)
    last_day = Date(default=None, null=True)
    way = Varchar(10, choices=Way, default=Way.PORTAL)
    asked_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    noted_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    asked_at = Timestamptz()
    due_on = Date()
    longer_why = Varchar(500, default="")
    state = Varchar(10, choices=RequestState, default=RequestState.OPEN)
    answer = Varchar(1000, default="")
    ground = Varchar(20, default="")
    answered_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    answered_at = Timestamptz(default=None, null=True)
    once = Varchar(60, help_text="of the form that was sent: once, however often it arrives")
    version = Integer(default=1)


class RecordAnswer(Table, tablename="record_answer"):
    """A document that answers it; `is_new` is what was shared with the answer, and has a letter of its own."""

    id = BigSerial(primary_key=True)
    request = ForeignKey(RecordRequest, on_delete=OnDelete.restrict, null=False)
    document = ForeignKey(Document, on_delete=OnDelete.restrict, null=False)
    is_new = Boolean(default=False)

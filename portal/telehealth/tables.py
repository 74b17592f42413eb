"""Where visits by video take place, and who has agreed to them."""

from piccolo.columns import BigSerial, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class VideoRoom(Table):
    """A clinician's own link; a visit may have one of its own."""

    id = BigSerial(primary_key=True)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    link = Varchar(500)


class TelehealthConsent(Table):
    """Accepted once for each client by each account; `edition` names the words that were accepted."""

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    edition = Varchar(20)
    accepted_at = Timestamptz()

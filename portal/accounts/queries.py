"""Accounts, grants and invitations, read within one's reach."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal import clock
from portal.access import Area, Permission, Viewer
from portal.accounts.tables import Account, Grant, Invitation, InvitationState
from portal.clients import queries as clients
from portal.database import fetch


class AccessState(StrEnum):
    """What the chart says of portal access."""

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"
    ACTIVE = "active"
    LOCKED = "locked"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Holder:
    """Somebody who reaches the client now, or the last one who did."""

    grant_id: int
    account_id: int
    name: str
    email: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None
    last_seen_at: datetime | None


@dataclass(frozen=True)
class PortalAccess:
    state: AccessState
    invitation: Invitation | None
    holders: list[Holder]

    @property
    def live(self) -> list[Holder]:
        return [holder for holder in self.holders if holder.ends_at is None]


READERS = """
SELECT DISTINCT a.email AS address, a.language
  FROM access_grant AS g JOIN account AS a ON a.id = g.account
 WHERE g.client = {} AND NOT a.is_suspended AND {} = ANY(g.areas) AND g.starts_at <= {}
   AND (g.ends_at IS NULL OR g.ends_at > {})
 ORDER BY address
"""


@dataclass(frozen=True)
class Reader:
    """Whom a letter about a client goes to."""

    address: str
    language: str


async def readers(viewer: Viewer, client_id: int, area: Area) -> list[Reader]:
    """Whoever acts for the client in that area now. Staff know by it whether somebody will hear."""
    viewer.must(Permission.CLIENT_READ)
    now = clock.now()
    return [Reader(**row) for row in await fetch(READERS, client_id, str(area), now, now)]


async def portal_access(viewer: Viewer, client_id: int) -> PortalAccess:
    """The state of one chart, with what it came from."""
    viewer.must(Permission.CLIENT_READ)
    await clients.client(viewer, client_id)
    holders = await _holders(client_id)
    last = (
        await Invitation.objects()
        .where(Invitation.client == client_id)
        .order_by(Invitation.id, ascending=False)
        .first()
    )
    return PortalAccess(_state(last, holders), last, holders)


async def _holders(client_id: int) -> list[Holder]:
    rows = await (
        Grant.select(
            Grant.id,
            Grant.account.id.as_alias("account_id"),
            Grant.account.name.as_alias("name"),
            Grant.account.email.as_alias("email"),
            Grant.kind,
            Grant.starts_at,
            Grant.ends_at,
        )
        .where(Grant.client == client_id)
        .order_by(Grant.id)
    )
    seen = await _last_seen([row["account_id"] for row in rows])
    return [
        Holder(
            grant_id=row["id"],
            account_id=row["account_id"],
            name=row["name"],
            email=row["email"],
            kind=row["kind"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            last_seen_at=seen.get(row["account_id"]),
        )
        for row in rows
    ]


async def _last_seen(account_ids: list[int]) -> dict[int, datetime]:
    rows = await fetch(
        "SELECT account, max(seen_at) AS seen FROM session WHERE account = ANY({}::bigint[]) GROUP BY account",
        account_ids,
    )
    return {row["account"]: row["seen"] for row in rows}


def _state(last: Invitation | None, holders: list[Holder]) -> AccessState:
    if any(holder.ends_at is None for holder in holders):
        return AccessState.ACTIVE
    if last is None:
        return AccessState.REVOKED if holders else AccessState.NONE
    if last.state == InvitationState.OPEN:
        return AccessState.INVITED if last.expires_at > clock.now() else AccessState.EXPIRED
    return AccessState.LOCKED if last.state == InvitationState.LOCKED else AccessState.REVOKED


async def account_by_email(viewer: Viewer, email: str) -> Account | None:
    """For the front door only: signed out, nobody else may ask."""
    return await Account.objects().where(Account.email_key == email.casefold()).first()

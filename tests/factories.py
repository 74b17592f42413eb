"""Rows as tests want them, with no surprises."""

from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.access import Area, Role, Viewer
from portal.accounts import passwords
from portal.accounts.actions import invitation
from portal.accounts.tables import Account, Grant, Invitation
from portal.clients.actions import add_client, add_email
from portal.clients.tables import Client, EmailKind
from portal.practice.actions import add_staff_member, set_up
from portal.practice.tables import StaffMember

TEST = Viewer.portal("test")
PASSWORD = "violet tractor hums low"
HASHES: dict[str, str] = {}


async def a_practice(**facts: str) -> None:
    told = {
        "name": "Harbor Lane Counseling",
        "phone": "+14435550142",
        "time_zone": "America/New_York",
        "hours_en": "Monday to Friday",
        "hours_es": "De lunes a viernes",
        "sender_name": "Your client portal",
        **facts,
    }
    await set_up(TEST, **told)


async def a_client(
    given: str = "Maya", family: str = "Reyes", born: date | None = date(1991, 4, 17), *, email: str = "", **more: Any
) -> Client:
    client = await add_client(TEST, given, family, born, **more)
    if email:
        await add_email(TEST, client.id, email, EmailKind.PERSONAL)
    return client


async def an_account(
    email: str = "maya@example.com",
    *,
    name: str = "",
    password: str = PASSWORD,
    staff: StaffMember | None = None,
    **more: Any,
) -> Account:
    if password not in HASHES:
        HASHES[password] = await passwords.hashed(password)
    account = Account(
        email=email,
        email_key=email.casefold(),
        name=name,
        password_hash=HASHES[password],
        password_changed_at=clock.now(),
        staff_member=staff.id if staff else None,
        created_at=clock.now(),
        **more,
    )
    await account.save()
    return account


async def a_grant(
    account: Account, client: Client, *, kind: str = "self", areas: list[str] | None = None, ended: bool = False
) -> Grant:
    now = clock.now()
    grant = Grant(
        account=account.id,
        client=client.id,
        kind=kind,
        areas=[str(area) for area in Area] if areas is None else areas,
        starts_at=now - timedelta(days=2),
        ends_at=now - timedelta(days=1) if ended else None,
    )
    await grant.save()
    return grant


async def a_member(
    role: Role | None, given: str = "Priya", family: str = "Raman", **more: Any
) -> tuple[StaffMember, Account]:
    member = await add_staff_member(TEST, given, family, role, **more)
    return member, await an_account(f"{given}.{family}@practice.example".lower(), name=member.name, staff=member)


async def an_invitation(client: Client, email: str = "maya@example.com", **more: Any) -> Invitation:
    return await invitation.invite(TEST, client.id, email=email, **more)


def link_to(row: Invitation) -> str:
    return f"/invitation/{invitation.token_of(row)}"

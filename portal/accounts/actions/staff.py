"""Accounts of staff, made by an administrator."""

from portal import audit, clock
from portal.access import Permission, Role, Viewer
from portal.accounts import passwords
from portal.accounts.tables import Account
from portal.clients.forms import email_address
from portal.database import refusing, transaction
from portal.language import lazy
from portal.practice import actions as practice
from portal.practice import queries as practices
from portal.refusal import Refused


async def add_staff(
    viewer: Viewer,
    email: str,
    password: str,
    given_name: str,
    family_name: str,
    role: Role,
    *,
    prefix: str = "",
    credentials: str = "",
    is_clinician: bool = False,
) -> Account:
    """A member of staff with an account. Raises `Refused` for a weak password or an address in use."""
    viewer.must(Permission.STAFF_MANAGE)
    address = email_address(email)
    known = await practices.practice(viewer)
    passwords.must_be_good(password, None, [address, given_name, family_name, known.name])
    async with transaction():
        member = await practice.add_staff_member(
            viewer, given_name, family_name, role, prefix=prefix, credentials=credentials, is_clinician=is_clinician
        )
        account = Account(
            email=address,
            email_key=address.casefold(),
            name=member.name,
            password_hash=await passwords.hashed(password),
            password_changed_at=clock.now(),
            staff_member=member.id,
            created_at=clock.now(),
        )
        with refusing(account_email=Refused(email=lazy("This address has an account already"))):
            await account.save()
        await audit.record(viewer, "account.staff_added", subject_id=account.id)
    return account

"""Setting the practice up."""

from zoneinfo import available_timezones

from portal import audit, phones
from portal.access import Permission, Role, Viewer
from portal.database import transaction
from portal.language import lazy
from portal.practice import queries
from portal.practice.identifiers import STATES, as_ein, is_npi
from portal.practice.tables import Practice, StaffMember
from portal.refusal import Refused

LONGEST = {"legal_name": 200, "street": 200, "city": 100, "postal_code": 10}
LONG = lazy("That is too long: shorten it")
NO_EIN = lazy("An EIN has nine digits, such as 52-1234567: check it")
NO_NPI = lazy("This is not an NPI: check its ten digits")
NO_STATE = lazy("Write the state with its two letters, such as MD")


async def set_up(viewer: Viewer, **facts: str) -> Practice:
    """Creates the one practice or changes its facts. Raises `Refused` at the fact that cannot be."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    facts = _checked(facts)
    async with transaction():
        practice = await Practice.objects().first() or Practice(name="")
        for name, value in facts.items():
            setattr(practice, name, value)
        await practice.save()
        await audit.record(viewer, "practice.changed", fields=sorted(facts))
    queries.forget()
    return practice


async def add_staff_member(
    viewer: Viewer,
    given_name: str,
    family_name: str,
    role: Role | None,
    *,
    prefix: str = "",
    credentials: str = "",
    is_clinician: bool = False,
) -> StaffMember:
    async with transaction():
        member = StaffMember(
            given_name=given_name,
            family_name=family_name,
            prefix=prefix,
            credentials=credentials,
            role=role,
            is_clinician=is_clinician,
        )
        await member.save()
        await audit.record(viewer, "staff.added", subject_id=member.id, role=role)
    queries.forget()
    return member


def _checked(facts: dict[str, str]) -> dict[str, str]:
    """The phone as E.164; a name, a zone, an address and numbers that are ones."""
    told = {name: " ".join(value.split()) for name, value in facts.items()}
    if told.get("name") == "":
        raise Refused(name=lazy("Enter the name of the practice"))
    if told.get("phone"):
        told["phone"] = _phone(told["phone"])
    if "time_zone" in told and told["time_zone"] not in available_timezones():
        raise Refused(time_zone=lazy("Choose a time zone such as America/New_York"))
    if told.get("email") and "@" not in told["email"]:
        raise Refused(email=lazy("Enter an e-mail address like name@example.com"))
    wrong = {name: LONG for name, most in LONGEST.items() if len(told.get(name, "")) > most}
    if told.get("tax_id"):
        told["tax_id"] = as_ein(told["tax_id"]) or ""
        wrong |= {} if told["tax_id"] else {"tax_id": NO_EIN}
    if told.get("npi") and not is_npi(told["npi"]):
        wrong["npi"] = NO_NPI
    if told.get("state"):
        told["state"] = told["state"].upper()
        wrong |= {} if told["state"] in STATES else {"state": NO_STATE}
    if wrong:
        raise Refused(wrong)
    return told


def _phone(typed: str) -> str:
    number = phones.e164(typed)
    if number is None:
        raise Refused(phone=lazy("Enter a phone number with its area code"))
    return number

"""Setting the practice up."""

from portal import audit
from portal.access import Role, Viewer
from portal.database import transaction
from portal.practice import queries
from portal.practice.tables import Practice, StaffMember


async def set_up(viewer: Viewer, **facts: str) -> Practice:
    """Creates the one practice or changes its facts."""
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
    return member

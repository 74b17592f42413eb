"""The types of appointments that a practice offers: saved, and offered no more."""

from dataclasses import dataclass, field

from portal import audit
from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.actions.availability import must_be_ours
from portal.appointments.queries.types import type_of
from portal.appointments.tables import AppointmentType, ContactType, TypeClinician, TypeSite
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.practice.tables import Site, StaffMember
from portal.refusal import Refused


@dataclass(frozen=True)
class TypeDraft:
    """A type as staff want it; no clinicians and no sites are all of them. Times in minutes."""

    name: str
    name_es: str = ""
    length: int = 50
    before: int = 0
    after: int = 0
    contact_types: tuple[str, ...] = tuple(ContactType)
    booked_by: str = "existing"
    is_booked_at_once: bool = False
    color: str = "spruce"
    place: int = 0
    clinicians: frozenset[int] = field(default_factory=frozenset)
    sites: frozenset[int] = field(default_factory=frozenset)


async def save(viewer: Viewer, type_id: int | None, draft: TypeDraft, seen: str | None = None) -> int:
    """A new type, or another form of the one that was `seen`; visits that are booked keep their times. Returns its id.

    Raises `Refused`, also where somebody else has changed it.
    """
    viewer.must(Permission.PRACTICE_CONFIGURE)
    row = AppointmentType() if type_id is None else await _offered(type_id)
    for name in ("name", "name_es", "length", "before", "after", "booked_by", "is_booked_at_once", "color", "place"):
        setattr(row, name, getattr(draft, name))
    row.contact_types = list(draft.contact_types)
    async with transaction():
        if type_id is not None:
            await fetch("SELECT id FROM appointment_type WHERE id = {} FOR UPDATE", type_id)
            if seen is not None and seen != (await type_of(viewer, type_id)).seen:
                raise Refused(
                    {"": lazy("Somebody else changed this type meanwhile. Save again to put yours in its place.")}
                )
        with refusing(type_name=Refused(name=lazy("There is another type of this name"))):
            await row.save()
        await must_be_ours(viewer, StaffMember, draft.clinicians)
        await must_be_ours(viewer, Site, draft.sites)
        await TypeClinician.delete().where(TypeClinician.type == row.id)
        await TypeSite.delete().where(TypeSite.type == row.id)
        for clinician in sorted(draft.clinicians):
            await TypeClinician(type=row.id, clinician=clinician).save()
        for site in sorted(draft.sites):
            await TypeSite(type=row.id, site=site).save()
        await audit.record(viewer, "appointment_type.saved", subject_id=row.id)
    return int(row.id)


async def retire(viewer: Viewer, type_id: int) -> None:
    """Not offered any more; what is booked stays."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    async with transaction():
        rows = await fetch(
            "UPDATE appointment_type SET is_active = false WHERE id = {} AND is_active RETURNING id", type_id
        )
        if not rows:
            raise NotFoundException
        await audit.record(viewer, "appointment_type.retired", subject_id=type_id)


async def _offered(type_id: int) -> AppointmentType:
    found = (
        await AppointmentType.objects().where(AppointmentType.id == type_id, AppointmentType.is_active.eq(True)).first()
    )
    if found is None:
        raise NotFoundException
    return found

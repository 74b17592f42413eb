"""A form and its draft, locked by whoever changes either."""

from piccolo.columns.combination import WhereRaw

from portal.access import NotFoundException, Permission, Viewer
from portal.language import lazy
from portal.library.tables import FormVersion, PracticeForm
from portal.refusal import Refused
from portal.review.actions import Stale

PUBLISHED = Refused({"": lazy("This version is in use and cannot be changed any more: upload a new one.")})


async def locked(viewer: Viewer, form_id: int, version: int | None = None) -> PracticeForm:
    """To be changed by whoever has seen it as it is: raises `Stale` otherwise. Saving it is the caller's."""
    viewer.must(Permission.FORM_MANAGE)
    found = await PracticeForm.objects().where(WhereRaw("id = {}", form_id)).lock_rows("UPDATE").first()
    if found is None:
        raise NotFoundException
    if version is not None and found.version != version:
        raise Stale
    found.version += 1
    return found


async def draft(viewer: Viewer, form_id: int, number: int) -> FormVersion:
    """Of a form that is locked. Raises `Refused` where it has been published."""
    viewer.must(Permission.FORM_MANAGE)
    found = await FormVersion.objects().where(FormVersion.form == form_id, FormVersion.number == number).first()
    if found is None:
        raise NotFoundException
    if found.published_at is not None:
        raise PUBLISHED
    return found

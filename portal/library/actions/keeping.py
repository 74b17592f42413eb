"""Staff look a version over, put it into use, and take a form out of use. What was sent to clients stays as it was."""

from portal import audit, clock
from portal.access import Viewer
from portal.database import transaction
from portal.language import lazy
from portal.library import fields
from portal.library.actions import rows
from portal.library.actions.adding import Words, kind_of
from portal.library.fields import Field
from portal.library.tables import FormPage, FormVersion, PracticeForm
from portal.refusal import Refused

TO_SIGN = Refused(
    {"": lazy("There is a place to sign on this form: say that clients sign it, or leave that field empty.")}
)


async def describe(viewer: Viewer, form_id: int, version: int, words: Words) -> None:
    """From now on: what was shared keeps its title. Raises `Stale`."""
    async with transaction():
        row = await rows.locked(viewer, form_id, version)
        for name, value in vars(words).items():
            setattr(row, name, value)
        await row.save()
        await audit.record(viewer, "form.described", subject_id=form_id)


async def review(
    viewer: Viewer, form_id: int, number: int, version: int, reviewed: list[Field], *, is_final: bool = False
) -> None:
    """All of its fields at once, as they were seen; at last it is published, and never changed again.

    Raises `Stale`, and `Refused` once it is published.
    """
    async with transaction():
        row = await rows.locked(viewer, form_id, version)
        draft = await rows.draft(viewer, form_id, number)
        draft.fields = fields.written(reviewed)
        await audit.record(viewer, "form.reviewed", subject_id=form_id, number=number)
        if is_final:
            await _publish(viewer, row, draft, reviewed)
        await draft.save()
        await row.save()


async def _publish(viewer: Viewer, row: PracticeForm, draft: FormVersion, reviewed: list[Field]) -> None:
    if not row.is_signed and any(one.is_signed and one.is_clients for one in reviewed):
        raise TO_SIGN
    row.kind, draft.published_at = kind_of(reviewed), clock.now()
    await audit.record(viewer, "form.published", subject_id=row.id, number=draft.number)


async def discard(viewer: Viewer, form_id: int, number: int, version: int) -> bool:
    """A draft that is not wanted; whether its form went with it, which had no other. Files follow a day later."""
    async with transaction():
        row = await rows.locked(viewer, form_id, version)
        draft = await rows.draft(viewer, form_id, number)
        await FormPage.delete().where(FormPage.version == draft.id)
        await FormVersion.delete().where(FormVersion.id == draft.id)
        is_last = not await FormVersion.exists().where(FormVersion.form == form_id)
        if is_last:
            await PracticeForm.delete().where(PracticeForm.id == form_id)
        else:
            await row.save()
        await audit.record(viewer, "form.draft_deleted", subject_id=form_id, number=number)
    return is_last


async def retire(viewer: Viewer, form_id: int, *, is_used: bool = False) -> None:
    """Nobody shares it any more; or it is brought back. What was shared of it stays."""
    async with transaction():
        row = await rows.locked(viewer, form_id)
        row.is_active = is_used
        await row.save()
        await audit.record(viewer, "form.brought_back" if is_used else "form.retired", subject_id=form_id)

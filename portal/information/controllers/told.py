"""What the desk's templates are told of a change."""

from typing import Any

from portal.clients import record
from portal.clients.sheets import Sheet
from portal.information import forms, given_back, kinds, queries, views
from portal.information.queries import Request as Change
from portal.web.form import Form
from portal.web.request import Request


async def told(request: Request, change: Change) -> dict[str, Any]:
    now = await queries.on_record(request.viewer, change)
    photos = await record.names_of_images(request.viewer, change.client_id)
    compared = views.compared(change.changes, change.after, now if change.is_pending else None, photos)
    return {
        "change": change,
        "now": now,
        "wanted": change.wanted(now),
        "given": [],
        "compared": compared,
        "has_conflict": any(row.is_conflict for one in compared for row in one.rows),
        "edited": views.compared(change.edits, change.settled or {}, photos=photos),
        "seen": queries.digest(now),
        "reasons": kinds.REASONS.items(),
    }


def fields(change: Change, sheet: Sheet, form: Form | None = None, base: Sheet | None = None) -> dict[str, Any]:
    """What the template of the form needs: as it was typed, or as it stands on the sheet.

    `base` is what the sheet was made from, where somebody has typed on it already.
    """
    is_typed = form is not None or base is not None
    form = form or forms.opened(change.section, sheet)
    return {
        "form": form,
        "is_typed": is_typed,
        "base": form["base"] or given_back.written(base or sheet, change),
        "groups": forms.groups(change.section, form),
        "name_of": forms.name_of,
        "added": forms.added(form),
        "checked": None,
        "edits": [],
    }

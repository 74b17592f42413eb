"""A client agrees to text messages at one number, and takes it back."""

from portal import audit, clock, outbox
from portal.access import Area, Viewer
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.reminders import queries
from portal.reminders.tables import TextConsent


async def agree(viewer: Viewer, client_id: int, phone_id: int | None, *, agrees: bool) -> None:
    """From now on, at this number of the chart and no other. Raises `Refused` at `number` and `agrees`."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        await record.lock(viewer, client_id)
        chosen = next((one for one in await queries.mobiles(viewer, client_id) if one.id == phone_id), None)
        wrong: dict[str, object] = {}
        if chosen is None:
            wrong["number"] = lazy("Choose a mobile number")
        if not agrees:
            wrong["agrees"] = lazy("Check the box if you agree to text messages")
        if wrong:
            raise Refused(wrong)
        assert chosen is not None
        before = await queries.consent(viewer, client_id)
        if before is not None and before.number == chosen.number and before.holds:
            return
        await _end(viewer, client_id)
        row = TextConsent(client=client_id, account=viewer.account_id, number=chosen.number, agreed_at=clock.now())
        await row.save()
        await audit.record(viewer, "texts.agreed", client_id=client_id, subject_id=row.id)
        await outbox.record("texts.agreed", row.id, client_id)


async def end(viewer: Viewer, client_id: int) -> None:
    """Twice is as good as once."""
    if not viewer.is_portal:
        viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        await record.lock(viewer, client_id)
        await _end(viewer, client_id)


async def stop(viewer: Viewer, number: str) -> int:
    """Whoever has the phone says STOP: nobody gets texts there any more. Returns for how many clients that was so."""
    async with transaction():
        rows = await fetch(
            "SELECT client FROM text_consent WHERE number = {} AND ended_at IS NULL ORDER BY client", number
        )
        for row in rows:
            await record.lock(viewer, row["client"])
            await _end(viewer, row["client"], number)
    return len(rows)


async def _end(viewer: Viewer, client_id: int, number: str | None = None) -> None:
    rows = await fetch(
        "UPDATE text_consent SET ended_at = {} WHERE client = {} AND ended_at IS NULL"
        " AND ({}::text IS NULL OR number = {}) RETURNING id",
        clock.now(),
        client_id,
        number,
        number,
    )
    for row in rows:
        await audit.record(viewer, "texts.ended", client_id=client_id, subject_id=row["id"])
        await outbox.record("texts.ended", row["id"], client_id)

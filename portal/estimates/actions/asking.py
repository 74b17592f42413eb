"""Somebody asks what it would cost: the practice has three business days."""

from datetime import date

from portal import audit, clock, outbox
from portal.access import Area, Permission, Viewer
from portal.clients import queries as clients
from portal.clients import record
from portal.database import fetch, transaction
from portal.estimates import kinds, rules
from portal.estimates.queries import requests
from portal.estimates.tables import EstimateRequest
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import actions as review
from portal.review import deadlines


async def ask(viewer: Viewer, client_id: int, words: str, key: str) -> date:
    """By whoever acts for the client. Returns until when to expect it. Raises `Refused` at `words`."""
    viewer.must_act_for(client_id, Area.BILLING)
    return await _put(viewer, client_id, words, key, by_client=True)


async def note(viewer: Viewer, client_id: int, words: str, key: str) -> date:
    """Asked by phone or in person: a question about costs counts as much (45 CFR 149.610(b)(1)(v))."""
    viewer.must(Permission.ESTIMATE_GIVE)
    await clients.client(viewer, client_id)
    return await _put(viewer, client_id, words, key, by_client=False)


async def _put(viewer: Viewer, client_id: int, words: str, key: str, *, by_client: bool) -> date:
    """The same form sent twice is one request."""
    zone = (await practices.practice(viewer)).time_zone
    due_on = rules.due_when_asked(clock.today(zone))
    async with transaction():
        await record.lock(viewer, client_id)
        for one in await fetch("SELECT due_on FROM estimate_request WHERE client = {} AND key = {}", client_id, key):
            before: date = one["due_on"]
            return before
        if by_client:
            await _must_not_flood(client_id)
        row = EstimateRequest(
            client=client_id, words=words, asked_by=viewer.account_id if by_client else None,
            noted_by=None if by_client else viewer.staff_id, asked_at=clock.now(), due_on=due_on, key=key,
        )  # fmt: skip
        await row.save()
        await review.open_item(
            viewer, kinds.ASKED.name, row.id, kinds.address(client_id, request=row.id), client_id,
            deadlines.about(due_on, zone), needs=Permission.ESTIMATE_GIVE,
        )  # fmt: skip
        await audit.record(viewer, "estimate.asked", client_id=client_id, subject_id=row.id)
        await outbox.record("estimate.asked", row.id, client_id)
    return due_on


async def _must_not_flood(client_id: int) -> None:
    waiting = await EstimateRequest.count().where(EstimateRequest.client == client_id, EstimateRequest.is_open.eq(True))
    if waiting >= requests.MOST_OPEN:
        raise Refused(
            words=lazy(
                "You have asked for %(num)s estimates that are not given yet. Wait for them, or call us.", num=waiting
            )
        )

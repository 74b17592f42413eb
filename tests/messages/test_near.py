"""What a clinician finds by the charts is what they may read: no less, and no more."""

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.messages.filters import Filters, View
from portal.messages.queries import conversation, inbox
from portal.messages.tables import Topic
from tests.cast import Cast
from tests.messages.steps import a_thread, as_


@pytest.mark.parametrize("part", ["clinician", "other clinician", "front_desk", "supervisor"])
@pytest.mark.parametrize("view", [View.ALL, View.CLOSED])
async def test_the_list_holds_what_can_be_opened(cast: Cast, part: str, view: View):
    threads = [await a_thread(cast, topic) for topic in Topic]
    other = cast.accounts["other clinician"].staff_member
    await fetch("UPDATE thread SET assigned_to = {} WHERE topic = 'billing'", other)
    await fetch(
        "INSERT INTO staff_away (staff, first_day, last_day, cover)"
        " VALUES ({}, current_date - 1, current_date + 1, {})",
        cast.client.principal_clinician,
        other,
    )
    if view == View.CLOSED:
        await fetch("UPDATE thread SET closed_at = now(), waiting_since = NULL")
    viewer = await as_(cast, part)
    may = {thread for thread in threads if await can_open(viewer, thread)}
    assert {line.id for line in (await inbox.inbox(viewer, Filters(view=view))).lines} == may
    assert may


async def can_open(viewer, thread: int) -> bool:
    try:
        await conversation.of_staff(viewer, thread)
    except NotFoundException:
        return False
    return True

"""What is not sent yet: kept for its writer alone, so that a sign-out or a lost connection costs nothing.

A draft is nobody else's business: there is no event, and no row of the audit.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.clients import record
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.messages.actions.putting import lock
from portal.messages.queries import conversation, drafts, people
from portal.refusal import Refused

LONGEST_SUBJECT = 120
MOST_KEPT = 40_000  # more than may be sent, so that a text that is too long can be shortened later
FEW = 3  # words: an earlier moment of the same page, whose answer was lost on its way
ELSEWHERE = lazy(
    "Not saved: there is a newer text of this draft, from another device or window. Open this page again to see it, or"
    " press “Save for later” to keep this one."
)


@dataclass(frozen=True)
class Drafted:
    """As it was typed, however unfinished. `without` are files that came before and are not wanted.

    `known`, of a text that saves itself: when the draft was saved that its page knows of, empty for none.
    """

    key: str
    body: str = ""
    subject: str = ""
    topic: str = ""
    clinician: int | None = None
    people: frozenset[int] = field(default_factory=frozenset)
    without: frozenset[int] = field(default_factory=frozenset)
    known: str | None = None


async def save(
    viewer: Viewer, client_id: int, thread_id: int | None, drafted: Drafted, *, is_staff: bool
) -> int | None:
    """In the place of the draft before it. Returns its id; None where these words have been sent meanwhile.

    Raises `Refused` where a page that was left open would take the place of what was written elsewhere since.
    """
    await _must_reach(viewer, client_id, thread_id, is_staff=is_staff)
    async with transaction():
        await _wait_for_sending(viewer, client_id, thread_id)
        if await _is_sent(viewer, drafted):
            return None
        await _must_know(viewer, client_id, thread_id, drafted, is_staff=is_staff)
        with refusing(draft_key=Refused({"": lazy("Open this page once more, and write there")})):
            rows = await fetch(
                "INSERT INTO message_draft (account, client, thread, is_staff, topic, clinician, people, subject, body,"
                " key, saved_at) VALUES ({}, {}, {}, {}, {}, {}, {}::bigint[], {}, {}, {}, {})"
                " ON CONFLICT (account, client, is_staff, coalesce(thread, 0)) DO UPDATE SET topic = excluded.topic,"
                " clinician = excluded.clinician, people = excluded.people, subject = excluded.subject,"
                " body = excluded.body, key = excluded.key, saved_at = excluded.saved_at RETURNING id",
                viewer.account_id,
                client_id,
                thread_id,
                is_staff,
                drafted.topic,
                drafted.clinician,
                sorted(drafted.people),
                drafted.subject[:LONGEST_SUBJECT],
                drafted.body[:MOST_KEPT],
                drafted.key,
                clock.now(),
            )
        await _let_go(int(rows[0]["id"]), drafted.without)
    return int(rows[0]["id"])


async def _is_sent(viewer: Viewer, drafted: Drafted) -> bool:
    """Under this key, and as far as it had been typed: what was written beside it in another window is not."""
    rows = await fetch("SELECT body FROM message WHERE author = {} AND key = {}", viewer.account_id, drafted.key)
    return bool(rows) and "".join(rows[0]["body"].split()).startswith("".join(drafted.body.split()))


async def _must_know(
    viewer: Viewer, client_id: int, thread_id: int | None, drafted: Drafted, *, is_staff: bool
) -> None:
    there = None if drafted.known is None else await drafts.draft(viewer, client_id, thread_id, is_staff=is_staff)
    if there is None or there.saved_at.isoformat() == drafted.known:
        return
    if (Counter(there.body.split()) - Counter(drafted.body.split())).total() > FEW:
        raise Refused({"": ELSEWHERE})


async def drop(viewer: Viewer, client_id: int, thread_id: int | None, *, is_staff: bool) -> None:
    """Its writer does not want it any more; its files belong to nothing then."""
    await _must_reach(viewer, client_id, thread_id, is_staff=is_staff)
    async with transaction():
        await _wait_for_sending(viewer, client_id, thread_id)
        rows = await fetch(
            "SELECT id FROM message_draft WHERE account = {} AND client = {} AND is_staff = {}"
            " AND coalesce(thread, 0) = {} FOR UPDATE",
            viewer.account_id,
            client_id,
            is_staff,
            thread_id or 0,
        )
        for row in rows:
            await fetch("UPDATE attachment SET draft = NULL WHERE draft = {}", row["id"])
            await fetch("DELETE FROM message_draft WHERE id = {}", row["id"])


async def _must_reach(viewer: Viewer, client_id: int, thread_id: int | None, *, is_staff: bool) -> None:
    if is_staff and thread_id:
        if (await conversation.of_staff(viewer, thread_id)).client_id != client_id:
            raise NotFoundException
    elif is_staff:
        await people.must_reach(viewer, client_id)
    elif thread_id:
        await conversation.of_client(viewer, client_id, thread_id)
    else:
        viewer.must_act_for(client_id, Area.MESSAGES)


async def _wait_for_sending(viewer: Viewer, client_id: int, thread_id: int | None) -> None:
    """A text that saves itself while it is being sent must not come back as a draft."""
    if thread_id:
        await lock(viewer, thread_id)
    else:
        await record.lock(viewer, client_id)


async def _let_go(draft_id: int, files: Collection[int]) -> None:
    if files:
        await fetch(
            "UPDATE attachment SET draft = NULL WHERE draft = {} AND id = ANY({}::bigint[])", draft_id, sorted(files)
        )

"""The portal answers by itself where nobody can: outside the hours of the office, and while a clinician is away."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from portal import clock, language
from portal.access import Viewer
from portal.appointments.queries.special import holidays
from portal.database import fetch
from portal.language import lazy, written_full_date, written_time
from portal.messages import rules
from portal.messages.actions.putting import Words, put
from portal.messages.queries import away
from portal.messages.rules import REACH, Closed
from portal.messages.settings import answers_when_closed, own_words, read_times
from portal.messages.tables import MessageKind
from portal.practice import queries as practices

PORTAL = Viewer.portal("automatic answer")


@dataclass(frozen=True)
class Answer:
    """`key` names the closed stretch or the absence: a thread gets one for each. The words come when it is sent."""

    key: str
    body: str


async def answer(viewer: Viewer, client_id: int, thread_id: int) -> None:
    """In the transaction of a client's message, behind it: it is no answer of anybody's, and the message still waits.

    Whoever is away says so themselves; then it does not matter whether the office is open as well.
    """
    with language.speaking(await _language_of(viewer)):
        found = await _of_absence(viewer, thread_id) or await _of_closed_office(viewer)
    if found is not None and not await _is_said(thread_id, found):
        await put(PORTAL, client_id, thread_id, MessageKind.AUTOMATIC, Words(found.body, found.key))


async def _of_absence(viewer: Viewer, thread_id: int) -> Answer | None:
    one = await away.of_thread(viewer, thread_id)
    if one is None:
        return None
    who, day = one.name, written_full_date(one.last_day)
    if one.cover:
        said = lazy(
            "Thank you for your message. %(who)s is away through %(day)s. Meanwhile %(cover)s reads and answers.",
            who=who, day=day, cover=one.cover,
        )  # fmt: skip
    else:
        said = lazy(
            "Thank you for your message. %(who)s is away through %(day)s and reads it after that. If it cannot wait,"
            " call the office.", who=who, day=day,
        )  # fmt: skip
    return Answer(f"away:{one.id}", str(said))


async def _of_closed_office(viewer: Viewer) -> Answer | None:
    if not await answers_when_closed(viewer):
        return None
    zone = (await practices.practice(viewer)).time_zone
    first = clock.today(zone) - timedelta(days=REACH)
    days = await holidays(viewer, first, 2 * REACH + 1)
    found = rules.closed(clock.now(), zone, await read_times(viewer), days)
    if found is None:
        return None
    since = found.since.strftime("%Y-%m-%dT%H:%MZ") if found.since else "always"
    return Answer(f"closed:{since}", await own_words(viewer) or _words(found, zone))


def _words(found: Closed, zone: str) -> str:
    if found.until is None:
        return str(
            lazy("Thank you for your message. The office is closed now. It is read when the office opens again.")
        )
    when = f"{written_full_date(found.until.astimezone(ZoneInfo(zone)).date())}, {written_time(found.until, zone)}"
    return str(
        lazy(
            "Thank you for your message. The office is closed now. Messages are read again from %(when)s on.", when=when
        )
    )


async def _language_of(viewer: Viewer) -> str:
    rows = await fetch("SELECT language FROM account WHERE id = {}", viewer.account_id)
    return str(rows[0]["language"]) if rows else language.current()


async def _is_said(thread_id: int, found: Answer) -> bool:
    """Whoever asks holds the thread."""
    return bool(
        await fetch(
            "SELECT id FROM message WHERE thread = {} AND kind = 'automatic' AND key = {} LIMIT 1", thread_id, found.key
        )
    )

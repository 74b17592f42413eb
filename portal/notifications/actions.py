"""Which event becomes which letter, to whom; and what staff do with one that did not arrive."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.accounts.tables import Account, Invitation, PasswordReset
from portal.database import fetch, transaction
from portal.language import lazy
from portal.letters import actions as letters
from portal.notifications import kinds, rules
from portal.notifications.queries import appointments, told
from portal.notifications.queries.told import NEW_MESSAGES, REVIEW, Colleague, Morning
from portal.notifications.rules import Rule
from portal.outbox import Event
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.reminders import queries as reminders
from portal.review import actions as review
from portal.review.tables import ReviewItem

POST_OFFICE = Viewer.portal("letters")
LOCK = 0x646967657374  # "digest"


async def invite(event: Event) -> None:
    row = await Invitation.objects().get(Invitation.id == event.subject_id)
    if row is not None and row.email:
        await letters.write(POST_OFFICE, event, "invitation", row.email, row.language)


async def send_reset(event: Event) -> None:
    row = await PasswordReset.objects(PasswordReset.account).get(PasswordReset.id == event.subject_id)
    if row is not None:
        await letters.write(POST_OFFICE, event, "password-reset", row.account.email, row.account.language)


async def tell_password_changed(event: Event) -> None:
    await _tell_owner(event, "password-changed")


async def welcome(event: Event) -> None:
    await _tell_owner(event, "welcome")


async def tell_access_added(event: Event) -> None:
    row = await Invitation.objects(Invitation.account).get(Invitation.id == event.subject_id)
    if row is not None and row.account.id:
        await letters.write(POST_OFFICE, event, "access-added", row.account.email, row.account.language)


async def _tell_owner(event: Event, kind: str) -> None:
    account = await Account.objects().get(Account.id == event.subject_id)
    if account is not None:
        await letters.write(POST_OFFICE, event, kind, account.email, account.language)


async def tell_information_answered(event: Event) -> None:
    asker = await told.asker(POST_OFFICE, event.subject_id)
    if asker is not None:
        await letters.write(POST_OFFICE, event, "information-answered", asker.address, asker.language)


async def tell_appointment_answered(event: Event) -> None:
    await _tell_who_asked(event, "appointment-answered")


async def tell_appointment_lapsed(event: Event) -> None:
    await _tell_who_asked(event, "appointment-waits")


async def tell_time_offered(event: Event) -> None:
    await _tell_who_asked(event, "appointment-offered")


async def tell_appointment_coming(event: Event) -> None:
    """Everybody who acts for the client."""
    reminder = await reminders.told(POST_OFFICE, event.subject_id)
    if reminder is not None and reminder.is_coming:
        for one in await reminders.hearers(POST_OFFICE, reminder.client_id):
            await letters.write(POST_OFFICE, event, "appointment-reminder", one.address, one.language)


async def tell_appointment_changed(event: Event) -> None:
    """By the practice: whoever may read of it. One letter is enough for what was changed before it was written."""
    for one in await appointments.untold(POST_OFFICE, event.subject_id, event.happened_at):
        await letters.write(POST_OFFICE, event, "appointment-changed", one.address, one.language)


async def _tell_who_asked(event: Event, kind: str) -> None:
    asker = await appointments.asker(POST_OFFICE, event.subject_id)
    if asker is not None:
        await letters.write(POST_OFFICE, event, kind, asker.address, asker.language)


async def tell_staff(event: Event) -> None:
    """Those who are told at once; what is told each morning is found in the queue by then."""
    item = await ReviewItem.objects().get(ReviewItem.id == event.subject_id)
    if item is None or rules.AT_ONCE not in rules.timings(item.kind):
        return
    if (await told.rule(POST_OFFICE, item.kind)).timing == rules.AT_ONCE:
        for one in await told.colleagues(POST_OFFICE):
            if await told.must_know_at_once(one.viewer, item.id):
                await letters.write(POST_OFFICE, event, "review-waiting", one.viewer.email, one.language)


async def write_digests(viewer: Viewer) -> None:
    """In the morning, to whom something new waits for; once a day for each, however many workers ask how often."""
    zone = (await practices.practice(viewer)).time_zone
    until = rules.morning(clock.today(zone), zone)
    if clock.now() < until:
        return
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock({}::bigint)", LOCK)
        for letter in (REVIEW, NEW_MESSAGES):
            for one in await told.colleagues(viewer, letter=letter):
                last = one.last_digest_at
                since = rules.morning(last.astimezone(ZoneInfo(zone)).date(), zone) if last else None
                if (since is None or since < until) and await letter.has_news(one.viewer, since, until):
                    await _write_digest(viewer, letter, one)


async def _write_digest(viewer: Viewer, letter: Morning, one: Colleague) -> None:
    event_id = await outbox.record(letter.event, one.account_id)
    event = await Event.objects().get(Event.id == event_id)
    assert event is not None
    await letters.write(viewer, event, letter.name, one.viewer.email, one.language)


async def choose_notices(viewer: Viewer, chosen: Mapping[str, Rule]) -> None:
    """By kind of item, all of them or none. Raises `Refused` at `kind.audience` or `kind.timing`."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    if not chosen.keys() <= rules.kinds().keys():
        raise NotFoundException
    wrong: dict[str, object] = {}
    for kind, (audience, timing) in chosen.items():
        if audience not in rules.audiences(kind):
            wrong[f"{kind}.audience"] = lazy("Choose who is told")
        if timing not in rules.timings(kind):
            wrong[f"{kind}.timing"] = lazy("Choose when they are told")
    if wrong:
        raise Refused(wrong)
    async with transaction():
        for kind, rule in sorted(chosen.items()):
            await _choose_notice(viewer, kind, rule)


async def _choose_notice(viewer: Viewer, kind: str, rule: Rule) -> None:
    if rule != await told.rule(viewer, kind):
        await fetch(
            "INSERT INTO staff_notice (kind, audience, timing) VALUES ({}, {}, {})"
            " ON CONFLICT (kind) DO UPDATE SET audience = excluded.audience, timing = excluded.timing",
            kind,
            rule.audience,
            rule.timing,
        )
        await audit.record(viewer, "staff_notice.changed", kind=kind, audience=rule.audience, timing=rule.timing)


async def send_again(viewer: Viewer, delivery_id: int) -> None:
    """A failed letter goes back to the post under its old Message-ID; its item in the queue is settled."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await letters.queue_again(viewer, delivery_id)
        await review.settle_items(viewer, [kinds.FAILED_LETTER.name], delivery_id)
        await audit.record(viewer, "letter.sent_again", subject_id=delivery_id)


async def give_up(viewer: Viewer, delivery_id: int) -> None:
    """Seen and left: the letter is not worth sending any more."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await letters.drop(viewer, delivery_id)
        await review.settle_items(viewer, [kinds.FAILED_LETTER.name], delivery_id)
        await audit.record(viewer, "letter.given_up", subject_id=delivery_id)


async def run_again(viewer: Viewer, errand_id: int) -> None:
    """Background work that was given up is tried afresh."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        await outbox.revive(errand_id)
        await review.settle_items(viewer, [kinds.DEAD_ERRAND.name], errand_id)
        await audit.record(viewer, "errand.revived", subject_id=errand_id)

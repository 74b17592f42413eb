"""Who is told of what, and whether there is any news for them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from piccolo.querystring import QueryString

from portal import clock
from portal.access import HOLDS, Area, Permission, Reach, Role, Viewer
from portal.database import fetch
from portal.information.tables import ChangeState
from portal.messages.queries import news
from portal.notifications import rules
from portal.notifications.rules import Rule
from portal.notifications.tables import StaffNotice
from portal.review.kinds import Kind
from portal.review.reach import reached

STAFF = """
SELECT a.id, a.email, a.language, m.id AS staff_id, m.role,
       ARRAY(SELECT g.client FROM access_grant g
              WHERE g.account = a.id AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {})) AS own,
       (SELECT max(d.written_at) FROM delivery d WHERE d.kind = {} AND d.subject_id = a.id) AS last
  FROM account a JOIN staff_member m ON m.id = a.staff_member
 WHERE m.is_active AND NOT a.is_suspended AND m.role = ANY({}::text[]) AND ({}::bigint IS NULL OR a.id = {})
 ORDER BY a.id
"""
NEWS = """
SELECT EXISTS (
  SELECT FROM review_item LEFT JOIN staff_notice AS n ON n.kind = review_item.kind
    CROSS JOIN LATERAL (SELECT coalesce(n.audience, CASE WHEN review_item.kind = ANY({}::text[]) THEN {} ELSE {} END)
                            AS audience) AS told
   WHERE review_item.settled_at IS NULL AND {} AND coalesce(n.timing, {}) = {}
     AND CASE told.audience WHEN {} THEN TRUE
         WHEN {} THEN review_item.client IN (SELECT id FROM client WHERE principal_clinician = {})
         ELSE told.audience = {} END
     AND {}) AS any
"""
SINCE = """
review_item.opened_at > coalesce({}::timestamptz, '-infinity') AND review_item.opened_at <= {} AND NOT EXISTS (
  SELECT FROM delivery WHERE review_item.kind = 'letter.failed' AND delivery.id = review_item.subject_id
     AND delivery.kind = ANY({}::text[]))
"""
ANSWERED = [str(state) for state in (ChangeState.ACCEPTED, ChangeState.EDITED, ChangeState.RETURNED)]
ASKER = """
SELECT a.email AS address, a.language, r.client AS client_id
  FROM change_request r JOIN account a ON a.id = r.sent_by
 WHERE r.id = {} AND r.state = ANY({}::text[]) AND r.read_at IS NULL AND NOT a.is_suspended
   AND EXISTS (SELECT FROM access_grant g WHERE g.account = a.id AND g.client = r.client AND {} = ANY(g.areas)
                  AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {}))
"""


@dataclass(frozen=True)
class Morning:
    """A letter of the morning, to whoever holds the permission; one of its name, about something new."""

    name: str
    permission: Permission
    has_news: Callable[[Viewer, datetime | None, datetime], Awaitable[bool]]

    @property
    def event(self) -> str:
        return self.name.replace("-", ".")

    @property
    def roles(self) -> list[str]:
        return [str(role) for role in Role if self.permission in HOLDS[role]]


@dataclass(frozen=True)
class Colleague:
    """Somebody who settles what waits, or answers messages, and may be written to."""

    viewer: Viewer
    language: str
    last_digest_at: datetime | None

    @property
    def account_id(self) -> int:
        assert self.viewer.account_id is not None
        return self.viewer.account_id


async def colleagues(
    viewer: Viewer, account_id: int | None = None, *, letter: Morning | None = None
) -> list[Colleague]:
    """Everybody who may sign in now and open what the letter is about; or of them the one with this account."""
    now, letter = clock.now(), letter or REVIEW
    return [
        Colleague(
            Viewer(
                account_id=row["id"],
                email=row["email"],
                staff_id=row["staff_id"],
                role=Role(row["role"]),
                grants=tuple(Reach(client_id, "", frozenset()) for client_id in row["own"]),
            ),
            row["language"],
            row["last"],
        )
        for row in await fetch(STAFF, now, now, letter.name, letter.roles, account_id, account_id)
    ]


async def must_know_at_once(viewer: Viewer, item_id: int) -> bool:
    """Whether the rules name the viewer for this open item, and the viewer reaches whom it is about."""
    return await _has_news(viewer, rules.AT_ONCE, QueryString("review_item.id = {}", item_id))


async def has_news(viewer: Viewer, since: datetime | None, until: datetime) -> bool:
    """Whether something that the viewer is told each morning was opened between, and is open still.

    Letters about the queue that failed do not count: they would lead to the next ones.
    """
    return await _has_news(viewer, rules.DAILY, QueryString(SINCE, since, until, list(rules.LETTERS)))


async def has_messages(viewer: Viewer, since: datetime | None, until: datetime) -> bool:
    """Whether a client has written, and nobody has read it since."""
    is_told = await rule(viewer, rules.NEW_MESSAGE.name) == Rule(rules.READERS, rules.DAILY)
    return is_told and await news.has_come(viewer, since, until)


REVIEW = Morning("review-digest", Permission.REVIEW_READ, has_news)
NEW_MESSAGES = Morning("message-digest", Permission.MESSAGE_READ, has_messages)


async def _has_news(viewer: Viewer, timing: str, which: QueryString) -> bool:
    """Who reaches an item holds what it needs, and is one of those who can settle it."""
    default, told_at = rules.DEFAULT
    of_readers = [name for name in rules.kinds() if rules.default(name).audience == rules.READERS]
    by_rule = (rules.READERS, rules.PRINCIPAL, viewer.staff_id, str(viewer.role))
    (row,) = await fetch(
        NEWS, of_readers, rules.READERS, default, reached(viewer), told_at, timing, *by_rule, which
    )  # fmt: skip
    return bool(row["any"])


@dataclass(frozen=True)
class Notice:
    """The rule that holds for one kind of item, whether or not somebody has chosen it."""

    kind: Kind
    rule: Rule
    timings: dict[str, object]
    audiences: dict[str, object]


async def notices(viewer: Viewer) -> list[Notice]:
    """Of every kind that a feature has declared, and of messages."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    chosen = {row.kind: Rule(row.audience, row.timing) for row in await StaffNotice.objects()}
    return [
        Notice(kind, chosen.get(name, rules.default(name)), rules.timings(name), rules.audiences(name))
        for name, kind in rules.kinds().items()
    ]


async def rule(viewer: Viewer, kind: str) -> Rule:
    row = await StaffNotice.objects().where(StaffNotice.kind == kind).first()
    return Rule(row.audience, row.timing) if row else rules.default(kind)


@dataclass(frozen=True)
class Asker:
    """Who asked the practice for something, and hears of its answer."""

    address: str
    language: str
    client_id: int


async def asker(viewer: Viewer, request_id: int) -> Asker | None:
    """None without an answer, with one that was read already, and for whoever reaches the client no longer."""
    now = clock.now()
    rows = await fetch(ASKER, request_id, ANSWERED, str(Area.INFORMATION), now, now)
    return Asker(**rows[0]) if rows else None

"""The measured pages once more by hand: asyncpg, one connection per request, the same SQL, templates and gzip.

No middleware, no guard, no Piccolo, no layers: what a page would cost to whoever writes only that page.
"""

import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import uvicorn
from litestar import Litestar, Request, Response, get
from litestar.config.compression import CompressionConfig
from litestar.params import FromPath

from portal.access import Area, Reach, Role, Viewer
from portal.accounts.sessions import LOOKUP, hash_of
from portal.app import create_app, written_phone
from portal.appointments.hours import midnight
from portal.appointments.queries import summary
from portal.balance import forms
from portal.balance.chart import chart
from portal.balance.controllers import shared as papers
from portal.balance.controllers.account import KEPT, NAMES
from portal.balance.itemized import Choices, Order
from portal.balance.itemized import Page as Listed
from portal.balance.queries import months, standing, visits
from portal.balance.queries.months import Month
from portal.billing.queries.owed import Balance
from portal.billing.ways import Ways
from portal.clients import queries as clients
from portal.clients.controllers import _sought, _turn
from portal.clients.names import sought
from portal.home.controllers import GREETINGS
from portal.home.parts import PARTS
from portal.information import queries as information
from portal.keyset import Place
from portal.language import lazy
from portal.messages import reach, topics
from portal.messages import settings as chosen
from portal.messages.about import About
from portal.messages.controllers.staff import VIEWS
from portal.messages.filters import Filters
from portal.messages.queries import conversation, conversations, drafts, inbox, people, unread
from portal.messages.tables import Topic
from portal.review.desk import Desk
from portal.review.filters import EVERYTHING
from portal.review.kinds import kind_of, titles
from portal.review.queries import queue as queues
from portal.review.tables import HELD_FOR
from portal.web.form import Form
from portal.web.headers import ALWAYS
from portal.web.replies import common
from portal.web.templates import Contact, NavItem, Page, render
from portal.web.visit import Visit

PORTAL = create_app()
HEADERS = {**ALWAYS, "Vary": "HX-Request"}
COUNT = "SELECT count(*) FROM review_item WHERE settled_at IS NULL"
AUDIT = """
INSERT INTO audit_row (happened_at, account_id, actor, role, act, client_id, address, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
CLINICIANS = """
SELECT id, concat_ws(' ', nullif(prefix, ''), nullif(given_name, ''), nullif(family_name, '')) FROM staff_member
 WHERE is_clinician AND is_active AND EXISTS (SELECT FROM client WHERE principal_clinician = staff_member.id)
 ORDER BY family_name, given_name, id
"""
RELEASE = "UPDATE review_item SET held_by = NULL WHERE held_by = $1 AND settled_at IS NULL"
# The portal's own SQL, with nobody out of reach.
QUEUE = queues._page(is_ascending=True).format("review_item.settled_at IS NULL", "TRUE", "$1", "$2")
EVERYBODY = clients._lines(True).replace("{}", "TRUE")
BEYOND = clients._lines(True).replace("{}", "(family_key, given_key, id) > ($1, $2, $3)")
SEARCH = {
    near: clients._lines(True, near).replace("@@ {}", "@@ $1").replace("{}", "TRUE") for near in (0, clients.NEAR)
}
OPEN = ("pending", "returned")
# Of the desk, by topic; of a clinician also by whose client it is.
BY_TOPIC = f"({reach.OWN.format('$1', '$1', '$1', '$2')} OR thread.topic = ANY($3::varchar[]))"
BY_CLINICIAN = (
    f"({reach.OWN.format('$1', '$1', '$1', '$2')} OR thread.topic = ANY($3::varchar[])"
    " AND thread.client IN (SELECT id FROM client WHERE principal_clinician = $1))"
)
WAITING = {
    which: (inbox.COUNT.format(which), inbox._page(True, True, inbox.WAITS).format(which, "TRUE"))
    for which in (BY_TOPIC, BY_CLINICIAN)
}
OWN_COUNT = """
SELECT count(*) FROM review_item WHERE settled_at IS NULL AND (
   (client IN (SELECT id FROM client WHERE principal_clinician = $1) OR client IS NULL) AND needs = ANY($2::varchar[])
   OR only_for = $1)
"""
THREADS = f"SELECT count(*) FROM {conversations.OF.format('$1', '$2')}"
THREAD_ROWS = f"{conversations.ROWS.format('$1', '$2', 'TRUE')} ORDER BY t.latest_at DESC, t.id DESC LIMIT {conversations.PAGE + 1}"
SAID = conversation.SAID.format("$1", "TRUE")
ABOUT = About(
    *(
        next(one[1] for one in switch.choices if one[0] == switch.default)
        for switch in (chosen.READ_ON, chosen.OPENS, chosen.CLOSES)
    ),
    int(chosen.UNANSWERED_AFTER.default),
)
# My Account, the newest first, with nothing narrowed.
SPOKEN, ACCOUNT_ORDER = visits.SPOKEN["en"], Order()
VISITS = visits.LISTED.format(key=visits.SORTS["date"], way="DESC", many=visits.PAGE + 1, words=SPOKEN).format(
    "$1", "$1", "TRUE", "TRUE"
)
CHOICES = visits.CHOICES.format("$1")
PAPERS = papers.Papers(frozenset(papers.PAPERS) - {"cards"}, True)
kept: dict[str, Any] = {"until": 0.0, "practice": None, "clinicians": (), "how_to_pay": ""}


async def contact(connection: asyncpg.Connection) -> Contact:
    """Kept for five seconds, as the portal keeps it."""
    if kept["until"] < monotonic():
        row = await connection.fetchrow("SELECT * FROM practice LIMIT 1")
        kept["practice"] = Contact(
            row["name"],
            written_phone(row["phone"]),
            f"tel:{row['phone']}",
            row["hours_en"],
            row["email"],
            row["time_zone"],
        )
        said = await connection.fetchval("SELECT value FROM setting WHERE name = 'billing.how_to_pay'")
        kept["how_to_pay"] = said or ""
        kept["clinicians"] = [tuple(one) for one in await connection.fetch(CLINICIANS)]
        kept["until"] = monotonic() + 5
    return kept["practice"]


async def viewer_of(request: Request[Any, Any, Any], connection: asyncpg.Connection) -> Viewer:
    now = datetime.now(UTC)
    row = await connection.fetchrow(LOOKUP.sql, hash_of(request.cookies["portal-session"]), now)
    if row is None or row["ended_at"] is not None or row["is_suspended"]:
        raise PermissionError
    if (now - row["seen_at"]).total_seconds() > 5:
        await connection.execute("UPDATE session SET seen_at = $1 WHERE id = $2", now, row["id"])
    return Viewer(
        account_id=row["account"], name=row["staff_name"] if row["role"] else row["name"], email=row["email"],
        staff_id=row["staff_id"], role=Role(row["role"]) if row["role"] else None,
        session_id=row["id"], address="127.0.0.1", time_zone=row["time_zone"],
        grants=tuple(
            Reach(one["client"], one["kind"], frozenset(one["areas"]), one["name"], one["called"])
            for one in json.loads(row["grants"] or "[]")
        ),
    )  # fmt: skip


async def audit(
    connection: asyncpg.Connection, viewer: Viewer, act: str, client_id: int | None = None, **detail: Any
) -> None:
    role = viewer.role or next(grant.kind for grant in viewer.grants if grant.client_id == client_id)
    told = json.dumps({**detail, "session": viewer.session_id})
    await connection.execute(
        AUDIT, datetime.now(UTC), viewer.account_id, viewer.name, role, act, client_id, viewer.address, told
    )  # fmt: skip


def answer(request: Request[Any, Any, Any], name: str, page: Page, **context: Any) -> Response[str]:
    known = SimpleNamespace(app=PORTAL, visit=Visit(secret=request.cookies["portal-session"]))
    body = render(f"{name}.html", {**common(known, page), "form": Form(), **context})  # type: ignore[arg-type]
    return Response(body, media_type="text/html", headers=HEADERS)


async def unanswered(connection: asyncpg.Connection, viewer: Viewer, sql: str) -> Any:
    zone = ZoneInfo((await contact(connection)).time_zone)
    return await connection.fetch(sql, viewer.staff_id, datetime.now(zone).date(), topics.readable(viewer))


def staff_page(
    request: Request[Any, Any, Any],
    viewer: Viewer,
    practice: Contact,
    waiting: int,
    messages: int,
    home: str = "/staff/review",
) -> Page:
    nav = (
        NavItem("/staff/review", "inbox", lazy("Review"), waiting),
        NavItem("/staff/messages", "message-square-text", lazy("Messages"), messages),
        NavItem("/staff/schedule", "calendar-check", lazy("Schedule")),
        NavItem("/staff/clients", "users", lazy("Clients")),
        NavItem("/staff/hours", "calendar-days", lazy("Hours")),
    )
    return Page(path=path_of(request), viewer=viewer, practice=practice, home_url=home, nav=nav)


def path_of(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


@get("/clients/{client_id:int}")
async def dashboard(request: Request[Any, Any, Any], client_id: FromPath[int]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        grant = next(one for one in viewer.grants if one.client_id == client_id)
        changes = await connection.fetch(information.STANDING.sql, client_id)
        told = summary.told(
            await connection.fetchrow(summary.SUMMARY.sql, client_id, datetime.now(UTC)), viewer.time_zone
        )
        new = await connection.fetchval(unread.UNREAD.sql, viewer.account_id, client_id)
        if grant.kind != "self":
            await audit(connection, viewer, "page.read", client_id, page="home/dashboard")
        practice = await contact(connection)
    standing = {one["section"]: one["state"] for one in changes if one["state"] in OPEN or one["read_at"] is None}
    hour = datetime.now(ZoneInfo(practice.time_zone)).hour
    tiles = [part.tile(client_id, one) for part, one in zip(PARTS, (standing, told, new), strict=True)]
    return answer(
        request, "home/dashboard", client_page(request, viewer, practice, client_id, new), tiles=tiles,
        waiting=PARTS[2].to_do(client_id, new),
        client_id=client_id, visit=told.next, asks_to_confirm=True, grant=grant,
        greeting=next(words for until, words in GREETINGS if hour < until),
        others=[one for one in viewer.grants if one.client_id != client_id],
    )  # fmt: skip


def client_page(
    request: Request[Any, Any, Any],
    viewer: Viewer,
    practice: Contact,
    client_id: int,
    new: int,
    *,
    is_fragment: bool = False,
) -> Page:
    return Page(
        path=path_of(request), viewer=viewer, practice=practice, client_id=client_id, unread=new, may_write=True,
        home_url=f"/clients/{client_id}" if len(viewer.grants) == 1 else "/", is_fragment=is_fragment,
    )  # fmt: skip


@get("/clients/{client_id:int}/messages")
async def messages(request: Request[Any, Any, Any], client_id: FromPath[int]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        total = await connection.fetchval(THREADS, viewer.account_id, client_id)
        rows = await connection.fetch(THREAD_ROWS, viewer.account_id, client_id)
        await connection.fetch(drafts.DRAFT.sql, viewer.account_id, client_id, False, 0)
        new = await connection.fetchval(unread.UNREAD.sql, viewer.account_id, client_id)
        practice = await contact(connection)
    shown = [conversations._row(dict(row)) for row in rows[: conversations.PAGE]]
    older = Place(shown[-1].latest_at, shown[-1].id) if len(rows) > conversations.PAGE else None
    return answer(
        request, "messages/inbox", client_page(request, viewer, practice, client_id, new), client_id=client_id, words="",
        found=SimpleNamespace(rows=shown, total=total), draft=None, topics=topics.TITLES, may_write=True, newer="",
        older=f"/clients/{client_id}/messages?after={older.written}" if older else "",
    )  # fmt: skip


@get("/clients/{client_id:int}/account")
async def account(request: Request[Any, Any, Any], client_id: FromPath[int]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        practice = await contact(connection)
        owed = await connection.fetch(standing.STANDING.sql, client_id)
        rows = await connection.fetch(VISITS, client_id)
        firsts = _firsts(datetime.now(ZoneInfo(practice.time_zone)).date())
        since = midnight(practice.time_zone, firsts[0] - timedelta(days=1))
        counted = {one["month"]: one for one in await connection.fetch(months.MONTHS.sql, client_id, since, firsts[0])}
        offered = await connection.fetch(CHOICES, client_id)
        new = await connection.fetchval(unread.UNREAD.sql, viewer.account_id, client_id)
    told = [Month(*counted[one]) if one in counted else Month(one) for one in firsts]
    shown = [visits._visit(dict(row)) for row in rows if row["id"]]
    found = Listed(
        shown[: visits.PAGE], rows[0]["total"], None, shown[visits.PAGE - 1].id if shown[visits.PAGE :] else None
    )
    balance = Balance(*owed[0][:3]) if owed else Balance()
    waits = tuple(standing.Waiting(one["payer"], one["cents"]) for one in owed if one["cents"])
    form = Form({name: [] for name in KEPT} | {"sort": [forms.written(ACCOUNT_ORDER)]})
    return answer(
        request, "balance/my_account", client_page(request, viewer, practice, client_id, new), form=form, client_id=client_id,
        standing=standing.Standing(balance, waits), how_to_pay=kept["how_to_pay"], papers=PAPERS, found=found, is_narrow=False,
        ways=Ways(), choices=_choices(offered), order=ACCOUNT_ORDER, orders=forms.orders(True), titles=list(forms.TITLES.items()),
        figures=forms.FIGURES, sorted_by=lambda column: papers.query(form, KEPT, sort=forms.turned(ACCOUNT_ORDER, column)),
        query=papers.query(form, NAMES), on_paper=papers.query(form, NAMES, print=1), whose=papers.name_of(viewer, client_id),
        now=datetime.now(UTC), newer="", older=papers.query(form, KEPT, after=found.older) if found.older else "", months=told,
        chart=chart(told),
    )  # fmt: skip


def _firsts(today: date) -> list[date]:
    found = [today.replace(day=1)]
    while len(found) < months.MANY:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found


def _choices(rows: list[asyncpg.Record]) -> Choices:
    sites, clinicians = (
        {row[key]: row[name] for row in rows} for key, name in (("site_id", "site"), ("clinician_id", "clinician"))
    )
    return Choices(*({key: one[key] for key in sorted(one, key=one.__getitem__)} for one in (sites, clinicians)))


@get("/clients/{client_id:int}/messages/unread")
async def badge(request: Request[Any, Any, Any], client_id: FromPath[int]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        new = await connection.fetchval(unread.UNREAD.sql, viewer.account_id, client_id)
        practice = await contact(connection)
    return answer(request, "messages/_unread", client_page(request, viewer, practice, client_id, new, is_fragment=True))


@get("/clients/{client_id:int}/messages/{thread_id:int}")
async def thread(request: Request[Any, Any, Any], client_id: FromPath[int], thread_id: FromPath[int]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        row = await connection.fetchrow(conversation.OF_CLIENT.sql, viewer.account_id, client_id, thread_id)
        rows = (await connection.fetch(SAID, thread_id))[::-1]
        has_more, rows = len(rows) > conversation.PAGE, rows[-conversation.PAGE :]
        await connection.fetch(conversation.FILES.sql, [one["id"] for one in rows])
        await connection.fetch(drafts.DRAFT.sql, viewer.account_id, client_id, False, thread_id)
        new = await connection.fetchval(unread.UNREAD.sql, viewer.account_id, client_id)
        others = await connection.fetch(
            people.BESIDE.sql, thread_id, viewer.account_id, str(Area.MESSAGES), datetime.now(UTC)
        )
        practice = await contact(connection)
    head = conversation.Head(**row)
    said = [conversation.Said(**{**one, "author": one["author"] or "", "staff": one["staff"] or ""}) for one in rows]
    known = client_page(request, viewer, practice, client_id, new)
    return answer(
        request, "messages/thread", known, client_id=client_id, thread_id=thread_id, head=head, said=said,
        earlier=said[0].id if has_more else None, before=None, others=[one["name"] for one in others], draft=None,
        new=[one.id for one in said if one.id > head.read_to and not one.is_automatic and one.author_id != viewer.account_id],
        title=head.clinician or topics.TITLES[Topic(head.topic)], who_reads=topics.WHO_READS.get(Topic(head.topic)), told=ABOUT,
        form=Form.of(key=secrets.token_hex(16)),
    )  # fmt: skip


@get("/staff/messages")
async def staff_inbox(request: Request[Any, Any, Any]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        is_desk = viewer.role == Role.FRONT_DESK
        counted, listed = WAITING[BY_TOPIC if is_desk else BY_CLINICIAN]
        rows = await unanswered(connection, viewer, listed)
        if is_desk:
            waiting = await connection.fetchval(COUNT)
        else:
            waiting = await connection.fetchval(OWN_COUNT, viewer.staff_id, ["", *viewer.permissions])
        many = (await unanswered(connection, viewer, counted))[0]["count"]
        lines = [inbox._line(dict(row)) for row in rows if row["id"]][: inbox.PAGE]
        if lines:
            named = sorted({one.client_id for one in lines})
            await audit(connection, viewer, "list.read", page="messages/staff/inbox", clients=named)
        practice = await contact(connection)
    filters = Filters()
    after = lines[-1].place(filters) if len(rows) > inbox.PAGE else None
    home = "/staff/review" if is_desk else "/staff/schedule"
    return answer(
        request, "messages/staff/inbox", staff_page(request, viewer, practice, waiting, many, home), filters=filters,
        found=inbox.Inbox(lines, rows[0]["total"], None, after), views=VIEWS, topics=topics.offered(viewer),
        titles=topics.TITLES, waits=None, form=Form.of(topic="", words=""),
    )  # fmt: skip


@get("/staff/review")
async def review(request: Request[Any, Any, Any]) -> Response[str]:
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        await connection.execute(RELEASE, viewer.staff_id)
        rows = await connection.fetch(QUEUE, viewer.staff_id, datetime.now(UTC) - HELD_FOR)
        named = sorted({row["client"] for row in rows[: queues.PAGE] if row["client"]})
        await audit(connection, viewer, "list.read", page="review/desk", clients=named)
        many = (await unanswered(connection, viewer, WAITING[BY_TOPIC][0]))[0]["count"]
        practice = await contact(connection)
    items = [
        SimpleNamespace(
            id=row["id"], url=row["url"], opened_at=row["opened_at"], clinician=row["clinician"], held_by=row["held_by"],
            client=" ".join(part for part in (row["given_name"], row["family_name"], row["suffix"]) if part),
            title=kind.title, line=kind.says(row["about"]), is_on_desk=kind.is_on_desk,
        )
        for row in rows[: queues.PAGE]
        for kind in [kind_of(row["kind"])]
    ]  # fmt: skip
    after = Place(items[-1].opened_at, items[-1].id) if len(rows) > queues.PAGE else None
    queue = SimpleNamespace(items=items, total=rows[0]["total"], before=None, after=after)
    return answer(
        request, "review/desk", staff_page(request, viewer, practice, queue.total, many), item=None, here="/staff/review",
        query="", queue_url="/staff/review", skip_url="/staff/review", skips_on_desk=True,
        desk=Desk(queue, EVERYTHING, titles(), kept["clinicians"], None, queue.total),
    )  # fmt: skip


@get("/staff/clients")
async def client_list(request: Request[Any, Any, Any]) -> Response[str]:
    words, after, _ = _sought(request.query_params.get("find", ""))
    async with POOL.get().acquire() as connection:
        viewer = await viewer_of(request, connection)
        if words:
            terms = sought(words)
            rows = await connection.fetch(SEARCH[0 if clients.RARE.search(terms) else clients.NEAR], terms)
        else:
            rows = await (connection.fetch(BEYOND, *after) if after else connection.fetch(EVERYBODY))
        await audit(connection, viewer, "list.read", page="clients/list", clients=[row["id"] for row in rows[:25]])
        waiting = await connection.fetchval(COUNT)
        many = (await unanswered(connection, viewer, WAITING[BY_TOPIC][0]))[0]["count"]
        practice = await contact(connection)
    listed = [
        SimpleNamespace(
            id=row["id"], chart_number=row["chart_number"], called=row["preferred_name"], birth_date=row["birth_date"],
            name=" ".join(part for part in (row["given_name"], row["family_name"], row["suffix"]) if part),
            clinician=" ".join(part for part in (row["prefix"], row["c_given"], row["c_family"]) if part),
            key=(row["family_key"], row["given_key"], row["id"]),
        )
        for row in rows[:25]
    ]  # fmt: skip
    newer = listed[0].key if listed and after else None
    older = listed[-1].key if len(rows) > 25 else None
    return answer(
        request, "clients/list", staff_page(request, viewer, practice, waiting, many), words=words, may_add=True,
        found=SimpleNamespace(clients=listed), newer=_turn("/staff/clients", words, before=newer),
        older=_turn("/staff/clients", words, after=older),
    )  # fmt: skip


@get("/health")
async def health() -> str:
    return "ok"


class Held:
    """The pool of the running loop."""

    pool: asyncpg.Pool | None = None

    def get(self) -> asyncpg.Pool:
        assert self.pool is not None
        return self.pool


POOL = Held()


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=10) as POOL.pool:
        yield


if __name__ == "__main__":
    app = Litestar(
        [dashboard, account, messages, badge, thread, staff_inbox, review, client_list, health], openapi_config=None, lifespan=[lifespan],
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=1, minimum_size=1000),
    )  # fmt: skip
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="none", lifespan="on",
        log_level="warning", access_log=False, server_header=False, proxy_headers=False,
    )  # fmt: skip

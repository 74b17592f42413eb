"""Messages, as the client's side has them: the inbox, and a new conversation."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.keyset import Place
from portal.language import lazy
from portal.messages import writing
from portal.messages.about import about, addressees
from portal.messages.actions import drafting, sending
from portal.messages.queries import conversations, drafts, people, unread
from portal.messages.settings import clients_write
from portal.messages.topics import TITLES
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import go, leave_for, reply, see_other, tell, written
from portal.web.request import Request
from portal.web.sealed import sealed, unsealed

MOST_WORDS = 200
EDGES = ("after", "before")
SOUGHT = "a client's messages"
SAVED = lazy("Saved for later. It stands in your messages, on every device.")
DROPPED = lazy("The draft is deleted.")

typed.declare(writing.ADDRESSES, writing.reading)


class MessagesController(Controller):
    path = "/clients/{client_id:int}/messages"
    opt = acts_for(Area.MESSAGES)

    @get(name="messages")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.inbox(request, client_id)

    @get("/unread", name="message-unread", opt={"background": True})
    async def unread(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """What the badge asks every minute. By hand it is the inbox."""
        if not request.wants_fragment:
            return await self.inbox(request, client_id)
        request.visit.unread = await unread.unread(request.viewer, client_id)
        return await reply(request, "messages/unread")

    @get("/new", name="message-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """What was begun before stands there again; the address may say what it is about."""
        draft = await drafts.draft(request.viewer, client_id, None, is_staff=False)
        asked = {name: request.asked[name][: writing.MOST_SUBJECT] for name in ("topic", "subject")}
        return await self.screen(request, client_id, writing.opened(draft, **asked), draft)

    @post(name="message-beginning", request_max_body_size=writing.MOST_SENT)
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            if form["act"]:
                return await put_aside(request, client_id, None, form)
            ready = await writing.composed(request, client_id, None, is_staff=False)
            assert ready.beginning is not None
            thread_id = await sending.begin(request.viewer, client_id, ready.beginning, ready.words)
        except Refused as refusal:
            draft = await drafts.draft(request.viewer, client_id, None, is_staff=False)
            return await self.screen(request, client_id, form.refused(refusal), draft)
        told = await about(request.viewer)
        await tell(request, "ok", lazy("Your message is sent. We aim to answer within %(num)s hours.", num=told.hours))
        return leave_for(request, "message-thread", client_id=client_id, thread_id=thread_id)

    @post("/search", name="message-search")
    async def find(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """What was searched for is sealed in the address: it stands in no history and no log."""
        words = (await request.typed())["words"].strip()[:MOST_WORDS]
        here = request.app.route_reverse("messages", client_id=client_id)
        return go(_on(here, sealed(SOUGHT, words=words) if words else ""))

    @post("/draft", name="message-new-draft", opt={"saves_itself": True})
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await save_itself(request, client_id, None)

    async def inbox(self, request: Request, client_id: int) -> Response[Any]:
        here, find = request.app.route_reverse("messages", client_id=client_id), request.asked["find"]
        words = str(unsealed(SOUGHT, find).get("words", ""))
        after, before = (Place.read(request.asked[name]) if request.asked[name] else None for name in EDGES)
        found = await conversations.inbox(request.viewer, client_id, words, after=after, before=before)
        return await reply(
            request,
            "messages/inbox",
            about=client_id,
            client_id=client_id,
            found=found,
            words=words,
            draft=await drafts.draft(request.viewer, client_id, None, is_staff=False),
            topics=TITLES,
            may_write=await clients_write(request.viewer),
            newer=_on(here, find, before=found.newer) if found.newer else "",
            older=_on(here, find, after=found.older) if found.older else "",
            headers={"HX-Push-Url": written(_on(here, find if words else "", after=after, before=before))},
        )

    async def screen(self, request: Request, client_id: int, form: Form, draft: drafts.Draft | None) -> Response[Any]:
        others = await people.of_client(request.viewer, client_id)
        return await reply(
            request,
            "messages/new",
            form=form,
            about=client_id,
            client_id=client_id,
            draft=draft,
            may_write=await clients_write(request.viewer),
            options=await addressees(request.viewer, client_id),
            others=[one for one in others if one.account_id != request.viewer.account_id],
            told=await about(request.viewer),
        )


async def put_aside(request: Request, client_id: int, thread_id: int | None, form: Form) -> Response[Any]:
    """Saved for later, or thrown away. Raises `Refused`."""
    if form["act"] == "drop":
        await drafting.drop(request.viewer, client_id, thread_id, is_staff=False)
    else:
        await writing.kept(request, client_id, thread_id, is_staff=False)
    await tell(request, "ok", DROPPED if form["act"] == "drop" else SAVED)
    return leave_for(request, "messages", client_id=client_id)


async def save_itself(request: Request, client_id: int, thread_id: int | None) -> Response[Any]:
    """While somebody types: without files, and without a word but when it was."""
    draft, refused = None, ""
    try:
        draft = await writing.kept(request, client_id, thread_id, is_staff=False, by_itself=True)
    except Refused as refusal:
        refused = str(next(iter(refusal.sentences.values())))
    if request.wants_fragment:
        known = (await request.typed())["known"]
        return await reply(request, "messages/saved", draft=draft, known=known, refused=refused)
    if thread_id:
        return see_other(request, "message-thread", client_id=client_id, thread_id=thread_id)
    return see_other(request, "message-new", client_id=client_id)


def _on(here: str, find: str, **edge: Place | None) -> str:
    """The address of the inbox, of what was sought, from there on."""
    told = {"find": find, **{name: place.written for name, place in edge.items() if place}}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{here}?{query}" if query else here

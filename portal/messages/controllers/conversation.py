"""One conversation, as the client's side has it: read, answered, and looked at again while somebody waits."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.language import lazy
from portal.messages import writing
from portal.messages.about import about
from portal.messages.actions import reading, sending
from portal.messages.controllers.client import put_aside, save_itself
from portal.messages.queries import conversation, drafts, people, unread
from portal.messages.queries.conversation import Head, Said
from portal.messages.topics import TITLES, WHO_READS
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class ConversationController(Controller):
    path = "/clients/{client_id:int}/messages/{thread_id:int}"
    opt = acts_for(Area.MESSAGES)

    @get(name="message-thread")
    async def show(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        """What it shows is read from then on; nothing else changes."""
        viewer = request.viewer
        head = await conversation.of_client(viewer, client_id, thread_id)
        before = request.asked.number("before")
        told, has_more = await conversation.said(viewer, head, before)
        if told and told[-1].id > head.read_to:
            await reading.mark_read(viewer, client_id, thread_id, told[-1].id)
        request.visit.unread = await unread.unread(viewer, client_id)
        draft = await drafts.draft(viewer, client_id, thread_id, is_staff=False)
        return await self.screen(request, head, (told, has_more), writing.opened(draft), draft, before)

    @post(name="message-reply", request_max_body_size=writing.MOST_SENT)
    async def create(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            if form["act"]:
                return await put_aside(request, client_id, thread_id, form)
            ready = await writing.composed(request, client_id, thread_id, is_staff=False)
            await sending.answer(request.viewer, client_id, thread_id, ready.words)
        except Refused as refusal:
            head = await conversation.of_client(request.viewer, client_id, thread_id)
            told = await conversation.said(request.viewer, head)
            draft = await drafts.draft(request.viewer, client_id, thread_id, is_staff=False)
            return await self.screen(request, head, told, form.refused(refusal), draft)
        await tell(request, "ok", lazy("Your message is sent."))
        return see_other(request, "message-thread", "#latest", client_id=client_id, thread_id=thread_id)

    @post("/draft", name="message-draft", opt={"saves_itself": True})
    async def update(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        return await save_itself(request, client_id, thread_id)

    @get("/news", name="message-news", opt={"background": True})
    async def news(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        """What the page asks while it is open: whether somebody has said more. By hand it is the thread."""
        after = request.asked.number("after") or 0
        many = await unread.since(request.viewer, client_id, thread_id, after)
        if not request.wants_fragment:
            return see_other(request, "message-thread", "#latest", client_id=client_id, thread_id=thread_id)
        return await reply(request, "messages/news", client_id=client_id, thread_id=thread_id, latest=after, many=many)

    async def screen(
        self,
        request: Request,
        head: Head,
        told: tuple[list[Said], bool],
        form: Form,
        draft: drafts.Draft | None,
        before: int | None = None,
    ) -> Response[Any]:
        said, has_more = told
        new = [one.id for one in said if one.id > head.read_to and _is_news(one, request)]
        return await reply(
            request,
            "messages/thread",
            form=form,
            about=head.client_id,
            client_id=head.client_id,
            thread_id=head.id,
            head=head,
            said=said,
            earlier=said[0].id if has_more else None,
            before=before,
            new=new,
            others=await people.beside(request.viewer, head.id),
            title=head.clinician or TITLES[head.about],
            who_reads=WHO_READS.get(head.about),
            draft=draft,
            told=await about(request.viewer),
        )


def _is_news(one: Said, request: Request) -> bool:
    return not one.is_automatic and one.author_id != request.viewer.account_id

"""Whose a conversation is, whether it is done, and what staff tell each other beside it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.language import lazy
from portal.messages import staff_forms
from portal.messages.actions import handling
from portal.messages.controllers.thread import handling_told, notes_told, screen
from portal.messages.queries import beside, conversation
from portal.messages.queries.conversation import Head
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import go, leave_for, panel_of, reply, see_other, tell
from portal.web.request import Request


class HandlingController(Controller):
    path = "/staff/messages/{thread_id:int}/handling"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-message-handling")
    async def show(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        """The panel for htmx; for others the page that it stands in."""
        head = await conversation.of_staff(request.viewer, thread_id)
        if not request.wants_fragment:
            return see_other(request, "staff-message-thread", thread_id=thread_id)
        return await self.panel(request, head, request.asked)

    @post()
    async def update(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        """By the button that was pressed. Where somebody was quicker nothing is done, and it says who."""
        form = await request.typed()
        viewer, version = request.viewer, staff_forms.version(form)
        try:
            if form["act"] == "take":
                await handling.take(viewer, thread_id, version)
            elif form["act"] == "give-back":
                await handling.give_back(viewer, thread_id, version)
            elif form["act"] == "close":
                await handling.close(viewer, thread_id, version, form.number("seen") or 0)
            elif form["act"] == "reopen":
                await handling.reopen(viewer, thread_id, version)
            else:
                await handling.assign(viewer, thread_id, version, form.number("to") or 0)
        except Stale:
            return await self.stale(request, thread_id, form)
        except Refused as refusal:
            return await self.refused(request, thread_id, form.refused(refusal))
        return await self.onward(request, thread_id, form)

    async def onward(self, request: Request, thread_id: int, form: Form) -> Response[Any]:
        """What was given out of one's hands may be out of one's reach."""
        done = DONE.get(form["act"], lazy("Assigned."))
        try:
            await conversation.of_staff(request.viewer, thread_id)
        except NotFoundException:
            await tell(request, "ok", done)
            return leave_for(request, "staff-messages")
        await tell(request, "ok", done)
        if not request.htmx:
            return see_other(request, "staff-message-thread", thread_id=thread_id)
        here = request.app.route_reverse("staff-message-handling", thread_id=thread_id)
        return go(f"{here}?seen={form.number('seen') or 0}")

    async def stale(self, request: Request, thread_id: int, form: Form) -> Response[Any]:
        head = await conversation.of_staff(request.viewer, thread_id)
        sentence = CHANGED
        if head.is_closed:
            sentence = lazy("It is closed already. Nothing was done.")
        elif head.assigned_to and head.assigned_to != request.viewer.staff_id:
            sentence = lazy("%(name)s was quicker: it is with them. Nothing was done.", name=head.assigned)
        if not request.wants_fragment:
            return await screen(request, thread_id, stale=sentence)
        return await self.panel(request, head, form, stale=sentence)

    async def refused(self, request: Request, thread_id: int, form: Form) -> Response[Any]:
        if not request.wants_fragment:
            return await screen(request, thread_id, assigned=form)
        return await self.panel(request, await conversation.of_staff(request.viewer, thread_id), form)

    async def panel(self, request: Request, head: Head, form: Form, stale: object = "") -> Response[Any]:
        """The conversation below it stays as it is, and `seen` is the last message there."""
        about = await beside.about(request.viewer, head)
        return await reply(
            request,
            "messages/staff/handling",
            form=form,
            status=409 if stale else None,
            about=head.client_id,
            **await handling_told(request, head, about.name, form if form.errors else None, stale),
            seen=form.number("seen") or 0,
        )


class NotesController(Controller):
    path = "/staff/messages/{thread_id:int}/notes"
    opt = needs(Permission.MESSAGE_READ)

    @get(name="staff-message-notes")
    async def show(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        return await self.panel(request, thread_id, None)

    @post()
    async def create(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await handling.add_note(request.viewer, thread_id, *staff_forms.note(form))
        except Refused as refusal:
            return await self.panel(request, thread_id, form.refused(refusal))
        await tell(request, "ok", lazy("Noted, for staff only."))
        return panel_of(request, "staff-message-notes", "staff-message-thread", thread_id=thread_id)

    async def panel(self, request: Request, thread_id: int, form: Form | None) -> Response[Any]:
        head = await conversation.of_staff(request.viewer, thread_id)
        if request.wants_fragment:
            told = await notes_told(request, head, form)
            return await reply(request, "messages/staff/notes", form=form, about=head.client_id, head=head, **told)
        if form is None:
            return see_other(request, "staff-message-thread", thread_id=thread_id)
        return await screen(request, thread_id, noted=form)


CHANGED = lazy("This changed while you had it open. Nothing was done: read what is new, then decide.")
DONE = {
    "take": lazy("It is yours now."),
    "give-back": lazy("Given back: it waits for whoever takes it."),
    "close": lazy("Closed."),
    "reopen": lazy("Open again."),
}

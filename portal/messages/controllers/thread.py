"""What stands on the page of a conversation, for every route that answers with it."""

import secrets
from typing import Any

from litestar import Response

from portal import clock
from portal.access import Permission
from portal.messages import canned, staff_forms, topics, writing
from portal.messages.actions import reading
from portal.messages.queries import beside, conversation, drafts, inbox
from portal.messages.queries import canned as canned_replies
from portal.messages.queries.beside import About, Somebody
from portal.messages.queries.conversation import Head, Said
from portal.practice import queries as practices
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request
from portal.web.templates import written_phone


async def screen(
    request: Request,
    thread_id: int,
    form: Form | None = None,
    *,
    noted: Form | None = None,
    assigned: Form | None = None,
    stale: object = "",
) -> Response[Any]:
    """Looking at it is reading it: the office has read what is on the page. `form` is the answer as it was typed."""
    viewer, asked = request.viewer, request.asked
    head = await conversation.of_staff(viewer, thread_id)
    said, has_earlier = await conversation.said(viewer, head, asked.number("before"))
    if said and said[-1].id > head.office_read_to:
        await reading.mark_read_for_staff(viewer, thread_id, said[-1].id)
    about = await beside.about(viewer, head)
    people = await beside.participants(viewer, head)
    draft = await drafts.draft(viewer, head.client_id, thread_id, is_staff=True)
    failed = form or noted or assigned
    return await reply(
        request,
        "messages/staff/thread",
        form=failed,
        status=409 if stale else None,
        about=head.client_id,
        said=said,
        has_earlier=has_earlier,
        is_latest=asked.number("before") is None,
        since=asked.number("seen") or head.read_to,
        reply_form=form or await _opened(request, draft, said, about, people),
        draft=draft,
        client=about,
        age=about.age(clock.today((await practices.practice(viewer)).time_zone)),
        people=people,
        others=await inbox.of_client(viewer, head.client_id, but=thread_id, is_open=True),
        next=await inbox.next_waiting(viewer, thread_id),
        replies=await canned_replies.replies(viewer),
        spoken=_spoken(said, about, people),
        seen=head.latest,
        **await notes_told(request, head, noted),
        **await handling_told(request, head, about.name, assigned, stale),
    )


async def handling_told(
    request: Request, head: Head, name: str, form: Form | None, stale: object = ""
) -> dict[str, Any]:
    """Whose it is, and what can be done about it; for htmx also how many wait now."""
    return {
        "head": head,
        "client_name": name,
        "stale": stale,
        "assign_form": form or Form.of(to=head.assigned_to),
        "colleagues": await beside.colleagues(request.viewer, head.client_id),
        "titles": topics.TITLES,
        "waits": await inbox.how_many_wait(request.viewer) if request.wants_fragment else None,
        "is_mine": head.assigned_to == request.viewer.staff_id,
        "may_configure": request.viewer.may(Permission.MESSAGE_CONFIGURE),
    }


async def notes_told(request: Request, head: Head, form: Form | None) -> dict[str, Any]:
    return {
        "notes": await beside.notes(request.viewer, head),
        "note_form": form or Form.of(key=secrets.token_hex(16)),
    }


async def _opened(
    request: Request, draft: drafts.Draft | None, said: list[Said], about: About, people: list[Somebody]
) -> Form:
    """The draft; and behind it the canned reply that was asked for."""
    form = writing.opened(draft)
    wanted = staff_forms.asked_for(request.asked)
    if wanted is None:
        return form
    one = await canned_replies.reply_of(request.viewer, wanted[0])
    practice = await practices.practice(request.viewer)
    words = canned.filled(one.body(wanted[1]), _first_name(said, about, people), written_phone(practice.phone))
    return Form({**form.typed, "body": (canned.joined(form["body"], words),)})


def _addressed(said: list[Said], people: list[Somebody]) -> Somebody | None:
    """Who wrote last on the client's side; before anybody has, whoever takes part alone or first."""
    readers = {one.account_id: one for one in people}
    wrote = (readers.get(one.author_id or 0) for one in reversed(said) if not one.is_from_practice)
    return next((one for one in wrote if one), people[0] if people else None)


def _first_name(said: list[Said], about: About, people: list[Somebody]) -> str:
    one = _addressed(said, people)
    return one.name.split()[0] if one and one.kind not in ("self", "") and one.name.split() else about.called


def _spoken(said: list[Said], about: About, people: list[Somebody]) -> str:
    """The language in which they read the portal, or that of the chart."""
    one = _addressed(said, people)
    return one.language if one else "es" if about.language.startswith("es") else "en"

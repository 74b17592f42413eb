"""The desk: a feature's page with the queue around it.

A feature answers with `on_desk`; after a decision with `onward`; where somebody was quicker, with `stale`. Its detail
is a template that fills in what templates/components/decide.html leaves open, and that may say:

    item        what waits (portal/review/queries/items.py)
    here        the address of this page with its query: where its forms go, with "#desk" as their target
    query       the filters in it, for addresses of the feature's own
    skip_url    the next item, or the queue; `skips_on_desk` where htmx may go there

When the queue is narrowed beside an open item, its list is swapped and nothing else, so that what was typed stays:
a form that decides has the id `decide`, for its filters stand in the list; links of the detail that keep them stand in
an element with the id `onward`, which is swapped along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from portal.keyset import Place
from portal.practice import queries as practice
from portal.practice.queries import Person
from portal.review import actions
from portal.review.filters import Filters
from portal.review.forms import CHOICES, filters_of, filters_told
from portal.review.kinds import titles
from portal.review.queries import decided, items
from portal.review.queries import queue as queues
from portal.review.queries.decided import Last
from portal.review.queries.items import Item
from portal.review.queries.queue import Next, Queue
from portal.review.reach import held
from portal.web.form import Form
from portal.web.replies import go, reply, tell, written
from portal.web.request import Request


@dataclass(frozen=True)
class Desk:
    """What stands around an item. `waits` is how many wait without filters, for the badge; a page knows it anyway."""

    queue: Queue
    filters: Filters
    kinds: list[tuple[str, object]]
    clinicians: list[Person]
    last: Last | None
    waits: int | None
    heading: object = ""
    detail: str = ""
    is_stale: bool = False
    is_marked: bool = False
    is_narrowed_anew: bool = False
    sentence: object = ""


async def on_desk(
    request: Request,
    detail: str,
    *,
    kind: str | Sequence[str],
    subject_id: int,
    heading: object = "",
    form: Form | None = None,
    status: int | None = None,
    about: int | None = None,
    is_marked: object = False,
    **context: Any,
) -> Response[Any]:
    """The item of this kind and subject, open or settled, and whoever looks at it has it. `about` is its client.

    Where several kinds of items share an address, `kind` names them all.

    `is_marked` says that the detail itself marks where the focus goes.
    """
    item = await _opened(request, kind, subject_id)
    told = {"heading": heading or item.title, "detail": detail, "is_marked": bool(is_marked)}
    return await _answer(request, item, told, form=form, status=status, about=about or item.client_id, **context)


async def stale(
    request: Request,
    detail: str,
    *,
    kind: str | Sequence[str],
    subject_id: int,
    heading: object = "",
    sentence: object = "",
    form: Form | None = None,
    about: int | None = None,
    **context: Any,
) -> Response[Any]:
    """409: decided by somebody else, or changed meanwhile; then it is shown as it stands now, to be decided anew.

    `form` is what was typed: it stands in the fields again, or beside what was decided.
    """
    item = await _opened(request, kind, subject_id)
    told = {"heading": heading or item.title, "detail": detail, "is_stale": True, "sentence": sentence}
    return await _answer(request, item, told, form=form, status=409, about=about or item.client_id, **context)


async def onward(request: Request, *, kind: str | Sequence[str], subject_id: int, sentence: object) -> Response[Any]:
    """After a decision: the next one under the same filters, from here on and then from the beginning."""
    item = await items.item_of(request.viewer, kind, subject_id)
    filters = await _asked(request)
    await tell(request, "ok", sentence)
    found = await _next(request, filters, item, is_round=True)
    return go(filters.on(found.url) if found and found.is_on_desk else filters.at().on(queue_url(request)))


async def queue(request: Request) -> Response[Any]:
    """The desk with nothing on it: whoever looks at it has left what they had."""
    await actions.release(request.viewer)
    return await _answer(request, None, {})


def queue_url(request: Request) -> str:
    return request.app.route_reverse("review")


async def _opened(request: Request, kind: str | Sequence[str], subject_id: int) -> Item:
    item = await items.item_of(request.viewer, kind, subject_id)
    if item.is_settled or item.held_by:
        await actions.release(request.viewer)
        return item
    if await actions.hold(request.viewer, item.id):
        return item
    return await items.item_of(request.viewer, kind, subject_id)


async def _answer(
    request: Request,
    item: Item | None,
    told: dict[str, Any],
    *,
    form: Form | None = None,
    status: int | None = None,
    about: int | None = None,
    **context: Any,
) -> Response[Any]:
    asked = await _asked(request)
    filters, queue = await _around(request, asked, item)
    desk = await _furnished(request, queue, filters, told)
    found = await _next(request, filters, item, is_round=item.is_settled) if item else None
    here, whole = (asked if item else filters).on(request.url.path), filters.at().on(queue_url(request))
    return await reply(
        request,
        "review/desk",
        form=form,
        status=status,
        about=about,
        listed=sorted({one.client_id for one in queue.items if one.client_id}),
        headers={"HX-Push-Url": written(here)} if request.method == "GET" else None,
        **{
            **context,
            "desk": desk,
            "item": item,
            "here": here,
            "query": filters.query,
            "queue_url": filters.on(queue_url(request)),
            "skip_url": filters.on(found.url) if found and found.is_on_desk else found.url if found else whole,
            "skips_on_desk": found is None or found.is_on_desk,
        },
    )


async def _asked(request: Request) -> Filters:
    is_form = request.method == "POST"
    return filters_told(request.asked, await request.typed()) if is_form else filters_of(request.asked)


async def _around(request: Request, filters: Filters, item: Item | None) -> tuple[Filters, Queue]:
    """The page that the address names; another one, where that shows nothing or leaves out what is on the desk."""
    queue = await queues.waiting(request.viewer, filters)
    if queue.total and not queue.items:
        filters = filters.at()
        queue = await queues.waiting(request.viewer, filters)
    if item is None or item.is_settled or _shows(queue, item):
        return filters, queue
    nearer = filters.starting_with(item.place)
    there = await queues.waiting(request.viewer, nearer)
    return (nearer, there) if _shows(there, item) else (filters, queue)


def _shows(queue: Queue, item: Item) -> bool:
    return any(one.id == item.id for one in queue.items)


async def _furnished(request: Request, queue: Queue, filters: Filters, told: dict[str, Any]) -> Desk:
    viewer = request.viewer
    is_empty = not queue.total and not filters.is_narrow
    if not filters.is_narrow:
        request.visit.waiting = queue.total
    elif request.wants_fragment:
        request.visit.waiting = await queues.how_many_wait(viewer)
    return Desk(
        queue,
        filters,
        is_narrowed_anew=all(name in request.query_params for name in CHOICES),
        kinds=titles(held(viewer)),
        clinicians=await practice.clinicians_with_clients(viewer),
        last=await decided.last_decision(viewer) if is_empty else None,
        waits=request.visit.waiting,
        **told,
    )


async def _next(request: Request, filters: Filters, item: Item, *, is_round: bool) -> Next | None:
    place: Place | None = item.place
    found = await queues.next_free(request.viewer, filters, place, but=item.id)
    if found is None and is_round:
        found = await queues.next_free(request.viewer, filters, None, but=item.id)
    return found

"""What the pages of an account have in common: which papers they lead to, and how a list is taken along."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar.response import Stream

from portal import clock
from portal.access import Viewer
from portal.billing import ways
from portal.billing.settings import INVOICES, SUPERBILLS, is_on, keeps_cards
from portal.practice import queries as practices
from portal.web.form import Form
from portal.web.request import Request

PAPERS = ("account-invoice", "account-superbill", "account-superbills", "receipt-file", "estimates", "cards")


@dataclass(frozen=True)
class Papers:
    """`served` are the names of the pages that there are and that the practice allows."""

    served: frozenset[str]
    has_superbills: bool


async def papers(request: Request, client_id: int) -> Papers:
    served = {name for name in PAPERS if request.app.get_handler_index_by_name(name)}
    has_superbills = await is_on(request.viewer, SUPERBILLS)
    if not await is_on(request.viewer, INVOICES):
        served.discard("account-invoice")
    if not await keeps_cards(request.viewer) and not await ways.has_cards(request.viewer, client_id):
        served.discard("cards")
    if not has_superbills:
        served -= {"account-superbill", "account-superbills"}
    return Papers(frozenset(served), has_superbills)


async def download(request: Request, pieces: AsyncIterator[bytes], media_type: str, name: str, ending: str) -> Stream:
    today = clock.today((await practices.practice(request.viewer)).time_zone)
    headers = {"Content-Disposition": f'attachment; filename="{name}-{today.isoformat()}.{ending}"'}
    return Stream(pieces, media_type=media_type, headers=headers)


def query(form: Form, names: Sequence[str], **more: object) -> str:
    """What an address asks for, and more."""
    told = {name: form[name] for name in names if form[name] and name not in more}
    return urlencode(told | {name: str(one) for name, one in more.items() if one})


def edges(asked: Form) -> dict[str, int | None]:
    return {name: asked.number(name) for name in ("after", "before")}


def name_of(viewer: Viewer, client_id: int) -> str:
    """Whose account it is, as paper says it."""
    return next(one.name for one in viewer.grants if one.client_id == client_id)

"""The client's first screen, gathered from what the features offer."""

from typing import NamedTuple

from portal.access import Viewer
from portal.appointments.visit import Visit
from portal.home.parts import PARTS, Tile, ToDo
from portal.messages.queries.unread import of_each


class Dashboard(NamedTuple):
    """`next` is the visit whose card stands above everything; `unread` is what the header's badge shows too."""

    tiles: list[Tile]
    waiting: list[ToDo]
    next: Visit | None
    unread: int = 0


async def dashboard(viewer: Viewer, client_id: int) -> Dashboard:
    """The tiles of the areas that exist and that the grant opens, and what waits in them."""
    viewer.must_act_for(client_id)
    tiles, waiting, coming = [], [], None
    for part in PARTS:
        if viewer.acts_for(client_id, part.area):
            told = await part.ask(viewer, client_id)
            if part.tile is not None:
                tiles.append(part.tile(client_id, told))
            waiting += part.to_do(client_id, told)
            coming = coming or part.card(told)
    return Dashboard(tiles, waiting, coming, next((one.badge for one in tiles if one.is_live), 0))


async def news(viewer: Viewer) -> dict[int, int]:
    """How many messages are unread, for whoever must choose whom to act for."""
    return await of_each(viewer) if viewer.grants else {}

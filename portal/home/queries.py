"""The client's first screen, gathered from what the features offer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.access import Area, NotFoundException, Viewer
from portal.clients.tables import Client


@dataclass(frozen=True)
class Tile:
    """One area of the portal: `state` says in words what stands there."""

    url: str
    icon: str
    name: object
    state: object
    badge: int = 0


@dataclass(frozen=True)
class ToDo:
    """One thing that waits: a plain act, since when or how long, and the words of its pill."""

    url: str
    label: object
    hint: object = ""
    pill: object = ""
    kind: str = ""


@dataclass(frozen=True)
class Part:
    """What one feature brings to the dashboard, for one client and one viewer."""

    area: Area
    tile: Callable[[Viewer, int], Awaitable[Tile]]
    to_do: Callable[[Viewer, int], Awaitable[list[ToDo]]]


PARTS: tuple[Part, ...] = ()


async def own_client(viewer: Viewer, client_id: int) -> Client:
    viewer.must_act_for(client_id)
    found = await Client.objects().where(viewer.reaches_as_client(Client), Client.id == client_id).first()
    if found is None:
        raise NotFoundException
    return found


async def dashboard(viewer: Viewer, client_id: int) -> tuple[list[Tile], list[ToDo]]:
    """The tiles of the areas that exist and that the grant opens, and what waits in them."""
    viewer.must_act_for(client_id)
    open_parts = [part for part in PARTS if viewer.acts_for(client_id, part.area)]
    tiles = [await part.tile(viewer, client_id) for part in open_parts]
    waiting = [one for part in open_parts for one in await part.to_do(viewer, client_id)]
    return tiles, waiting

"""The client's first screen, gathered from what the features offer."""

from portal.access import Viewer
from portal.home.parts import PARTS, Tile, ToDo


async def dashboard(viewer: Viewer, client_id: int) -> tuple[list[Tile], list[ToDo]]:
    """The tiles of the areas that exist and that the grant opens, and what waits in them."""
    viewer.must_act_for(client_id)
    tiles, waiting = [], []
    for part in PARTS:
        if viewer.acts_for(client_id, part.area):
            told = await part.ask(viewer, client_id)
            tiles.append(part.tile(client_id, told))
            waiting += part.to_do(client_id, told)
    return tiles, waiting

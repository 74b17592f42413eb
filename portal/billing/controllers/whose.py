"""Whose account a page is about, and what day it is at the practice."""

from datetime import date
from typing import Any

from portal import clock
from portal.clients import queries as clients
from portal.practice import queries as practices
from portal.web.request import Request


async def whose(request: Request, client_id: int) -> Any:
    """Not found outside one's reach."""
    return await clients.client(request.viewer, client_id)


async def today(request: Request) -> date:
    return clock.today((await practices.practice(request.viewer)).time_zone)

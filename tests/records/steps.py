"""Requests for records, asked and answered."""

from portal.access import Area, Reach, Viewer
from portal.records.actions import asking
from portal.records.actions.asking import Asked
from portal.records.queries import requests
from portal.records.tables import RecordRequest
from tests.cast import Cast
from tests.factories import TEST

NOTES = Asked(("notes",), "The ones about my sleep")


def maya(cast: Cast, *areas: Area) -> Viewer:
    reach = Reach(cast.client.id, "self", frozenset(str(area) for area in areas or Area), cast.client.name, "Maya")
    return Viewer(account_id=cast.accounts["client"].id, name="Maya Reyes", grants=(reach,))


async def asked(cast: Cast, what: Asked = NOTES, once: str = "one") -> RecordRequest:
    return await asking.ask(maya(cast), cast.client.id, what, once)


async def version_of(request_id: int) -> int:
    return (await requests.staff_request(TEST, request_id)).version

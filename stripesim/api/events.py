from typing import Any

from stripe.params import EventListParams, EventRetrieveParams

from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.store import Thing


@endpoint("GET", "/v1/events", EventListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    wanted = given.get("types") or ([given["type"]] if "type" in given else None)
    found = [one for one in call.store.all("event") if wanted is None or one["type"] in wanted]
    return listed(found, given, "/v1/events")


@endpoint("GET", "/v1/events/{id}", EventRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("event", id)

"""One call of the API: who calls, what is asked, and what happened with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stripesim.store import Store, Thing, new_id

VERSION = "2026-10-28.endive"


@dataclass
class Call:
    store: Store
    address: str
    key: str | None = None
    id: str = field(default_factory=lambda: new_id("req"))
    has_told: bool = False

    @property
    def now(self) -> int:
        return self.store.now()

    def tell(self, kind: str, about: Thing, **before: Any) -> None:
        """An event, in the same transaction as what it tells of."""
        data: dict[str, Any] = {"object": public(about)}
        if before:
            data["previous_attributes"] = before
        id = new_id("evt")
        event = {
            "id": id,
            "object": "event",
            "account": None,
            "api_version": VERSION,
            "context": None,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": self.id, "idempotency_key": self.key},
            "type": kind,
        }
        self.store.add(event)
        self.store.queue(id)
        self.has_told = True


def public(thing: Any) -> Any:
    """Without what only the stand-in knows, like which test card it is."""
    if isinstance(thing, dict):
        return {name: public(value) for name, value in thing.items() if not name.startswith("_")}
    return [public(one) for one in thing] if isinstance(thing, list) else thing


class Endpoint(NamedTuple):
    method: str
    path: re.Pattern[str]
    shape: Any
    act: Callable[..., Thing]


ENDPOINTS: list[Endpoint] = []


def endpoint(method: str, path: str, shape: Any) -> Callable[[Callable[..., Thing]], Callable[..., Thing]]:
    """`shape` is the library's own type of the parameters. The names in braces are handed on by name."""
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[A-Za-z0-9_]+)", path))

    def known(act: Callable[..., Thing]) -> Callable[..., Thing]:
        ENDPOINTS.append(Endpoint(method, pattern, shape, act))
        return act

    return known

"""Every route says who may; the app does not start where one is silent."""

from dataclasses import dataclass

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ImproperlyConfiguredException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from portal.access.permissions import Area, Permission
from portal.access.viewer import Viewer

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Rule:
    """`words` is what `routes.txt` shows."""

    words: str
    permission: Permission | None = None
    area: Area | None = None
    is_public: bool = False
    is_for_client: bool = False
    is_signed: bool = False


PUBLIC = {"access": Rule("public", is_public=True)}
# From another machine, which signs what it says: no session, no cookie, no token of a form. The handler verifies it.
SIGNED_BY_SENDER = {"access": Rule("signed by its sender", is_public=True, is_signed=True), "stateless": True}
SIGNED_IN = {"access": Rule("signed in")}


def needs(permission: Permission) -> dict[str, Rule]:
    """Staff whose role holds the permission."""
    return {"access": Rule(f"staff {permission}", permission=permission)}


def acts_for(area: Area | None = None) -> dict[str, Rule]:
    """Whoever holds a live grant for the `client_id` in the path."""
    return {"access": Rule(f"client {area or 'any area'}", area=area, is_for_client=True)}


class NotSignedIn(HTTPException):
    status_code = 401


async def guard(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """Signed out: 401, answered with the way to sign in. Outside one's reach: 404, and so is an id no key can have."""
    rule: Rule | None = handler.opt.get("access")
    if rule is None:  # the framework's own answer to OPTIONS
        raise NotFoundException
    viewer: Viewer = connection.scope["viewer"]  # type: ignore[typeddict-item]
    if rule.is_public:
        return
    if not viewer.is_signed_in:
        raise NotSignedIn
    if any(isinstance(part, int) and part > LARGEST_ID for part in connection.path_params.values()):
        raise NotFoundException
    if rule.permission is not None and not viewer.may(rule.permission):
        raise NotFoundException
    if rule.is_for_client and not viewer.acts_for(int(connection.path_params["client_id"]), rule.area):
        raise NotFoundException


def insist_every_route_declares(app: Litestar) -> None:
    silent = [f"{path}: {name}" for path, _, name, rule in routes(app) if rule is None]
    if silent:
        raise ImproperlyConfiguredException("declares no access: " + ", ".join(silent))
    cached = [
        route.path for route in app.routes if isinstance(route, HTTPRoute) for h in route.route_handlers if h.cache
    ]
    if cached:
        raise ImproperlyConfiguredException(
            "a cached route would show one person's page to another: " + ", ".join(cached)
        )


def routes(app: Litestar) -> list[tuple[str, str, str, Rule | None]]:
    """(path, methods, name, rule) of every route but the automatic OPTIONS."""
    found = []
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]  # type: ignore[attr-defined]
        for handler in handlers:
            if handler.handler_name == "options_handler":
                continue
            methods = ",".join(sorted(getattr(handler, "http_methods", {"ASGI"})))
            found.append((route.path, methods, handler.name or handler.handler_name, handler.opt.get("access")))
    return sorted(found, key=lambda one: one[:3])

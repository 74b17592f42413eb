"""Who may: the viewer, the permissions, the guard."""

from litestar.exceptions import NotFoundException

from portal.access.guard import (
    PUBLIC,
    SIGNED_BY_SENDER,
    SIGNED_IN,
    NotSignedIn,
    Rule,
    acts_for,
    guard,
    insist_every_route_declares,
    needs,
    routes,
)
from portal.access.permissions import HOLDS, Area, Permission, Role
from portal.access.viewer import Reach, Viewer

__all__ = [
    "HOLDS",
    "PUBLIC",
    "SIGNED_BY_SENDER",
    "SIGNED_IN",
    "Area",
    "NotFoundException",
    "NotSignedIn",
    "Permission",
    "Reach",
    "Role",
    "Rule",
    "Viewer",
    "acts_for",
    "guard",
    "insist_every_route_declares",
    "needs",
    "routes",
]

"""Who asks: an account with its grants and role, the portal itself, or nobody."""

from dataclasses import dataclass, replace
from typing import Any, Self

from litestar.exceptions import NotFoundException
from piccolo.columns.combination import WhereRaw
from piccolo.table import Table

from portal.access.permissions import HOLDS, ROLE_NAMES, Area, Permission, Role


@dataclass(frozen=True, slots=True)
class Reach:
    """One live grant: these areas of this client, whose full name and name to go by come along."""

    client_id: int
    kind: str
    areas: frozenset[str]
    name: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """First argument of every query and action. `session_id`, `address` and `agent` are for the audit.

    `time_zone` is where the owner of the account lives, if they have said so.
    """

    account_id: int | None = None
    name: str = ""
    email: str = ""
    staff_id: int | None = None
    role: Role | None = None
    grants: tuple[Reach, ...] = ()
    session_id: int | None = None
    address: str = ""
    agent: str = ""
    reason: str = ""
    time_zone: str = ""

    @classmethod
    def nobody(cls, address: str = "", agent: str = "") -> Self:
        return cls(address=address, agent=agent)

    @classmethod
    def portal(cls, reason: str) -> Self:
        """Tasks and commands; the audit names the reason."""
        return cls(reason=reason, name="portal")

    @property
    def is_signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_portal(self) -> bool:
        return bool(self.reason)

    @property
    def is_staff(self) -> bool:
        return self.role is not None

    @property
    def role_name(self) -> str:
        return str(ROLE_NAMES[self.role]) if self.role else ""

    @property
    def own_clients(self) -> frozenset[int]:
        return frozenset(grant.client_id for grant in self.grants)

    @property
    def permissions(self) -> list[str]:
        """By role, in their order: an argument for the database, the same for everybody of that role."""
        return sorted(HOLDS[self.role]) if self.role else []

    def may(self, permission: Permission) -> bool:
        return self.is_portal or (self.role is not None and permission in HOLDS[self.role])

    def must(self, permission: Permission) -> None:
        if not self.may(permission):
            raise NotFoundException

    def acts_for(self, client_id: int, area: Area | None = None) -> bool:
        """By a live grant; with no area named, any area will do."""
        return any(grant.client_id == client_id and (area is None or area in grant.areas) for grant in self.grants)

    def must_act_for(self, client_id: int, area: Area | None = None) -> None:
        if not self.acts_for(client_id, area):
            raise NotFoundException

    def reaches(self, table: type[Table]) -> Any:
        """A condition for `.where(…)`. The table names its `area`, and `reach_column` where it is not `client`.

        An account reaches the granted areas of its clients; staff reach what their role allows, never
        their own chart; whoever reaches nothing gets a condition that is never true.
        """
        column = f'"{table._meta.tablename}"."{getattr(table, "reach_column", "client")}"'
        area = table.area  # type: ignore[attr-defined]
        if self.is_portal:
            return WhereRaw("TRUE")
        if self.may(Permission.CLIENT_READ):
            own = list(self.own_clients)
            if self.may(Permission.CLIENT_READ_ALL):
                return WhereRaw(f"{column} <> ALL({{}}::bigint[])", own) if own else WhereRaw("TRUE")
            return WhereRaw(
                f"{column} IN (SELECT id FROM client WHERE principal_clinician = {{}} AND id <> ALL({{}}::bigint[]))",
                self.staff_id,
                own,
            )
        return self.reaches_as_client(table, area)

    def reaches_as_client(self, table: type[Table], area: Area | None = None) -> Any:
        """The same by grants alone, whatever the role: what a client's own pages use."""
        column = f'"{table._meta.tablename}"."{getattr(table, "reach_column", "client")}"'
        reached = [grant.client_id for grant in self.grants if area is None or area in grant.areas]
        return WhereRaw(f"{column} = ANY({{}}::bigint[])", reached) if reached else WhereRaw("FALSE")

    def on(self, **changes: Any) -> Self:
        return replace(self, **changes)

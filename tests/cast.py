"""The cast that is walked over every route: who may, who may not, and who may no longer."""

from dataclasses import dataclass, field
from typing import Self

from portal.access import Role
from portal.accounts.tables import Account
from portal.clients.tables import Client
from tests.browser import Browser
from tests.factories import a_client, a_grant, a_member, a_practice, an_account


@dataclass
class Cast:
    """`client` is Maya's chart, `other` is a stranger's; `accounts` holds everybody by part."""

    client: Client
    other: Client
    accounts: dict[str, Account] = field(default_factory=dict)

    @classmethod
    async def gather(cls) -> Self:
        await a_practice()
        okafor, clinician = await a_member(Role.CLINICIAN, "Ngozi", "Okafor", is_clinician=True, prefix="Dr.")
        maya = await a_client(email="maya@example.com", principal_clinician=okafor.id)
        jonah = await a_client("Jonah", "Whitfield", email="jonah@example.com")
        cast = cls(maya, jonah, {"clinician": clinician})
        cast.accounts["client"] = await an_account("maya@example.com", name="Maya Reyes")
        cast.accounts["stranger"] = await an_account("jonah@example.com", name="Jonah Whitfield")
        cast.accounts["ended"] = await an_account("ended@example.com", name="Former Guardian")
        cast.accounts["guardian"] = await an_account("guardian@example.com", name="Guardian Without Information")
        await a_grant(cast.accounts["client"], maya)
        await a_grant(cast.accounts["stranger"], jonah)
        await a_grant(cast.accounts["ended"], maya, kind="guardian", ended=True)
        await a_grant(cast.accounts["guardian"], maya, kind="guardian", areas=["billing"])
        _, cast.accounts["other clinician"] = await a_member(Role.CLINICIAN, "Elias", "Brandt", is_clinician=True)
        for role in Role:
            if role != Role.CLINICIAN:
                _, cast.accounts[role] = await a_member(role, role.title(), "Staff")
        return cast

    async def browser(self, part: str, *, htmx: bool = False) -> Browser:
        browser = Browser(htmx=htmx)
        return browser if part == "signed out" else await browser.signed_in(self.accounts[part].id)

    @property
    def parts(self) -> list[str]:
        return ["signed out", *self.accounts]

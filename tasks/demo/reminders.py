"""The demo's reminders: two days and four hours before, to one client as text messages too."""

from portal.access import Area, Reach, Viewer
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.practice import switches
from portal.reminders import queries
from portal.reminders.actions import consent
from portal.reminders.settings import RULES

SEED = Viewer.portal("demo data")


async def fill(account: Account, chart: Client) -> None:
    """Inside the caller's transaction."""
    await switches.turn_all(SEED, {RULES[1].name: "48", RULES[2].name: "4"})
    grants = (Reach(chart.id, "self", frozenset(str(area) for area in Area)),)
    viewer = Viewer(account_id=account.id, name=account.name, grants=grants)
    number = (await queries.mobiles(viewer, chart.id))[0]
    await consent.agree(viewer, chart.id, number.id, agrees=True)

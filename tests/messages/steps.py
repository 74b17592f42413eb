"""Who writes to whom, for tests of messages."""

import secrets

from portal.access import Viewer
from portal.accounts import sessions
from portal.accounts.tables import Account
from portal.messages.actions import sending
from portal.messages.actions.putting import Beginning, Words
from portal.messages.tables import Topic
from tests.cast import Cast


async def viewer_of(account: Account) -> Viewer:
    """As the session middleware makes it."""
    token = await sessions.begin(account.id, "127.0.0.1", "test")
    found = await sessions.find(token, "127.0.0.1", "test")
    assert found is not None
    return found.viewer


async def as_(cast: Cast, part: str) -> Viewer:
    return await viewer_of(cast.accounts[part])


def words(body: str = "May I come half an hour later?", key: str = "") -> Words:
    return Words(body, key or secrets.token_hex(16))


async def a_thread(cast: Cast, topic: Topic = Topic.APPOINTMENTS, subject: str = "Thursday", body: str = "") -> int:
    """Begun by Maya; what is personal goes to her clinician."""
    clinician = int(cast.client.principal_clinician) if topic == Topic.PERSONAL else None
    maya = await as_(cast, "client")
    said = words(body) if body else words()
    return await sending.begin(maya, cast.client.id, Beginning(topic, subject, clinician), said)

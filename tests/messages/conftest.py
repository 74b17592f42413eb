"""Tests of messages must not depend on the hour: who wants the automatic answer turns it on."""

import pytest

from portal.practice import queries as practices
from portal.practice.tables import Setting


@pytest.fixture
async def db(db: str) -> str:
    await Setting(name="messages.automatic_answer", value="no").save()
    practices.forget()
    return db

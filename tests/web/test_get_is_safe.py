"""A GET changes nothing but the session and the audit, whoever asks."""

import pytest

from tests.factories import an_invitation, link_to
from tests.web.everything import GETS, changed, digest, filled

MAY_CHANGE = {"session", "audit_row"}


@pytest.mark.parametrize("part", ["signed out", "client", "guardian", "front_desk", "clinician", "auditor"])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
async def test_no_get_changes_anything(cast, part, htmx):
    row = await an_invitation(cast.other, "new@example.com")
    token = link_to(row).rpartition("/")[2]
    browser = await cast.browser(part, htmx=htmx)
    before = await digest()
    for path, _, _ in GETS:
        for client in (cast.client, cast.other):
            await browser.get(
                filled(path, client.id, token) + "?find=x&next=/help&decision=drop&language=es", follow=False
            )
        after = await digest()
        assert changed(before, after) <= MAY_CHANGE, path
        before = after


async def test_the_digest_notices(cast):
    before = await digest()
    await an_invitation(cast.other)
    assert changed(before, await digest()) == {"invitation", "event", "errand", "audit_row"}

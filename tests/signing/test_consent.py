"""Electronic records are agreed to by who has shown that they reach them; once, and until it is taken back."""

import asyncio
import hashlib

import pytest
from asyncpg import RaiseError

from portal.access import Viewer
from portal.database import fetch, transaction
from portal.refusal import Refused
from portal.signing import codes, wording
from portal.signing.actions import consenting
from portal.signing.queries import consents
from tests.filling.steps import maya
from tests.signing.acts import a_consent, words_now

WORDS = {
    "en": "53f0c0ddad9e4615",
    "es": "200ee1e5e902f1c6",
}


async def acts() -> list[str]:
    rows = await fetch("SELECT act FROM audit_row WHERE act LIKE 'electronic%' ORDER BY id")
    return [row["act"].rpartition(".")[2] for row in rows]


@pytest.mark.parametrize("spoken", WORDS)
async def test_whoever_changes_the_words_names_another_edition(cast, spoken):
    said = await words_now(spoken)
    assert wording.EDITION in said and "Harbor Lane Counseling" in said and "(443) 555-0142" in said
    assert len(said.split("\n\n")) == 8
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == WORDS[spoken], "a new sentence is a new edition"


async def test_it_is_given_with_the_code_and_stands_with_the_words_it_was_given_to(cast):
    viewer, said = maya(cast).on(address="203.0.113.9"), await words_now()
    asked = await consenting.ask(viewer, said)
    assert len(asked.code) == codes.LENGTH and not set(asked.code) & set("ILOU")
    await consenting.agree(viewer, said, f" {asked.code[:3].lower()}-{asked.code[3:]} ")
    live = await consents.live(viewer)
    assert live is not None and (live.id, live.wording, live.tries) == (asked.id, said, 0)
    assert live.wording_sha256 == hashlib.sha256(said.encode()).digest()
    assert (live.address, live.agent, live.language) == ("203.0.113.9", "Firefox", "en")
    assert await acts() == ["asked", "agreed"]
    assert len(await fetch("SELECT id FROM event WHERE kind = 'electronic_records.agreed'")) == 1


async def test_who_has_opened_nothing_agrees_to_nothing(cast):
    with pytest.raises(Refused) as refused:
        await consenting.agree(maya(cast), await words_now(), "ABC123")
    assert refused.value is consenting.NO_CODE


async def test_after_five_wrong_codes_there_is_a_new_one(cast):
    viewer, said = maya(cast), await words_now()
    first = await consenting.ask(viewer, said)
    for number in range(5):
        with pytest.raises(Refused) as refused:
            await consenting.agree(viewer, said, "000000" if first.code != "000000" else "111111")
        assert refused.value is (consenting.WRONG if number < 4 else consenting.WRONG_TOO_OFTEN)
    with pytest.raises(Refused) as refused:
        await consenting.agree(viewer, said, first.code)
    assert refused.value is consenting.NO_CODE
    second = await consenting.ask(viewer, said)
    assert second.id != first.id and second.code != first.code
    await consenting.agree(viewer, said, second.code)
    assert (await consents.live(viewer)).id == second.id


async def test_the_code_of_other_words_is_none(cast):
    viewer = maya(cast)
    asked = await consenting.ask(viewer, await words_now("es"))
    with pytest.raises(Refused):
        await consenting.agree(viewer, await words_now(), asked.code)
    assert await consents.live(viewer) is None


async def test_it_is_asked_for_once_however_often_it_is_pressed(cast):
    viewer, said = maya(cast), await words_now()
    asked = await asyncio.gather(*(consenting.ask(viewer, said) for _ in range(6)))
    assert len({one.id for one in asked}) == 1
    await asyncio.gather(*(consenting.agree(viewer, said, asked[0].code) for _ in range(6)))
    assert await acts() == ["asked", "agreed"]
    assert (await consenting.ask(viewer, said)).id == asked[0].id


async def test_nobody_gives_it_with_anothers_code(cast):
    said = await words_now()
    asked = await consenting.ask(maya(cast), said)
    stranger = Viewer(account_id=cast.accounts["stranger"].id, grants=maya(cast).grants)
    with pytest.raises(Refused):
        await consenting.agree(stranger, said, asked.code)
    assert await consents.of(stranger, asked.id) is None


async def test_codes_are_not_made_without_end(cast):
    viewer, said = maya(cast), await words_now()
    for _ in range(consenting.MOST_AN_HOUR):
        await consenting.ask(viewer, said)
        await fetch("UPDATE electronic_consent SET tries = 5 WHERE given_at IS NULL")
    with pytest.raises(Refused) as refused:
        await consenting.ask(viewer, said)
    assert "wait" in str(refused.value.sentences[""])


async def test_it_is_taken_back_once_and_may_be_given_again(cast):
    viewer = maya(cast)
    first = await a_consent(viewer)
    for _ in range(2):
        await consenting.withdraw(viewer)
    assert await consents.live(viewer) is None and await acts() == ["asked", "agreed", "ended"]
    second = await a_consent(viewer)
    assert second.id != first.id and (await consents.live(viewer)).id == second.id


@pytest.mark.parametrize(
    "change",
    ["UPDATE electronic_consent SET wording = 'x'", "UPDATE electronic_consent SET code = 'x', withdrawn_at = now()",
     "DELETE FROM electronic_consent"],
)  # fmt: skip
async def test_what_was_given_only_ends(cast, change):
    await a_consent(maya(cast))
    with pytest.raises(RaiseError, match="can only be withdrawn"):
        async with transaction():
            await fetch(change)

"""The audit's chain: what was sealed cannot be changed, moved, removed or slipped in without being found."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from portal import audit, keys
from portal.access import Viewer
from portal.audit import chain
from portal.database import fetch, transaction
from portal.settings import ROOT, settings
from tests.factories import TEST

CLERK = Viewer(account_id=7, name="Sam Ortega", session_id=3, address="203.0.113.9")


async def acts(count: int = 6) -> None:
    for number in range(count):
        await audit.record(CLERK, f"thing.{number}", client_id=number, subject_id=100 + number, number=number)


async def sealed_acts(count: int = 6) -> None:
    await acts(count)
    assert await chain.seal() == count


async def faults() -> list[str]:
    return (await chain.verify()).faults


async def tampered(*statements: str) -> None:
    """As whoever owns the database can: with the trigger off."""
    async with transaction():
        await fetch("ALTER TABLE audit_row DISABLE TRIGGER USER")
        for statement in statements:
            await fetch(statement)
        await fetch("ALTER TABLE audit_row ENABLE TRIGGER USER")


def anchor() -> Path:
    return settings().data_dir / "audit.anchor"


# Sealing ------------------------------------------------------------------------------------------------------------


async def test_what_was_sealed_is_whole(db):
    await sealed_acts()
    await acts(2)
    verdict = await chain.verify()
    assert (verdict.is_whole, verdict.sealed, verdict.unsealed) == (True, 6, 2)


async def test_an_empty_audit_is_whole(db):
    assert await chain.seal() == 0
    assert (await chain.verify()).is_whole


async def test_rows_are_sealed_in_the_order_of_their_commits(db):
    slow = await asyncpg.connect(db)
    pending = slow.transaction()
    await pending.start()
    await slow.execute(
        "INSERT INTO audit_row (happened_at, actor, role, act, address, detail, key_id)"
        " VALUES (now(), '', '', 'slow', '', '{}', '')"
    )
    await audit.record(CLERK, "quick")
    assert await chain.seal() == 1
    await pending.commit()
    await slow.close()
    assert await chain.seal() == 1
    rows = await fetch("SELECT act FROM audit_row ORDER BY seal_number")
    assert [row["act"] for row in rows] == ["quick", "slow"]
    assert await faults() == []


async def test_a_row_of_a_transaction_that_was_undone_leaves_no_gap(db):
    async def stumble() -> None:
        async with transaction():
            await acts(3)
            raise RuntimeError

    await sealed_acts(2)
    with pytest.raises(RuntimeError):
        await stumble()
    await sealed_acts(2)
    verdict = await chain.verify()
    assert (verdict.faults, verdict.sealed) == ([], 4)


async def test_a_long_tail_is_sealed_batch_by_batch(db, monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 7)
    await acts(20)
    assert [await chain.seal() for _ in range(4)] == [7, 7, 6, 0]
    assert (await chain.verify()).sealed == 20


async def test_two_sealers_at_once_do_no_harm(db):
    for _ in range(5):
        await acts(20)
        await asyncio.gather(*(chain.seal() for _ in range(4)))
    verdict = await chain.verify()
    assert (verdict.faults, verdict.sealed, verdict.unsealed) == ([], 100, 0)


async def test_many_writers_and_a_sealer_leave_nothing_out(db):
    is_over = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(25):
            async with transaction():
                await audit.record(CLERK, "wrote", client_id=number, turn=turn)
                await asyncio.sleep(0.001 * (number % 3))
                await audit.record(CLERK, "wrote.more", client_id=number, turn=turn)

    async def keep_sealing() -> None:
        while not is_over.is_set():
            await chain.seal()
            await asyncio.sleep(0.005)

    sealers = [asyncio.create_task(keep_sealing()) for _ in range(2)]
    await asyncio.gather(*(write(number) for number in range(6)))
    is_over.set()
    await asyncio.gather(*sealers)
    await chain.seal()
    verdict = await chain.verify()
    assert (verdict.faults, verdict.sealed, verdict.unsealed) == ([], 6 * 25 * 2, 0)


async def test_words_of_all_kinds_are_sealed_as_the_database_gives_them_back(db):
    for name in ("Zoë “Ñandú” 日本 🌊", 'quo"te\\', "", " blank "):
        await audit.record(CLERK.on(name=name), "thing.done", note=name, number=1.50, nothing=None, list=[1, "ü"])
    await audit.record(TEST, "thing.done")
    await audit.record(Viewer.nobody(), "thing.done")
    assert await chain.seal() == 6
    assert await faults() == []


# Tampering ----------------------------------------------------------------------------------------------------------

CHANGES = {
    "id": "99",
    "happened_at": "happened_at + interval '1 microsecond'",
    "account_id": "NULL",
    "actor": "'Somebody Else'",
    "role": "'front_desk'",
    "act": "'thing.undone'",
    "client_id": "client_id + 1",
    "subject_id": "NULL",
    "address": "'203.0.113.10'",
    "detail": "detail || jsonb_build_object('number', 4)",
    "key_id": "''",
    "seal": "sha256('')",
}


def test_every_column_is_tried():
    assert {*CHANGES, "seal_number"} == {column._meta.name for column in audit.AuditRow._meta.columns}


@pytest.mark.parametrize("column", CHANGES)
async def test_a_changed_row_is_found_whatever_was_changed(db, column):
    await sealed_acts()
    await tampered(f"UPDATE audit_row SET {column} = {CHANGES[column]} WHERE id = 3")
    (first, *_) = await faults()
    assert first.startswith("row 3 ")


async def test_a_row_removed_from_the_middle_is_found(db):
    await sealed_acts()
    await tampered("DELETE FROM audit_row WHERE id = 3")
    assert await faults() == ["row 3 of the chain is missing: the next one is 4"]


async def test_a_row_removed_and_the_others_closed_up_is_found(db):
    await sealed_acts()
    await tampered(
        "DELETE FROM audit_row WHERE id = 3",
        *(f"UPDATE audit_row SET seal_number = {number - 1} WHERE seal_number = {number}" for number in (4, 5, 6)),
    )
    assert "row 3 (audit_row 4) is not what was sealed" in await faults()


async def test_rows_removed_from_the_beginning_are_found(db):
    await sealed_acts()
    await tampered("DELETE FROM audit_row WHERE id < 3")
    assert await faults() == ["row 1 of the chain is missing: the next one is 3"]


async def test_an_end_that_was_cut_off_is_found_by_the_anchor(db):
    await sealed_acts()
    await tampered("DELETE FROM audit_row WHERE id > 4")
    assert await faults() == ["the chain ends at 4, but 6 rows were sealed: the end is cut off"]


@pytest.mark.parametrize("more", [1, 2, 5])
async def test_an_end_that_was_cut_off_is_found_after_the_chain_has_grown_again(db, more):
    await sealed_acts()
    await tampered("DELETE FROM audit_row WHERE id > 4")
    await sealed_acts(more)
    assert await faults() != []


async def test_a_chain_that_has_lost_its_anchor_says_so_in_the_log(db, caplog):
    await sealed_acts()
    await tampered("DELETE FROM audit_row WHERE id > 4")
    await sealed_acts(1)
    assert "portal audit verify" in caplog.text


async def test_rows_that_were_unsealed_changed_and_sealed_again_are_found(db):
    await sealed_acts()
    await tampered("UPDATE audit_row SET seal_number = NULL, seal = NULL, actor = 'Nobody' WHERE id > 4")
    assert await chain.seal() == 2
    assert await faults() == [f"row 6 differs from the anchor in {anchor()}"]


async def test_two_rows_in_each_others_place_are_found(db):
    await sealed_acts()
    await tampered(
        "UPDATE audit_row SET seal_number = -1 WHERE id = 2",
        "UPDATE audit_row SET seal_number = 2 WHERE id = 4",
        "UPDATE audit_row SET seal_number = 4 WHERE id = 2",
    )
    found = await faults()
    assert "row 2 (audit_row 4) is not what was sealed" in found
    assert "row 4 (audit_row 2) is not what was sealed" in found


async def test_two_rows_with_each_others_words_are_found(db):
    await sealed_acts()
    await tampered(
        "UPDATE audit_row SET act = CASE id WHEN 2 THEN 'thing.3' ELSE 'thing.1' END WHERE id IN (2, 4)",
    )
    assert len(await faults()) == 2


@pytest.mark.parametrize("place", [4, 7])
async def test_a_row_slipped_in_is_found(db, place):
    await sealed_acts()
    key = keys.newest_id()
    await tampered(
        *(f"UPDATE audit_row SET seal_number = {n + 1} WHERE seal_number = {n}" for n in range(6, place - 1, -1)),
        "INSERT INTO audit_row (happened_at, actor, role, act, address, detail, seal_number, key_id, seal)"
        f" VALUES (now(), 'Sam', 'portal', 'thing.read', '', jsonb_build_object(), {place}, '{key}', sha256('x'))",
    )
    assert f"row {place} (audit_row 7) is not what was sealed" in await faults()


async def test_a_seal_made_with_a_key_that_is_not_ours_is_found(db):
    await sealed_acts()
    await tampered("UPDATE audit_row SET key_id = 'ffffffffffffffff' WHERE id = 5")
    assert await faults() == ["row 5 was sealed with key ffffffffffffffff, which is not in SECRET_KEY"]


# The anchor ---------------------------------------------------------------------------------------------------------


async def test_the_anchor_is_the_newest_seal(db):
    await sealed_acts(3)
    row = (await fetch("SELECT seal_number, seal FROM audit_row WHERE id = 3"))[0]
    assert anchor().read_text() == f"{row['seal_number']} {row['seal'].hex()}\n"


async def test_a_sealer_that_was_killed_before_it_moved_the_anchor_did_no_harm(db, monkeypatch):
    await sealed_acts(3)
    before = anchor().read_text()
    await sealed_acts(3)
    anchor().write_text(before)
    assert await faults() == []
    await sealed_acts(1)
    assert anchor().read_text().startswith("7 ")


@pytest.mark.parametrize("words", ["", "6", "six 00", "6 not-hex", "6 00 00"])
async def test_an_anchor_that_somebody_has_been_at_is_found_and_kept(db, words):
    await sealed_acts()
    anchor().write_text(words)
    await sealed_acts(1)
    assert anchor().read_text() == words
    assert await faults() == [f"the anchor in {anchor()} cannot be read"]


async def test_a_seal_that_was_changed_in_the_anchor_is_found(db):
    await sealed_acts()
    anchor().write_text(f"5 {'00' * 32}\n")
    assert await faults() == [f"row 5 differs from the anchor in {anchor()}"]


# The lock -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_row SET actor = 'Nobody' WHERE id = 2",
        "UPDATE audit_row SET detail = jsonb_build_object()",
        "UPDATE audit_row SET seal_number = 77 WHERE id = 2",
        "UPDATE audit_row SET seal_number = NULL",
        "UPDATE audit_row SET seal = sha256('') WHERE id = 2",
        "UPDATE audit_row SET actor = 'Nobody', seal_number = 77 WHERE seal_number IS NULL",
        "UPDATE audit_row SET actor = actor WHERE seal_number IS NULL",
        "DELETE FROM audit_row WHERE id = 2",
        "DELETE FROM audit_row WHERE seal_number IS NULL",
        "TRUNCATE audit_row",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_written(db, statement):
    await sealed_acts(3)
    await acts(1)
    before = await fetch("SELECT * FROM audit_row ORDER BY id")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await fetch(statement)
    assert await fetch("SELECT * FROM audit_row ORDER BY id") == before


# Keys ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def signed_with(monkeypatch) -> Iterator[object]:
    def choose(*secrets: str) -> None:
        monkeypatch.setattr(keys, "settings", lambda: replace(settings(), secret_keys=secrets))
        keys._signing.cache_clear()

    yield choose
    keys._signing.cache_clear()


async def test_a_chain_goes_on_under_a_new_key_while_the_old_one_is_kept(db, signed_with):
    signed_with("old" * 12)
    await sealed_acts(3)
    signed_with("new" * 12, "old" * 12)
    await sealed_acts(3)
    verdict = await chain.verify()
    assert (verdict.faults, verdict.sealed) == ([], 6)
    assert len(await fetch("SELECT DISTINCT key_id FROM audit_row")) == 2


async def test_a_key_that_was_thrown_away_is_named(db, signed_with):
    signed_with("old" * 12)
    await sealed_acts(2)
    old = keys.newest_id()
    signed_with("new" * 12)
    await sealed_acts(2)
    assert await faults() == [f"row {n} was sealed with key {old}, which is not in SECRET_KEY" for n in (1, 2)]


async def test_who_has_only_the_old_key_cannot_rewrite_what_the_new_one_sealed(db, signed_with):
    signed_with("new" * 12, "old" * 12)
    await sealed_acts(4)
    signed_with("old" * 12)
    forger = keys.newest_id()
    row = (await fetch(f"SELECT {chain.COLUMNS} FROM audit_row WHERE id = 4"))[0]
    previous = (await fetch("SELECT seal FROM audit_row WHERE id = 3"))[0]["seal"]
    forged = chain._sealed({**row, "actor": "Nobody"}, 4, previous, forger)
    await tampered(
        f"UPDATE audit_row SET actor = 'Nobody', key_id = '{forger}', seal = '\\x{forged.hex()}' WHERE id = 4"
    )
    signed_with("new" * 12, "old" * 12)
    assert await faults() == [f"row 4 differs from the anchor in {anchor()}"]


# From outside -------------------------------------------------------------------------------------------------------


def audit_verify(dsn: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tasks.cli", "audit", "verify", *options],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": dsn}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


async def test_the_command_says_whole_or_names_the_fault(db):
    await sealed_acts(3)
    await acts(1)
    told = await asyncio.to_thread(audit_verify, db)
    assert (told.returncode, told.stdout) == (0, "The audit is whole: 3 rows sealed; 1 not sealed yet.\n")
    await tampered("UPDATE audit_row SET actor = 'Nobody' WHERE id = 2")
    told = await asyncio.to_thread(audit_verify, db, "--json")
    assert told.returncode == 1
    fault = "row 2 (audit_row 2) is not what was sealed"
    assert json.loads(told.stdout) == {"whole": False, "sealed": 3, "unsealed": 1, "faults": [fault]}

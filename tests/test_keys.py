"""What signs and what encrypts."""

import multiprocessing

import pytest

from portal import keys
from portal.settings import settings


@pytest.fixture(autouse=True)
def fresh():
    keys.keyring.cache_clear()
    yield
    keys.keyring.cache_clear()


def test_what_is_sealed_opens_only_with_the_same_purpose_and_context():
    box = keys.seal("one", b"secret", "7")
    assert keys.unseal("one", box, "7") == b"secret"
    for purpose, context in (("two", "7"), ("one", "8")):
        with pytest.raises(keys.Unreadable):
            keys.unseal(purpose, box, context)


def test_one_changed_byte_is_noticed_wherever_it_is():
    box = keys.seal("one", b"secret")
    for place in range(len(box)):
        broken = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        with pytest.raises(keys.Unreadable):
            keys.unseal("one", broken)


@pytest.mark.parametrize("box", [b"", b"short", b"x" * 20, b"\0" * 36])
def test_what_was_never_sealed_does_not_open(box):
    with pytest.raises(keys.Unreadable):
        keys.unseal("one", box)


def test_a_new_key_seals_and_the_old_one_still_opens():
    before = keys.seal("one", b"old")
    keys.add_key(settings().keys_file)
    after = keys.seal("one", b"new")
    assert before[:8] != after[:8]
    assert (keys.unseal("one", before), keys.unseal("one", after)) == (b"old", b"new")


def test_a_key_that_another_process_made_is_found():
    keys.keyring()
    cached = keys.keyring
    with multiprocessing.get_context("spawn").Pool(1) as other:
        box = other.apply(sealed_elsewhere)
    assert cached.cache_info().currsize == 1
    assert keys.unseal("one", box) == b"elsewhere"


def sealed_elsewhere() -> bytes:
    keys.add_key(settings().keys_file)
    return keys.seal("one", b"elsewhere")


def test_many_processes_at_once_lose_no_key():
    before = len(keys.keyring())
    with multiprocessing.get_context("spawn").Pool(4) as others:
        made = others.map(made_one, range(8))
    keys.keyring.cache_clear()
    assert len(keys.keyring()) == before + 8
    assert {key.id for key in keys.keyring()} >= set(made)


def made_one(_: int) -> str:
    return keys.add_key(settings().keys_file)


def test_the_key_file_is_for_its_owner_only():
    keys.keyring()
    assert settings().keys_file.stat().st_mode & 0o777 == 0o600

"""Files: what goes in comes out, nobody else reads it, and nothing can be done to it unseen."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from obstore.exceptions import PermissionDeniedError

from portal import keys, storage
from portal.settings import ROOT, Misconfigured, settings
from portal.storage import place
from portal.storage.chunks import CHUNK, TAG
from tests.storage.bucket import KEY, SECRET, Bucket, bucket

T = TypeVar("T")
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 9_000_000]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()


def forget() -> None:
    settings.cache_clear()
    keys.keyring.cache_clear()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket() as server:
        told = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
        told |= {"AWS_ENDPOINT_URL": server.url, "AWS_ALLOW_HTTP": "true"}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("STORAGE_URL", f"s3://bucket/files-{server.server_port}")
        forget()
        yield server


async def portions(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def listed() -> list[str]:
    return sorted([key async for key in storage.keys_in_store()])


def path_of(data_dir: Path, key: str) -> Path:
    return data_dir / "files" / key


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out_with_its_size_and_hash(size: int) -> None:
    content = os.urandom(size)
    stored = run(storage.put(content))
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).digest())
    assert run(storage.get(stored.key)) == content


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_goes_in_and_comes_out_in_portions(size: int) -> None:
    content = os.urandom(size)
    stored = run(storage.put(portions(content)))

    async def streamed() -> list[bytes]:
        return [portion async for portion in storage.stream(stored.key)]

    assert b"".join(run(streamed())) == content
    assert stored.sha256 == hashlib.sha256(content).digest()


def test_nobody_reads_it_in_the_folder(data_dir: Path) -> None:
    stored = run(storage.put(b"Maya Reyes, F41.1 " * 1000))
    assert b"Maya" not in path_of(data_dir, stored.key).read_bytes()
    assert (data_dir / "files").stat().st_mode & 0o077 == 0


def test_the_same_content_looks_different_each_time(data_dir: Path) -> None:
    one, other = run(storage.put(b"the same")), run(storage.put(b"the same"))
    assert one.key != other.key
    assert path_of(data_dir, one.key).read_bytes()[-24:] != path_of(data_dir, other.key).read_bytes()[-24:]


def test_a_name_is_random_and_fanned_out_in_two_levels() -> None:
    first, second, rest = run(storage.put(b"x")).key.split("/")
    assert (len(first), len(second), len(rest)) == (2, 2, 36)


@pytest.mark.parametrize("key", ["../../keys.json", "/etc/passwd", "ab/cd/" + "G" * 36, "ab/cd/../x", "", "ab"])
def test_a_key_that_the_store_never_gave_names_nothing(key: str) -> None:
    assert not run(storage.exists(key))
    with pytest.raises(storage.NoSuchFile):
        run(storage.get(key))
    run(storage.delete(key))


def test_a_deleted_file_is_gone_and_may_be_deleted_again() -> None:
    key = run(storage.put(b"x")).key
    assert run(storage.exists(key))
    run(storage.delete(key))
    run(storage.delete(key))
    assert not run(storage.exists(key))
    with pytest.raises(storage.NoSuchFile):
        run(storage.get(key))


def test_every_byte_is_guarded(data_dir: Path) -> None:
    key = run(storage.put(b"a short letter")).key
    path = path_of(data_dir, key)
    sealed = path.read_bytes()
    for at in range(len(sealed)):
        path.write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        with pytest.raises(keys.Unreadable):
            run(storage.get(key))


def changed(sealed: bytes) -> dict[str, bytes]:
    """What somebody with access to the disk might try with a file of four chunks."""
    start, size = storage.HEADER, CHUNK + TAG
    first, second, third, last = (sealed[start + size * n : start + size * (n + 1)] for n in range(4))
    head = sealed[:start]
    return {
        "emptied": b"",
        "header only": head,
        "half a header": head[:20],
        "last byte cut off": sealed[:-1],
        "last chunk cut off": head + first + second + third,
        "cut inside a chunk": sealed[: start + size + 100],
        "two chunks exchanged": head + second + first + third + last,
        "one chunk twice": head + first + first + second + third + last,
        "one chunk left out": head + first + third + last,
        "something appended": sealed + b"x",
        "a chunk appended": sealed + last,
        "first chunk as the last": head + first,
    }


@pytest.mark.parametrize("how", list(changed(b"x" * storage.HEADER)))
def test_truncation_reordering_and_repetition_are_seen(data_dir: Path, how: str) -> None:
    key = run(storage.put(os.urandom(3 * CHUNK + 5000))).key
    path = path_of(data_dir, key)
    path.write_bytes(changed(path.read_bytes())[how])
    with pytest.raises(keys.Unreadable):
        run(storage.get(key))


def test_one_file_in_the_place_of_another_is_seen(data_dir: Path) -> None:
    hers, his = run(storage.put(b"hers")).key, run(storage.put(b"his.")).key
    path_of(data_dir, hers).write_bytes(path_of(data_dir, his).read_bytes())
    with pytest.raises(keys.Unreadable):
        run(storage.get(hers))


def test_a_chunk_of_another_file_is_seen(data_dir: Path) -> None:
    hers, his = (run(storage.put(os.urandom(3 * CHUNK))).key for _ in range(2))
    size = storage.HEADER + CHUNK + TAG
    mixed = path_of(data_dir, his).read_bytes()[:size] + path_of(data_dir, hers).read_bytes()[size:]
    path_of(data_dir, hers).write_bytes(mixed)
    with pytest.raises(keys.Unreadable):
        run(storage.get(hers))


def test_a_new_key_seals_what_is_new_and_the_old_one_still_opens(data_dir: Path) -> None:
    old = run(storage.put(b"old"))
    added = keys.add_key(settings().keys_file)
    new = run(storage.put(b"new"))
    assert run(storage.get(old.key)) == b"old" and run(storage.get(new.key)) == b"new"
    assert run(storage.sealed_with(new.key)) == added != run(storage.sealed_with(old.key))


def test_a_key_that_another_process_has_added_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Known:
        """What this process has read before."""

        ring = keys.keyring()

        def __call__(self) -> tuple[keys.SealingKey, ...]:
            return self.ring

        def cache_clear(self) -> None:
            self.ring = keys.keyring()

    known = Known()
    keys.add_key(settings().keys_file)
    key = run(storage.put(b"from there")).key
    monkeypatch.setattr(storage, "keyring", known)
    assert run(storage.get(key)) == b"from there"


def test_without_its_key_a_file_says_which_one_it_needs(data_dir: Path) -> None:
    key = run(storage.put(b"x")).key
    lost = keys.keyring()[0].id
    settings().keys_file.unlink()
    keys.keyring.cache_clear()
    with pytest.raises(keys.Unreadable, match=lost):
        run(storage.get(key))


def test_content_that_fails_on_the_way_leaves_nothing(data_dir: Path) -> None:
    async def interrupted() -> AsyncIterator[bytes]:
        yield os.urandom(20_000_000)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run(storage.put(interrupted()))
    assert run(listed()) == []
    assert not [path for path in (data_dir / "files").rglob("*") if path.is_file()]


def test_a_put_that_is_cancelled_leaves_nothing(data_dir: Path) -> None:
    async def slow() -> AsyncIterator[bytes]:
        while True:
            yield os.urandom(3_000_000)
            await asyncio.sleep(0.01)

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(storage.put(slow()), timeout=0.3)

    run(impatient())
    assert run(listed()) == []


def test_the_store_lists_ours_and_nothing_else(data_dir: Path) -> None:
    mine = sorted(run(storage.put(bytes([number]))).key for number in range(25))
    (data_dir / "files" / "notes.txt").write_text("a stranger's")
    assert run(listed()) == mine


def test_as_it_lies_it_can_be_carried_to_another_store(data_dir: Path) -> None:
    content = os.urandom(5_000_000)
    key = run(storage.put(content)).key

    async def carried() -> bytes:
        return b"".join([portion async for portion in storage.stream_sealed(key)])

    sealed = run(carried())
    run(storage.delete(key))
    run(storage.put_sealed(key, portions(sealed)))
    assert run(storage.get(key)) == content


def test_a_process_that_ends_right_after_does_not_crash(data_dir: Path) -> None:
    """obstore's async functions abort every third such process."""
    program = "import asyncio; from portal import storage; asyncio.run(storage.put(b'x'))"
    environment = {"PATH": os.environ["PATH"], "PORTAL_MODE": "test", "DATA_DIR": str(data_dir)}
    ended = [subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment) for _ in range(4)]
    assert [one.returncode for one in ended] == [0] * 4


# In a bucket ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, CHUNK, 5_000_000, 20_000_000])
def test_a_bucket_keeps_files_too(s3: Bucket, size: int) -> None:
    content = os.urandom(size)
    stored = run(storage.put(portions(content)))
    assert run(storage.get(stored.key)) == content
    assert run(listed()) == [stored.key] == [name.partition("/")[2] for name in s3.objects]
    assert run(storage.sealed_with(stored.key)) == keys.keyring()[0].id
    run(storage.delete(stored.key))
    run(storage.delete(stored.key))
    assert not run(storage.exists(stored.key)) and not s3.objects


def test_nobody_reads_it_in_the_bucket(s3: Bucket) -> None:
    run(storage.put(b"Maya Reyes, F41.1 " * 1000))
    assert b"Maya" not in b"".join(s3.objects.values())


def test_a_change_in_the_bucket_is_seen(s3: Bucket) -> None:
    key = run(storage.put(os.urandom(100_000))).key
    for name, sealed in s3.objects.items():
        s3.objects[name] = sealed[:-50_000]
    with pytest.raises(keys.Unreadable):
        run(storage.get(key))


def test_whoever_does_not_know_the_secret_gets_nothing(s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    key = run(storage.put(b"x")).key
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    place._bucket.cache_clear()
    with pytest.raises(PermissionDeniedError):
        run(storage.get(key))
    place._bucket.cache_clear()


def test_a_put_that_is_cancelled_leaves_nothing_in_the_bucket(s3: Bucket) -> None:
    async def interrupted() -> AsyncIterator[bytes]:
        yield os.urandom(20_000_000)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run(storage.put(interrupted()))
    assert run(listed()) == [] and not s3.objects


def test_a_storage_url_that_is_no_bucket_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_URL", "https://files.example/x")
    forget()
    with pytest.raises(Misconfigured, match="s3://bucket/prefix"):
        run(storage.put(b"x"))

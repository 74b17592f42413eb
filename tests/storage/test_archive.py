"""The file that a backup is: whole or refused."""

import io
import os
from pathlib import Path

import pytest

from portal.storage import archive
from portal.storage.archive import Archive, NotABackup, Writer, WrongPassphrase
from portal.storage.chunks import Altered

PASSPHRASE = "correct horse battery"
PARTS = {"one": b"", "two": b"short", "three": os.urandom(200_000), "four": b"last"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(archive.COST, "n", 2**4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = io.BytesIO()
    writer = Writer(file, PASSPHRASE)
    for name, content in PARTS.items():
        writer.begin(name)
        for start in range(0, len(content), 70_000):
            writer.add(content[start : start + 70_000])
        writer.close()
    writer.finish()
    (tmp_path / "it.backup").write_bytes(file.getvalue())
    return tmp_path / "it.backup"


def read(path: Path, passphrase: str = PASSPHRASE) -> dict[str, bytes]:
    return {part.name: part.read() for part in Archive(path, passphrase).parts()}


def test_the_parts_come_out_as_they_went_in(path: Path) -> None:
    assert read(path) == PARTS


def test_it_can_be_read_twice(path: Path) -> None:
    opened = Archive(path, PASSPHRASE)
    assert [part.name for part in opened.parts()] == [part.name for part in opened.parts()] == list(PARTS)


def test_a_part_that_is_not_read_is_passed_over(path: Path) -> None:
    assert [part.name for part in Archive(path, PASSPHRASE).parts()] == list(PARTS)


def test_nothing_of_it_can_be_read_without_the_passphrase(path: Path) -> None:
    assert b"short" not in path.read_bytes() and b"three" not in path.read_bytes()


def test_another_passphrase_is_told_at_once(path: Path) -> None:
    with pytest.raises(WrongPassphrase):
        Archive(path, PASSPHRASE + "!")


def test_the_same_characters_from_another_keyboard_are_the_same_passphrase(tmp_path: Path) -> None:
    with (tmp_path / "it").open("wb") as file:
        writer = Writer(file, "café corner shop")
        writer.finish()
    assert read(tmp_path / "it", "cafe\u0301 corner shop") == {}


def test_one_flipped_bit_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    places = {*range(archive.HEADER + 40), *range(0, len(whole), 997), *range(len(whole) - 40, len(whole))}
    for place in sorted(places):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises((Altered, NotABackup, WrongPassphrase)):
            read(path)


def test_a_cut_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for length in [0, 10, archive.HEADER, archive.HEADER + 5, len(whole) // 2, len(whole) - 17, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises((Altered, NotABackup)):
            read(path)


def test_something_appended_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Altered):
        read(path)


def test_any_other_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("PK" * 1000)
    with pytest.raises(NotABackup):
        read(tmp_path / "x")

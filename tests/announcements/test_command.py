"""`portal announce` as it is typed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.database import fetch
from portal.settings import ROOT
from tests.announcements.steps import CERRADO, CLOSED, spread, threads
from tests.cast import Cast

BY = "supervisor.staff@practice.example"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {"en": tmp_path / "closed.txt", "es": tmp_path / "cerrado.txt"}
    for path, words in zip(found.values(), (CLOSED, CERRADO), strict=True):
        path.write_text(words)
    return found


def announce(
    db: str, files: dict[str, Path], *more: object, by: str = BY, said: str = ""
) -> subprocess.CompletedProcess:
    words = ["announce", "--by", by, "--subject", "Closed on Friday", "--file", files["en"], *more]
    return subprocess.run(
        [sys.executable, "-m", "tasks.cli", *map(str, words)], cwd=ROOT, env={**os.environ, "DATABASE_URL": db},
        input=said, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


async def test_it_says_what_it_will_do_and_does_it_once(cast: Cast, db: str, files: dict[str, Path]):
    spanish = ("--subject-es", "Cerrado el viernes", "--file-es", files["es"])
    done = announce(db, files, *spanish, "--yes")
    assert done.returncode == 0, done.stderr
    assert "From Supervisor Staff to 2 clients (everybody), of whom 0 read in Spanish." in done.stdout
    assert CLOSED in done.stdout and CERRADO in done.stdout and "It is on its way" in done.stdout
    again = announce(db, files, *spanish, "--yes")
    assert again.returncode == 0 and "sent today already" in again.stdout
    await spread()
    assert len(await threads()) == 2


async def test_without_a_yes_nothing_goes_out(cast: Cast, db: str, files: dict[str, Path]):
    done = announce(db, files, "--audience", "dr. ngozi okafor", said="n\n")
    assert done.returncode == 1 and "to 1 client (dr. ngozi okafor)" in done.stdout
    assert await fetch("SELECT id FROM errand WHERE actor = 'spread'") == []
    assert announce(db, files, "--audience", "dr. ngozi okafor", said="y\n").returncode == 0
    await spread()
    assert [one["client"] for one in await threads()] == [cast.client.id]


@pytest.mark.parametrize(
    ("by", "more", "says"),
    [
        ("priya@nowhere.example", (), "No member of staff who may write announcements"),
        (BY, ("--audience", "Dr. Nobody"), "or one of: Dr. Ngozi Okafor"),
        (BY, ("--subject", ""), "Enter a subject"),
        (BY, ("--subject-es", "Cerrado"), "Write the message in Spanish too"),
    ],
)
async def test_what_cannot_be_is_said_in_words(cast: Cast, db: str, files: dict[str, Path], by: str, more, says: str):
    done = announce(db, files, *more, "--yes", by=by)
    assert done.returncode == 1 and says in done.stderr
    assert await fetch("SELECT id FROM announcement WHERE total IS NOT NULL") == []


async def test_a_file_that_is_no_text_is_refused(cast: Cast, db: str, files: dict[str, Path]):
    files["en"].write_bytes(b"\xff\xfe\x00")
    assert "not plain text" in announce(db, files, "--yes").stderr

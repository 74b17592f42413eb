"""`portal keys`: what is there, one more, and who may read it."""

import json
from pathlib import Path

import pytest

from tests.tasks.commands import portal, python

SEALS = "import sys; from portal import keys; print(keys.seal('test', b'a secret').hex())"
OPENS = "import sys; from portal import keys; print(keys.unseal('test', bytes.fromhex(sys.argv[1])).decode())"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


def test_looking_makes_no_key(data_dir: Path) -> None:
    assert "no key yet" in portal(data_dir, "keys", "list").stdout
    assert json.loads(portal(data_dir, "keys", "list", "--json").stdout) == []
    assert "does not exist yet" in portal(data_dir, "keys", "where").stdout
    assert not (data_dir / "keys.json").exists()


def test_a_new_key_comes_first_and_the_old_one_still_opens(data_dir: Path) -> None:
    sealed = python(data_dir, "-c", SEALS).stdout.strip()
    before = json.loads(portal(data_dir, "keys", "list", "--json").stdout)
    said = portal(data_dir, "keys", "new").stdout
    after = json.loads(portal(data_dir, "keys", "list", "--json").stdout)
    assert [one["is_newest"] for one in after] == [True, False]
    assert after[1]["id"] == before[0]["id"] and after[0]["id"] in said
    assert "backup" in said and "Restart" in said
    assert python(data_dir, "-c", OPENS, sealed).stdout.strip() == "a secret"


def test_where_tells_the_path_and_that_only_its_owner_reads_it(data_dir: Path) -> None:
    portal(data_dir, "keys", "new")
    told = portal(data_dir, "keys", "where", "--json")
    path = str(data_dir / "keys.json")
    assert json.loads(told.stdout) == {"path": path, "exists": True, "mode": "0600", "problem": None}
    assert told.returncode == 0


def test_a_key_file_that_others_may_read_is_a_problem_with_its_remedy(data_dir: Path) -> None:
    portal(data_dir, "keys", "new")
    (data_dir / "keys.json").chmod(0o644)
    told = portal(data_dir, "keys", "where")
    assert told.returncode == 1 and f"chmod 600 {data_dir}/keys.json" in told.stdout


def test_the_key_file_may_lie_elsewhere(data_dir: Path, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "safe" / "k.json")
    portal(data_dir, "keys", "new", KEYS_FILE=elsewhere)
    assert Path(elsewhere).stat().st_mode & 0o777 == 0o600
    assert not (data_dir / "keys.json").exists()

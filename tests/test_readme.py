"""The README tells the truth about settings and commands."""

from pathlib import Path

from portal.settings import TABLE
from tasks.cli import COMMANDS

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()


def table() -> str:
    rows = [f"| `{name}` | {default} | {words} |" for name, default, words in TABLE]
    return "\n".join(["| setting | default | what it is |", "|---|---|---|", *rows])


def test_the_table_of_settings_is_the_one_in_the_code():
    assert README.split("by tests/test_readme.py -->\n")[1].split("\n<!-- /settings -->")[0] == table()


def test_every_command_is_named():
    assert [name for name in COMMANDS if f"`portal {name}" not in README] == []


def test_every_picture_is_there():
    folder = Path(__file__).resolve().parent.parent
    named = {part.split(")")[0] for part in README.split("](")[1:]}
    assert sorted(name for name in named if name.endswith(".png") and not (folder / name).exists()) == []

"""`portal …` as an administrator calls it: a process of its own, with nothing of ours in its environment."""

import os
import subprocess
import sys
from pathlib import Path

from portal.settings import ROOT

PASSPHRASE = "correct horse battery"


def portal(data_dir: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return python(data_dir, "-m", "tasks.cli", *arguments, **environment)


def python(data_dir: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, env=surroundings(data_dir, **environment),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def surroundings(data_dir: Path, **environment: str) -> dict[str, str]:
    plain = {"PATH": os.environ["PATH"], "PORTAL_MODE": "test", "DATA_DIR": str(data_dir)}
    return {**plain, **environment}

"""From `portal serve` to the first 200 of /health: with nothing there yet, and from then on."""

import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.site import Site, free_port, until_ready
from portal.settings import ROOT

MOST = 3.0
AGAIN = 3


def starts(pattern: Site, folder: Path) -> tuple[float, float]:
    """(first, second) in seconds; the second is the median of three."""
    shutil.rmtree(folder, ignore_errors=True)
    first = _start(pattern, folder)
    return first, median(_start(pattern, folder) for _ in range(AGAIN))


def _start(pattern: Site, folder: Path) -> float:
    port = free_port()
    environ = {**pattern.environ(port), "DATA_DIR": str(folder)}
    del environ["DATABASE_URL"]
    began = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "tasks.cli", "serve"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    ) as process:
        until_ready(port, process)
        took = perf_counter() - began
        process.terminate()
        process.wait(30)
    return took

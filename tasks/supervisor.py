"""Keeps child processes alive, and takes them along when it goes, even by a kill -9."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import click

DRAIN = 3.5
STEADY = 60.0
LONGEST_PAUSE = 30.0


class Departure:
    """SIGTERM, Ctrl-C and a closed terminal unwind the stack once, so that every `with` on the way is kept."""

    SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __init__(self) -> None:
        self.began: float | None = None
        for number in self.SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._leave)

    def left(self, of: float) -> float:
        """Seconds that remain of so many since the signal."""
        return of if self.began is None else max(0.5, self.began + of - time.monotonic())

    def _leave(self, number: int, frame: FrameType | None) -> None:
        if self.began is None:
            self.began = time.monotonic()
            raise SystemExit(0)


@dataclass
class Child:
    """`portal <arguments>` as a process of its own; after a death it comes back, later each time."""

    arguments: Sequence[str]
    fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    due: float = 0.0

    @property
    def name(self) -> str:
        return self.arguments[0]

    def tend(self, lifeline: int) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.started, self.process = now, self._start(lifeline)
        elif (code := self.process.poll()) is not None:
            self.failures = 1 if now - self.started > STEADY else self.failures + 1
            pause = min(LONGEST_PAUSE, 0.25 * 2**self.failures)
            self.process, self.due = None, now + pause
            click.echo(f"The {self.name} process {_fate(code)}. It starts again in {pause:g} s.", err=True)

    def _start(self, lifeline: int) -> subprocess.Popen[bytes]:
        """In a group of its own, so that Ctrl-C reaches only the supervisor."""
        python = (sys.executable, "-P") if sys.flags.safe_path else (sys.executable,)
        return subprocess.Popen(
            [*python, "-m", "tasks.cli", *self.arguments, "--lifeline", str(lifeline)],
            stdin=subprocess.DEVNULL, pass_fds=(lifeline, *self.fds), process_group=0,
        )  # fmt: skip


class Family:
    def __init__(self, children: Sequence[Child], lifeline: int) -> None:
        self.children, self.lifeline = children, lifeline

    def tend(self) -> None:
        for child in self.children:
            child.tend(self.lifeline)

    def stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        until = time.monotonic() + DRAIN
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def family(*children: Child) -> Iterator[Family]:
    """The lifeline is a pipe that nobody writes to: it ends when this process does, however that happens."""
    lifeline, held = os.pipe()
    them = Family(children, lifeline)
    try:
        them.tend()
        yield them
    finally:
        them.stop()
        os.close(held)
        os.close(lifeline)


def follow(lifeline: int) -> None:
    """In a child: when the supervisor is gone, end as if it had asked; if that takes too long, end all the same."""

    def watch() -> None:
        os.read(lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(DRAIN)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()


def _fate(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

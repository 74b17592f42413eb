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
from typing import Self

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

    def insist(self) -> None:
        """The exception is lost where a signal comes in the middle of a finalizer."""
        if self.began is not None:
            raise SystemExit(0)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        if self.began is None:
            self.began = time.monotonic()
            raise SystemExit(0)


class Gate:
    """A pipe that children read and nobody writes to: it ends when it is opened here, or when this process ends."""

    def __init__(self) -> None:
        self.fd, self._held = os.pipe()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def open(self) -> None:
        if not self._is_open:
            self._is_open = True
            os.close(self._held)

    def __exit__(self, *raised: object) -> None:
        self.open()
        os.close(self.fd)


@dataclass
class Child:
    """`portal <arguments>` or another module, as a process; after a death it comes back, later each time."""

    arguments: Sequence[str]
    fds: Sequence[int] = ()
    module: str = "tasks.cli"
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    due: float = 0.0

    @property
    def name(self) -> str:
        return self.arguments[0] if self.module == "tasks.cli" else self.module

    def tend(self) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.started, self.process = now, self._start()
        elif (code := self.process.poll()) is not None:
            self.failures = 1 if now - self.started > STEADY else self.failures + 1
            pause = min(LONGEST_PAUSE, 0.25 * 2**self.failures)
            self.process, self.due = None, now + pause
            click.echo(f"The {self.name} process {_fate(code)}. It starts again in {pause:g} s.", err=True)

    def _start(self) -> subprocess.Popen[bytes]:
        """In a group of its own, so that Ctrl-C reaches only the supervisor."""
        python = (sys.executable, "-P") if sys.flags.safe_path else (sys.executable,)
        return subprocess.Popen(
            [*python, "-m", self.module, *self.arguments],
            stdin=subprocess.DEVNULL, pass_fds=self.fds, process_group=0,
        )  # fmt: skip


class Family:
    """Children who end when this process does, however that happens: its lifeline is a gate that nobody opens."""

    def __init__(self, lifeline: Gate) -> None:
        self.lifeline = lifeline
        self.children: list[Child] = []

    def add(self, *arguments: str, fds: Sequence[int] = (), module: str = "tasks.cli") -> None:
        lifeline = self.lifeline.fd
        child = Child((*arguments, "--lifeline", str(lifeline)), (lifeline, *fds), module)
        self.children.append(child)
        child.tend()

    def tend(self) -> None:
        for child in self.children:
            child.tend()

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
def family() -> Iterator[Family]:
    with Gate() as lifeline:
        them = Family(lifeline)
        try:
            yield them
        finally:
            them.stop()


def follow(lifeline: int) -> None:
    """In a child: when the supervisor is gone, end as if it had asked; if that takes too long, end all the same."""

    def watch() -> None:
        wait_at(lifeline)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(DRAIN)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()


def wait_at(gate: int) -> None:
    """In a child: until the gate is opened."""
    os.read(gate, 1)


def _fate(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

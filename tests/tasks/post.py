"""A post office for tests: a mail server that keeps what it takes, and real worker processes that bring it."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psutil
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal import database, outbox
from portal.database import embedded
from portal.database.migrations import migrate
from portal.settings import ROOT
from tasks.actors import carry_out
from tasks.actors.bill import issue
from tasks.actors.complete import make as complete
from tasks.actors.email import post
from tasks.actors.notify import follow
from tasks.actors.papers import make, make_issued
from tasks.actors.pay import listen, look_after, look_after_refund, look_after_setup, pay_by_itself, tell_of_cards
from tasks.actors.scan import look
from tasks.actors.spread import hand_out
from tasks.actors.tell import hear
from tasks.actors.texts import send
from tasks.actors.wait import ask

READY = "worker ready"


@dataclass(frozen=True)
class Letter:
    """As it came in, and when by the monotonic clock."""

    message_id: str
    to: str
    content: bytes
    at: float


class Sink:
    """A real mail server on loopback: it notes a letter before it says 250. `answer` makes it say something else."""

    def __init__(self, port: int | None = None, **options: Any) -> None:
        self.port = port or free_port()
        self.options = {"server_hostname": "sink.test", **options}
        self.letters: list[Letter] = []
        self.sessions: list[tuple[bool, str]] = []
        self.answer: Callable[[str], str | None] = lambda address: None
        self.delay = 0.0
        self.quit_delay = 0.0
        self.controller: Controller | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self.controller.start()

    def close(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def copies(self) -> Counter[str]:
        return Counter(letter.message_id for letter in self.letters)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answer(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.delay)
        content = envelope.content
        assert isinstance(content, bytes)
        message_id = content.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        is_secret = server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
        self.sessions.append((is_secret, str(session.auth_data or "")))
        self.note(Letter(message_id, envelope.rcpt_tos[0], content, time.monotonic()))
        return "250 OK"

    def note(self, letter: Letter) -> None:
        self.letters.append(letter)

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.quit_delay)
        return "221 Bye"


class SinkProcess:
    """The same in a process of its own, so that nothing here delays its 250; a letter is on the disk before that."""

    def __init__(self, folder: Path) -> None:
        self.port, self.book = free_port(), folder / "book"
        self.book.touch()
        program = [sys.executable, "-m", "tests.tasks.post", str(self.port), str(self.book)]
        self.process = subprocess.Popen(program, cwd=ROOT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def letters(self) -> list[tuple[str, str]]:
        """Message-ID and address of each, as they came."""
        return [(line.split()[0], line.split()[1]) for line in self.book.read_text().splitlines()]


def _keep_book(port: str, book: str) -> None:
    with Path(book).open("a") as file:

        class WithBook(Sink):
            def note(self, letter: Letter) -> None:
                file.write(f"{letter.message_id} {letter.to}\n")
                file.flush()
                os.fsync(file.fileno())

        with WithBook(int(port)) as sink:
            sink.delay = 0.02
            signal.pause()


def knows(user: str, password: str) -> Callable[..., AuthResult]:
    """An authenticator that lets one user in."""

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: LoginPassword
    ) -> AuthResult:
        is_right = (told.login, told.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=is_right, auth_data=user)

    return authenticate


class WorkerProcess:
    """`portal worker` as an operating system runs it; what it writes to its log is kept in a file."""

    def __init__(self, folder: Path, *command: str, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        self.began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tasks.cli", *(command or ("worker",))],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=os.environ | {"DATA_DIR": str(folder)} | environment,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said
        return READY in self.said

    def asked_to_leave(self, within: float = 5) -> float:
        """SIGTERM; insists on exit code 0, and returns the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within)
        assert code == 0, f"{code}: {self.said}"
        return time.monotonic() - began

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Redis:
    """A real one, on loopback, that keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("redis-server")
        assert found, "redis-server is not installed: bin/test says how"
        self.program, self.folder, self.port = found, folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([self.program, *options], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def forget_everything(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()


@asynccontextmanager
async def own_server(folder: Path, back_to: str) -> AsyncIterator[Path]:
    """A database server that may be stopped and killed; afterwards this process speaks to the common one again."""
    database.connect_to(embedded.start(folder))
    try:
        await migrate()
        async with database.pool():
            yield folder
    finally:
        embedded.stop(folder)
        database.connect_to(back_to)


def kill_database(folder: Path) -> None:
    """The postmaster; the next start recovers."""
    postmaster = psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))
    postmaster.kill()
    postmaster.wait(5)
    embedded.start(folder)


async def work_through(*actors: str) -> None:
    """What a worker does, in this process and once: everything that is due for these actors is carried out."""
    work = {
        "announce": follow, "autopay": pay_by_itself, "bill": issue, "charge": look_after, "complete": complete,
        "deliver": post, "give_back": look_after_refund, "heed": listen, "issue": make_issued,
        "mind_cards": tell_of_cards, "offer": ask, "put_on_file": look_after_setup, "render": make, "scan": look,
        "spread": hand_out, "tell": hear,
        "text": send,
    }  # fmt: skip
    for errand in await outbox.claim("in this test", timedelta(minutes=1), 1000, list(actors or work)):
        await carry_out(errand.id, errand.lease_by, errand.attempts, work[errand.actor])


async def eventually(question: Callable[[], Any], within: float = 15) -> Any:
    """Asks again and again, and returns the answer as soon as there is one; awaits it where it must be."""
    until = time.monotonic() + within
    while True:
        answer = question()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return answer
        assert time.monotonic() < until, "it did not happen"
        await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


if __name__ == "__main__":
    _keep_book(*sys.argv[1:])

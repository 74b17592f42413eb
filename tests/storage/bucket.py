"""A real S3 server on loopback: rclone's, which checks signatures and keeps objects as files of a folder.

It says 200 of a part of an object, where S3 says 206 and obstore insists on it: the relay in front puts that right.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from tempfile import mkdtemp
from threading import Thread

PROGRAM = Path(sys.executable).with_name("rclone")
WHOLE, PART = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 206 Partial Content\r\n"
KEY, SECRET = "an-access-key", "a-secret-of-the-tests"


class Bucket(Mapping[str, bytes]):
    """`objects` by path, without the bucket's name, as they lie in its folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.server_port = folder, port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def objects(self) -> "Bucket":
        return self

    def __iter__(self) -> Iterator[str]:
        return (str(one.relative_to(self.folder)) for one in sorted(self.folder.rglob("*")) if one.is_file())

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def __setitem__(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)


@contextmanager
def bucket() -> Iterator[Bucket]:
    folder = Path(mkdtemp(prefix="portal-bucket-"))
    (folder / "bucket").mkdir()
    port = free_port()
    process = subprocess.Popen(
        [PROGRAM, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}", "--config", os.devnull,
         "--vfs-cache-mode", "off", "--dir-cache-time", "0s", str(folder)],
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        must_listen(process, port)
        with relayed(port) as front:
            yield Bucket(folder / "bucket", front)
    finally:
        process.kill()  # nothing of it is needed any more, and asked to leave it may wait for a client that has gone
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def relayed(port: int) -> Iterator[int]:
    class Relay(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as behind:
                Thread(target=passed_on, args=(self.request, behind), daemon=True).start()
                passed_on(behind, self.request)

    with ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def passed_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while portion := source.recv(65536):
            if portion.startswith(WHOLE) and b"\r\nContent-Range: " in portion.partition(b"\r\n\r\n")[0]:
                portion = PART + portion.removeprefix(WHOLE)
            target.sendall(portion)
        target.shutdown(socket.SHUT_WR)


def must_listen(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        assert process.poll() is None, "rclone did not start"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("rclone does not listen")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])

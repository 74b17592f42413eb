"""As much of S3 as the portal asks for, over HTTP on loopback: objects, parts of objects, ranges, lists."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit


class Bucket(ThreadingHTTPServer):
    """`objects` by path, without the bucket's name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *args: object) -> None: ...

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/bucket/")

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        body = self.body()
        if "partNumber" in self.asked:
            self.server.parts[self.asked["uploadId"]][int(self.asked["partNumber"])] = body
        else:
            self.server.objects[self.key] = body
        self.says(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_POST(self) -> None:
        body = self.body()
        if "delete" in self.asked:
            keys = re.findall("<Key>(.*?)</Key>", body.decode())
            for key in keys:
                self.server.objects.pop(key, None)
            xml = f"<DeleteResult>{''.join(f'<Deleted><Key>{key}</Key></Deleted>' for key in keys)}</DeleteResult>"
        elif "uploads" in self.asked:
            name = f"upload{len(self.server.parts)}"
            self.server.parts[name] = {}
            xml = f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
        else:
            parts = self.server.parts.pop(self.asked["uploadId"])
            self.server.objects[self.key] = b"".join(parts[number] for number in sorted(parts))
            xml = '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'
        self.says(200, xml.encode())

    def do_GET(self) -> None:
        if "list-type" in self.asked:
            self.says(200, self.listed(self.asked.get("prefix", "")))
        elif self.key not in self.server.objects:
            self.says(404)
        else:
            self.shows(self.server.objects[self.key])

    do_HEAD = do_GET  # noqa: N815

    def shows(self, content: bytes) -> None:
        dated = {"Last_Modified": "Mon, 23 Nov 2026 12:00:00 GMT", "ETag": '"e"'}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted:
            start, end = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
            self.says(206, content[start : end + 1], Content_Range=f"bytes {start}-{end}/{len(content)}", **dated)
        else:
            self.says(200, content, **dated)

    def listed(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(content)}</Size>"
            "<LastModified>2026-11-23T12:00:00.000Z</LastModified></Contents>"
            for key, content in sorted(self.server.objects.items())
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@contextmanager
def bucket() -> Iterator[Bucket]:
    with Bucket() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()

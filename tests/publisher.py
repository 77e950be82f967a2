"""A publisher of models on this machine: an HTTP server that cuts, redirects, lies and excuses itself."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(kw_only=True)
class Page:
    """What an address answers; `cuts`: after how many bytes the first answers break off."""

    content: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    location: str = ""
    cuts: list[int] = field(default_factory=list)
    failures: int = 0
    tagged: bool = True
    measured: bool = True


class Publisher:
    """Pages by path, and what was asked for: (path, Range header)."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str]] = []
        self.address = ""

    def put(self, name: str, content: bytes = b"", **behaviour: object) -> str:
        """Publish something; returns its address."""
        self.pages[f"/{name}"] = Page(content=content, **behaviour)
        return f"{self.address}/{name}"


@contextmanager
def publishing() -> Iterator[Publisher]:
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append((self.path, self.headers["Range"] or ""))
            _answer(self, publisher.pages.get(self.path, Page(status=404)))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publisher.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
    tag = f'"{hashlib.sha256(page.content).hexdigest()[:8]}"'
    content, status = page.content, page.status
    if page.failures:
        page.failures -= 1
        content, status = b"", 503
    start = 0
    if (asked := handler.headers["Range"]) and handler.headers["If-Range"] == tag and status == 200:
        start, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
    handler.send_response(status)
    if page.location:
        handler.send_header("Location", page.location)
    if page.tagged:
        handler.send_header("ETag", tag)
    if status == 206:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    if page.measured:
        handler.send_header("Content-Length", str(len(content) - start))
    handler.send_header("Content-Type", page.kind)
    handler.end_headers()
    end = page.cuts.pop(0) if page.cuts else len(content)
    handler.wfile.write(content[start:end])

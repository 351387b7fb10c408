"""A tiny website from memory, for the browser bench."""

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager


def _kind(path: str) -> str:
    kinds = {"js": "text/javascript", "css": "text/css"}
    return kinds.get(path.partition("?")[0].rpartition(".")[2], "text/html")


@contextmanager
def website(files: Mapping[str, bytes], answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve these files, by path, and give the address. What is added to the mapping later is served too. `answer` says
    what is told to whoever posts something.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path.partition("?")[0])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", _kind(self.path))
            self.send_header("Content-Length", str(len(body or b"")))
            if self.path.partition("?")[0].endswith(".js"):
                self.send_header("Cache-Control", "max-age=300")
            self.end_headers()
            self.wfile.write(body or b"")

        def do_POST(self) -> None:
            """Answer at once: what a page does on a click is measured, not how fast a service is."""
            body = answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            self.send_response(201)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

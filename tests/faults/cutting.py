"""A line that is cut after the service committed and before its answer arrives."""

import http.client
import json
import random
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class CutLine(socketserver.ThreadingTCPServer):
    """Hands requests on to a service, and drops some of the answers."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, service: int) -> None:
        """Take the port of the service."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service
        self.cutting = True
        self.chance = random.Random(3)
        self.lock = threading.Lock()
        self.cut: dict[str, str] = {}  # decision id: the answer with which it was stored, and which nobody got

    @property
    def port(self) -> int:
        """The port to send requests to."""
        return int(self.server_address[1])


class _Handler(socketserver.StreamRequestHandler):
    server: CutLine

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(one.split(": ", 1) for one in lines[1:] if one)
        lowered = {name.lower(): value for name, value in headers.items()}
        content = self.rfile.read(int(lowered["content-length"]))
        path = lines[0].split(" ")[1]
        behind = http.client.HTTPConnection("127.0.0.1", self.server.service, timeout=30)
        behind.request("POST", path, content, headers)
        answer = behind.getresponse()
        body = answer.read()
        behind.close()
        with self.server.lock:
            if answer.status == 201 and self.server.cutting and self.server.chance.random() < 0.3:
                self.server.cut[json.loads(content)["id"]] = body.decode()
                return
        said = f"HTTP/1.1 {answer.status} {answer.reason}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.wfile.write(said.encode() + body)


@contextmanager
def cut_line(service: int) -> Iterator[CutLine]:
    """Give such a line before a service."""
    with CutLine(service) as line:
        thread = threading.Thread(target=line.serve_forever)
        thread.start()
        try:
            yield line
        finally:
            line.shutdown()
            thread.join()

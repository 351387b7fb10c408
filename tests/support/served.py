"""The service on a real socket, with the server that the command runs."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from askfirst.cli.server import listen
from askfirst.node import Node
from askfirst.serving import server_config
from support.places import Home, current_digest


@dataclass(frozen=True, slots=True)
class Served:
    """A service on a port of loopback."""

    home: Home
    node: Node
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def body(self, number: int, site: str = "demo0001") -> bytes:
        """Return a decision with an id of its own."""
        builds = self.node.live.directory.builds[1]
        return json.dumps(
            {
                "v": 1,
                "id": f"00000000-0000-4000-8000-{number:012x}",
                "policy": current_digest(self.home.place, site),
                "build": next(iter(builds)),
                "language": "en",
                "purposes": {"measurement": True, "embeds": True},
                "method": "accept_all",
                "at": self.home.clock(),
                "gpc": False,
                "rule": "default",
            }
        ).encode()


@contextmanager
def serve(home: Home) -> Iterator[Served]:
    """Give a service on a real socket, with the server that the command runs."""
    node = Node(home.settings, clock=home.clock, random=home.random)
    listener = listen("127.0.0.1", 0, "--port")
    server = uvicorn.Server(server_config(node))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        port = listener.getsockname()[1]
        yield Served(home, node, port)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()

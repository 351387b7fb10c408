"""One of several databases that a service serves. Whoever asks it may wait in vain, and nobody else with them."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from askfirst.app import Application, build_app
from askfirst.core.errors import AskfirstError, Unavailable
from askfirst.databases import Database
from askfirst.node import Node
from askfirst.web.console.events import MOST_STREAMS
from askfirst.web.metrics import note_database

log = logging.getLogger("askfirst")

PATIENCE_S: Final = 3.0
# The requests of one database that may be in a thread at once: as many as there would be threads in all without others.
REQUESTS: Final = 40
THREADS: Final = REQUESTS + MOST_STREAMS
AWAY: Final = "a database can not be reached"
# What asks the database in a thread. Scripts, policies and decisions do not: they come from memory, or wait in a queue.
_ASKING: Final = frozenset({"log", "api", "console", "v", "a"})
_STREAM: Final = "/console/events"  # bounded by itself

OpenNode = Callable[[Database], Node]
Join = Callable[["ServedDatabase", Node], None]


@dataclass(slots=True, eq=False)
class ServedDatabase:
    """One database of the service. Without a node it was never reached; `reachable` is what the last look found."""

    database: Database
    open_node: OpenNode
    join: Join  # sets the node; raises ConfigurationFault where it does not go with the others
    node: Node | None = None
    app: Application | None = None
    reachable: bool = False
    opening: Future[Node] | None = None
    _requests: int = 0  # owned by the event loop
    _said: str = ""  # why it can not be served, which the log says once
    _look: "asyncio.Future[bool] | None" = None
    # Its own: a database that answers nothing holds up whoever asks it, and nobody else.
    hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "askfirst-look"))

    def begin(self) -> Future[Node]:
        """Begin to open the node; where that takes long, it goes on, and a later look takes it up."""
        self.opening = self.hands.submit(self.open_node, self.database)
        return self.opening

    def begun(self) -> None:
        """Take the node if it is open by now. Raises what stands against it for good."""
        if self.opening is None or not self.opening.done():
            log.critical("the database %s answers nothing; the service starts without it", self.database.name)
            return
        opened, self.opening = self.opening, None
        try:
            node = opened.result()
        except SQLAlchemyError as error:
            log.critical("the database %s can not be reached: %s", self.database.name, type(error).__name__)
            return
        self.node, self.app, self.reachable = node, build_app(node), True

    async def look(self) -> None:
        """See whether the database answers, and open it where it does for the first time; one look at a time."""
        loop = asyncio.get_running_loop()
        if self._look is None or self._look.done():
            self._look = loop.run_in_executor(self.hands, self._answers)
        reachable = False
        try:
            reachable = await asyncio.wait_for(asyncio.shield(self._look), PATIENCE_S)
        except TimeoutError:
            pass
        except AskfirstError as error:
            if self._said != str(error):
                self._said = str(error)
                log.critical("the database %s can not be served: %s", self.database.name, error)
        if reachable and self.app is None and self.node is not None:
            self.app = build_app(self.node)
            await self.node.open()
        self.reachable = reachable
        note_database(self.database.name, reachable)

    def _answers(self) -> bool:
        try:
            if self.node is None:
                opening, self.opening = self.opening, None
                node = opening.result() if opening else self.open_node(self.database)
                self.join(self, node)
            else:
                node = self.node
            node.live.catalogue.version()
        except SQLAlchemyError:
            return False
        return True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. Raises Unavailable where it asks a database that is away, or for which too many wait."""
        if self.app is None:
            raise Unavailable(5, AWAY)
        if scope["path"].split("/")[1] not in _ASKING or scope["path"] == _STREAM:
            await self.app(scope, receive, send)
            return
        if not self.reachable or self._requests >= REQUESTS:
            raise Unavailable(5, AWAY)
        self._requests += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._requests -= 1

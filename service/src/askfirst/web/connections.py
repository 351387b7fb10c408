"""What one connection may cost: a request that does not come to its end is ended, before it holds up others."""

from asyncio import TimerHandle, Transport
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

# A browser's whole head, cookies included, is a few KB; servers before ours stop at 8 to 64 KiB.
MAX_HEAD_BYTES: Final = 65_536
HEAD_SECONDS: Final = 15.0
REQUEST_SECONDS: Final = 60.0


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for ever for a head that never ends.

    A request that comes in one piece, as nearly all do, costs no timer.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._timer: TimerHandle | None = None
        # Begun before the first byte: who connects and says nothing is waiting for a head too.
        self._in_message, self._head_bytes = True, 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see whether a request has begun that is not there as a whole."""
        was_in_head = self._in_message and self._in_head()
        super().data_received(data)
        if not self._in_message:
            self._stop_timer()
            return
        in_head = self._in_head()
        if in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431, b"The head of this request is too long.\n")
                return
        if self._timer is None or was_in_head != in_head:
            self._stop_timer()
            self._timer = self.loop.call_later(HEAD_SECONDS if in_head else REQUEST_SECONDS, self._give_up)

    def _in_head(self) -> bool:
        """Say whether a head is still coming: uvicorn puts the method into the scope of its own when it is there."""
        return self.scope is None or "method" not in self.scope

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_message, self._head_bytes = True, 0
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._in_message = False
        super().on_message_complete()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self._refuse(408, b"This request did not come to its end in time.\n")

    def _refuse(self, status: int, said: bytes) -> None:
        self._stop_timer()
        if self.transport.is_closing():
            return
        # An answer that is under way must not get a second one in its middle.
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            self.transport.write(STATUS_LINE[status] + head + b"content-length: %d\r\n\r\n" % len(said) + said)
        self.transport.close()

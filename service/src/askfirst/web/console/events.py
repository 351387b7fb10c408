"""New decisions as they take their place in the ledger, as server-sent events."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final
from uuid import UUID

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from askfirst.core.errors import Unauthorized, Unavailable
from askfirst.core.kinds import EntryKind
from askfirst.usecases.audit import Listed
from askfirst.usecases.purpose_lists import listed
from askfirst.usecases.rows import Arrival
from askfirst.web.console.overview import sites_of
from askfirst.web.console.records import PLACE
from askfirst.web.console.words import Words
from askfirst.web.live import Live
from askfirst.web.staff_routes import AUDITORS, Actor, Deed, StaffRoute

MOST_STREAMS: Final = 64
_PAUSE_S: Final = 1.0
_CHECK_EVERY: Final = 15  # pauses between two looks at the session
_PING_S: Final = 15
_MOST_BEHIND: Final = 200  # entries that are told late; who was away for longer opens the page again


class Events:
    """The handler of `/console/events`. How many streams are open is owned by the event loop."""

    def __init__(self, live: Live, words: Callable[[Request, Actor], Words]) -> None:
        """Take what handlers share, and how a reader's language is chosen."""
        self._live, self._words = live, words
        self._open = 0

    def routes(self) -> list[StaffRoute]:
        """Return the address of the stream."""
        return [StaffRoute("/console/events", "GET", AUDITORS, EntryKind.RECORDS_FOLLOWED, self.follow)]

    async def follow(self, request: Request, actor: Actor) -> Deed:
        """GET: a stream of `decision` events; it ends with the session and with the process."""
        if self._open >= MOST_STREAMS:
            raise Unavailable(30, "too many people follow new decisions")
        size = await run_in_threadpool(self._live.overview.size, actor.log_id)
        at = _from(request.headers.get("last-event-id", ""), size)
        stopping = anyio.Event()
        stream = EventSourceResponse(
            self._stream(actor, at, stopping, self._words(request, actor)),
            ping=_PING_S,
            send_timeout=30,
            shutdown_event=stopping,
            shutdown_grace_period=2 * _PAUSE_S,
        )
        # No proxy may collect what is meant to arrive now.
        stream.headers["X-Accel-Buffering"] = "no"
        return Deed(stream, {"sites": None if actor.sites is None else list(actor.sites), "via": "console"})

    async def _stream(
        self, actor: Actor, at: int, stopping: anyio.Event, words: Words
    ) -> AsyncIterator[ServerSentEvent]:
        self._open += 1
        try:
            yield ServerSentEvent(comment="listening", retry=3000)
            pauses = 0
            while pauses % _CHECK_EVERY or await run_in_threadpool(self._is_in, actor):
                if stopping.is_set():
                    return
                pauses += 1
                # Of the database that the arrivals are read from: a replica may not know yet what has its place.
                size = await run_in_threadpool(self._live.overview.size, actor.log_id)
                if size > at:
                    first = max(at, size - _MOST_BEHIND)
                    arrivals = await run_in_threadpool(
                        self._live.overview.arrivals, actor.log_id, actor.sites, first, size
                    )
                    names = {one.site.site_key: one.site.name for one in sites_of(self._live, actor)}
                    for arrival in arrivals:
                        yield ServerSentEvent(
                            json.dumps(told(arrival, names, words)), event="decision", id=str(arrival.position)
                        )
                    at = size
                with anyio.move_on_after(_PAUSE_S):
                    await stopping.wait()
            yield ServerSentEvent("signed out", event="end")
        except self._live.database_errors:
            # The browser asks again by itself, and goes on after the last decision that it got.
            return
        finally:
            self._open -= 1

    def _is_in(self, actor: Actor) -> bool:
        if actor.person is None:
            raise Unauthorized
        found = self._live.staff.session(actor.person.session.secret_hash)
        if found is None:
            return False
        session, member = found
        same = (member.role, member.sites) == (actor.person.member.role, actor.person.member.sites)
        return self._live.session_rule.holds(session, self._live.clock()) and member.disabled_at is None and same


def told(arrival: Arrival, names: Mapping[str, str], words: Words) -> dict[str, object]:
    """Return what an event says of a decision."""
    line = Listed(_uuid(arrival.record_id), arrival.record)
    row = arrival.record
    return {
        "href": f"{PLACE}/{line.record_id}",
        "time": row.server_time,
        "method": words.method(row.method),
        "granted": listed(row.granted),
        "refused": listed(row.refused),
        "site": names.get(row.site_key, row.site_key),
        "consent_id": line.consent_id,
    }


def _from(last_event_id: str, size: int) -> int:
    """Return the position from which on entries are told: after the last one that the browser got, or from now on."""
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 16:
        return min(int(last_event_id) + 1, size)
    return size


def _uuid(raw: bytes) -> str:
    return str(UUID(bytes=raw))

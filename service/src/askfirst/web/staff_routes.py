"""Every address for staff says who may use it and which ledger entry it leaves, or the service does not start."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from askfirst.core.errors import ConfigurationFault, Forbidden, InvalidQuery
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import STAFF_ROLES, Role
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.rows import Session, StaffMember
from askfirst.web.live import Live
from askfirst.web.operations import Operation

AUDITORS = frozenset({Role.AUDITOR, Role.OWNER})
EDITORS = frozenset({Role.EDITOR, Role.OWNER})
OWNERS = frozenset({Role.OWNER})
EVERYBODY = frozenset(STAFF_ROLES)
RECORDERS = frozenset({Role.RECORDER})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in to the console, the session, and the secret word of its forms."""

    member: StaffMember
    session: Session
    form_word: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one organisation's staff member or program, its role, and the sites that it may see (None: all).

    `name` is what its ledger entries name. `person` is None for a program with a token.
    """

    log_id: int
    name: str
    role: Role
    sites: tuple[str, ...] | None
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What a handler did: its response, and the members of the ledger entry that the deed leaves.

    `members` is None where the change was committed together with its entry already.
    """

    response: Response
    members: Mapping[str, object] | None


Handler = Callable[[Request, Actor], Awaitable[Deed]]


class Door(Protocol):
    """How callers of an address show who they are."""

    async def __call__(self, request: Request) -> Actor:
        """Return who asks. Raises Unauthorized, or Forbidden where another page sent the request."""
        ...


@dataclass(frozen=True, slots=True)
class StaffRoute:
    """One address for staff. `whole`: only for those whose role is for the whole organisation.

    `says` is for the OpenAPI document, which has every address of the API. `largest_form` is how long
    a form may be that is sent there, in bytes; None for what forms usually are.
    """

    path: str
    method: str
    roles: frozenset[Role]
    entry: EntryKind
    handler: Handler
    whole: bool = False
    says: Operation | None = None
    largest_form: int | None = None


class Guarded:
    """An address that lets only declared roles in, and answers only after its entry is committed (an ASGI app)."""

    def __init__(self, live: Live, door: Door, route: StaffRoute) -> None:
        """Take what handlers share, how callers show who they are, and what was declared."""
        self.route = route
        self._live, self._door = live, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        # The door reads the form already, for the word in it.
        request.state.largest_form = self.route.largest_form
        actor = await self._door(request)
        if actor.role not in self.route.roles or (self.route.whole and actor.sites is not None):
            raise Forbidden
        says = self.route.says
        if says is not None and not says.query and request.query_params:
            raise InvalidQuery([(name[:64], "is no parameter here") for name in request.query_params])
        deed = await self.route.handler(request, actor)
        if deed.members is not None:
            by = self._live.acting(actor.name)
            entry = staff_entry(actor.log_id, self.route.entry, deed.members, now=self._live.clock(), by=by)
            await self._live.writer.append(entry)
        deed.response.headers["Cache-Control"] = "no-store"
        return deed.response


def staff_routes(live: Live, door: Door, routes: Sequence[StaffRoute]) -> list[Route]:
    """Return Starlette routes of declared addresses. Raises ConfigurationFault where one declares no role or entry."""
    undeclared = [
        (f"{route.method} {route.path}", f"declares no {missing}")
        for route in routes
        for missing, given in (("role", route.roles), ("ledger entry kind", route.entry))
        if not given
    ]
    if undeclared:
        raise ConfigurationFault(undeclared)
    return [Route(route.path, Guarded(live, door, route), methods=[route.method]) for route in routes]


def require_declared(routes: Iterable[BaseRoute], public: frozenset[str]) -> None:
    """Raise ConfigurationFault naming every route that is neither public nor declared for staff."""
    undeclared = [
        (str(getattr(route, "path", route)), "is no public address, and declares neither a role nor a ledger entry")
        for route in routes
        if not isinstance(getattr(route, "endpoint", None), Guarded) and getattr(route, "path", None) not in public
    ]
    if undeclared:
        raise ConfigurationFault(undeclared)

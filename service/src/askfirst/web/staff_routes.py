"""Every address for staff says who may use it and which ledger entry it leaves, or the service does not start."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.core.errors import ConfigurationFault, Forbidden, Unauthorized
from askfirst.core.kinds import EntryKind
from askfirst.core.roles import Role
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting
from askfirst.usecases.tokens import read_token
from askfirst.web.live import Live

AUDITORS = frozenset({Role.AUDITOR, Role.OWNER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one organisation's staff member or program, its role, and the sites that it may see (None: all)."""

    log_id: int
    name: str
    role: Role
    sites: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Deed:
    """What a handler did: its response, and the members of the ledger entry that the deed leaves."""

    response: Response
    members: Mapping[str, object]


Handler = Callable[[Request, Actor], Awaitable[Deed]]


@dataclass(frozen=True, slots=True)
class StaffRoute:
    """One address for staff."""

    path: str
    method: str
    roles: frozenset[Role]
    entry: EntryKind
    handler: Handler


def staff_routes(live: Live, routes: Sequence[StaffRoute]) -> list[Route]:
    """Return Starlette routes that let only declared roles in and answer only after the entry is committed."""
    undeclared = [(route.path, "declares no role") for route in routes if not route.roles]
    if undeclared:
        raise ConfigurationFault(undeclared)
    return [Route(route.path, _guarded(live, route), methods=[route.method]) for route in routes]


def _guarded(live: Live, route: StaffRoute) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        actor = await run_in_threadpool(_actor, live, request.headers.get("authorization", ""))
        if actor.role not in route.roles:
            raise Forbidden
        deed = await route.handler(request, actor)
        by = Acting(actor.name, live.clock, live.random)
        entry = staff_entry(actor.log_id, route.entry, deed.members, now=live.clock(), by=by)
        await live.writer.append(entry)
        deed.response.headers["Cache-Control"] = "no-store"
        return deed.response

    return endpoint


def _actor(live: Live, authorization: str) -> Actor:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    token = read_token(live.catalogue, secret.strip(), clock=live.clock)
    return Actor(token.log_id, f"token:{token.name}", Role(token.role), token.sites)

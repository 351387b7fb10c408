"""The JSON API of policies: check a site file, compare it, publish it, and read what a site ever published."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from askfirst.core.errors import (
    BadOverride,
    BodyTooLarge,
    Forbidden,
    InvalidQuery,
    InvalidSiteFile,
    NotFound,
    PolicyConflict,
    PolicyOvertaken,
    UnknownSite,
    UnlawfulPolicy,
    UnsupportedContentType,
)
from askfirst.core.kinds import EntryKind
from askfirst.core.policy import MAX_POLICY_BYTES, PolicyDraft
from askfirst.core.policy_diff import causes, differences
from askfirst.core.roles import Role
from askfirst.core.rules import BY_ID, SEVERITIES
from askfirst.site_file import Form, SiteFile, read_site_file
from askfirst.usecases.check_file import Told, form_faults, rule_faults
from askfirst.usecases.directory import LivePolicy, LiveSite
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.names import is_words
from askfirst.usecases.publish_policy import Publication, publish_policy
from askfirst.web.live import Live
from askfirst.web.policy_operations import CHECK, DIFF, LIST, PUBLISH, READ
from askfirst.web.staff_routes import EDITORS, EVERYBODY, Actor, Deed, StaffRoute

_MOST_REASON: Final = 1000
_MOST_NUMBER: Final = 1_000_000
_NUMBER: Final = re.compile("[0-9]{1,9}")
_FORMS: Final[Mapping[str, Form]] = {
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """How something is to be published."""

    reason: str
    expect: int | None
    ask_again: bool
    override: tuple[str, ...]


def policy_routes(live: Live) -> list[StaffRoute]:
    """Return the routes of policies."""

    async def listed(request: Request, actor: Actor) -> Deed:
        parameters(request)
        site = site_of(live, actor, request)
        policies = sorted(site.policies.values(), key=lambda one: one.policy.number, reverse=True)
        return seen(request, {"policies": [_told(one) for one in policies]})

    async def read(request: Request, actor: Actor) -> Deed:
        parameters(request)
        one = version_of(site_of(live, actor, request), request.path_params["number"])
        return seen(request, {**_told(one), "content": one.policy.model_dump(mode="json", exclude_unset=True)})

    async def check(request: Request, actor: Actor) -> Deed:
        parameters(request)
        site_of(live, actor, request)
        read, draft = await _file(request)
        found = await run_in_threadpool(rule_faults, read, draft)
        severities = [one.severity for one in found]
        count = {f"{severity}s": severities.count(severity) for severity in SEVERITIES}
        return seen(request, {"findings": [asdict(one) for one in found], "count": count})

    async def diff(request: Request, actor: Actor) -> Deed:
        given = parameters(request, "number")
        site = site_of(live, actor, request)
        number = given.get("number", [""])[0]
        other = version_of(site, number) if number else site.current
        if other is None:
            raise NotFound("This site has not published a policy yet.")
        _read, draft = await _file(request)
        found = await run_in_threadpool(differences, other.policy, draft)
        changes = [one.members() for one in found]
        return seen(request, {"from": other.policy.number, "changes": changes, "asks_again": list(causes(found))})

    async def publish(request: Request, actor: Actor) -> Deed:
        wish = _wish(parameters(request, "reason", "expect", "ask_again", "override"))
        if wish.override and actor.role is not Role.OWNER:
            raise Forbidden
        site = site_of(live, actor, request)
        read, draft = await _file(request)
        done = await run_in_threadpool(_publish, live, actor, site.site.site_key, read, draft, wish)
        body = {
            "policy": done.digest,
            "number": done.policy.number,
            "revision": done.policy.revision,
            "changed": done.changed,
            "asks_again": list(done.asks_again),
        }
        headers = {"Location": f"/p/{site.site.site_key}/{done.digest}.json"}
        if not done.changed:
            # Nothing was published, so that its entry is not there; that somebody asked is told all the same.
            by = live.acting(actor.name)
            seen = {"page": request.url.path, "via": "api"}
            await live.writer.append(staff_entry(actor.log_id, EntryKind.PAGE_VIEWED, seen, now=live.clock(), by=by))
        return Deed(JSONResponse(body, 201 if done.changed else 200, headers), None)

    base = "/api/v1/sites/{site}/policies"
    return [
        StaffRoute(base, "GET", EVERYBODY, EntryKind.PAGE_VIEWED, listed, says=LIST),
        StaffRoute(f"{base}/check", "POST", EVERYBODY, EntryKind.PAGE_VIEWED, check, says=CHECK),
        StaffRoute(f"{base}/diff", "POST", EVERYBODY, EntryKind.PAGE_VIEWED, diff, says=DIFF),
        StaffRoute(f"{base}/{{number}}", "GET", EVERYBODY, EntryKind.PAGE_VIEWED, read, says=READ),
        StaffRoute(base, "POST", EDITORS, EntryKind.POLICY_PUBLISHED, publish, says=PUBLISH),
    ]


def seen(request: Request, body: Mapping[str, object]) -> Deed:
    """Return an answer in JSON whose entry says that this address was looked at."""
    return Deed(JSONResponse(body), {"page": request.url.path, "via": "api"})


def site_of(live: Live, actor: Actor, request: Request) -> LiveSite:
    """Return the site in the path; raise UnknownSite unless the credential is for it."""
    key = request.path_params["site"]
    found = live.directory.sites.get(key)
    # Another organisation's site, and one that the credential is not for, are as unknown as nobody's.
    if found is None or found.site.log_id != actor.log_id or (actor.sites is not None and key not in actor.sites):
        raise UnknownSite(key)
    return found


def version_of(site: LiveSite, number: str) -> LivePolicy:
    """Return the site's policy of this number; raise NotFound where there is none."""
    found = next((one for one in site.policies.values() if str(one.policy.number) == number), None)
    if found is None:
        raise NotFound("This site has no such policy.")
    return found


def _told(one: LivePolicy) -> dict[str, object]:
    return {
        "policy": one.digest,
        "number": one.policy.number,
        "revision": one.policy.revision,
        "published_at": one.published.published_at,
        "superseded_at": one.published.superseded_at,
        "reason": one.published.reason,
        "staff": one.published.staff,
    }


async def _file(request: Request) -> tuple[SiteFile, PolicyDraft]:
    """Return the site file in a body, and its draft; raise a problem that says all that is wrong with it."""
    form = _FORMS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if form is None:
        raise UnsupportedContentType("A site file is sent as application/json or application/yaml.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_POLICY_BYTES:
            raise BodyTooLarge(MAX_POLICY_BYTES)
    read = await run_in_threadpool(read_site_file, body, form)
    if read.draft is None:
        raise InvalidSiteFile([asdict(one) for one in form_faults(read)])
    return read, read.draft


def _publish(live: Live, actor: Actor, site_key: str, read: SiteFile, draft: PolicyDraft, wish: _Wish) -> Publication:
    found: tuple[Told, ...] = rule_faults(read, draft)
    left = [one for one in found if one.severity == "error" and one.rule not in wish.override]
    if left:
        raise UnlawfulPolicy([asdict(one) for one in left])
    try:
        return publish_policy(
            live.catalogue,
            site_key,
            draft,
            reason=wish.reason,
            by=live.acting(actor.name),
            ask_again=wish.ask_again,
            expected_number=wish.expect,
            override=wish.override,
            renderer=live.renderer,
        )
    except PolicyOvertaken as error:
        raise PolicyConflict(str(error), expected=error.expected, found=error.found) from None
    except BadOverride as error:
        raise InvalidQuery([("override", f"names {error.rule}, under which there is no error")]) from None


def parameters(request: Request, *known: str) -> dict[str, list[str]]:
    """Return the parameters of the query by name; InvalidQuery for unknown ones and doubled ones but `override`."""
    faults: list[tuple[str, str]] = []
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            faults.append((name[:64], "is not a parameter of this address"))
        elif name in given and name != "override":
            faults.append((name, "is given twice"))
        else:
            given.setdefault(name, []).append(value)
    faults += [(name, "must be a number") for name in ("number", "expect") if not _numbers(given.get(name, ()))]
    if faults:
        raise InvalidQuery(faults)
    return given


def _numbers(values: Sequence[str]) -> bool:
    return all(_NUMBER.fullmatch(one) and int(one) <= _MOST_NUMBER for one in values)


def _wish(given: Mapping[str, list[str]]) -> _Wish:
    faults = []
    reason = given.get("reason", [""])[0]
    if not is_words(reason, _MOST_REASON):
        faults.append(("reason", f"must be 1 to {_MOST_REASON} printable characters"))
    again = given.get("ask_again", ["false"])[0]
    if again not in ("true", "false"):
        faults.append(("ask_again", "must be true or false"))
    override = tuple(given.get("override", ()))
    faults += [("override", f"{one[:40]} is no rule of the check") for one in override if one not in BY_ID]
    if faults:
        raise InvalidQuery(faults)
    expect = given.get("expect")
    return _Wish(reason, int(expect[0]) if expect else None, again == "true", override)

"""The mount itself: which request below it does what. No input or output: a driver makes the calls to the service."""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import replace
from urllib.parse import parse_qs, quote

from ..accounts import Accounts
from ..client import Askfirst
from ..cookie import is_loopback
from ..errors import ConfigurationError
from ..policy_document import PolicyDocument
from ..regions import DEFAULT_RULE
from ..signal import signal_is_on
from .banner_css import banner_css
from .exchange import Call, Incoming, Outgoing, Reply, Steps, problem
from .origin import own_path, page_origin, truncated
from .receipt_cookie import ReceiptCookie
from .scripts import Scripts
from .settings_page import settings_page, unrecorded_page

__all__ = ["MAX_BODY", "Mount"]

MAX_BODY = 8192

_log = logging.getLogger("askfirst_sdk")
_NO_SNIFF = ("X-Content-Type-Options", "nosniff")
_NO_STORE = ("Cache-Control", "no-store")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
_PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")


class Mount:
    """What the service does, from the site's own origin at `path` (`/askfirst`): `s.js` and `s/LANGUAGE.js`, `d`, `r`,
    `renew`, and for pages without JavaScript `answer`, `settings` and `banner.css`.

    `token` is the credential by which the service believes the mount (`askfirst token issue --role recorder`); without
    it all visitors share the rate limit of this server's own address, and nobody can answer without JavaScript.
    `origins` are those of the site's pages, by default the host that is asked. `address` takes the visitor's address
    from a request, where a proxy in front of this server tells it. `region` says where a visitor is. With
    `accounts` the choice of somebody who is signed in is tied to their account. A call to the service takes at most
    `timeout` seconds.
    """

    def __init__(
        self,
        askfirst: Askfirst,
        *,
        token: str | None = None,
        path: str = "/askfirst",
        origins: Collection[str] = (),
        timeout: float = 5.0,
        address: Callable[[Incoming], str | None] | None = None,
        region: Callable[[Incoming], str | None] | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        if askfirst.service_url is None:
            raise ConfigurationError("a mount needs an Askfirst with service_url: it asks the service")
        if not path.startswith("/") or path.endswith("/") or own_path(path, "") != path:
            raise ConfigurationError("path is where the mount is, such as /askfirst")
        if isinstance(origins, str):
            raise ConfigurationError("origins is a list of origins")
        if accounts is not None and token is None:
            raise ConfigurationError("accounts need the mount's token: without it the service believes no account")
        askfirst.want_policy()
        self.askfirst = askfirst
        self.service_url: str = askfirst.service_url.rstrip("/")
        self.path = path
        self.timeout = timeout
        self._token = token
        self._origins = frozenset(origins)
        self._address = address
        self._region = region
        self.accounts = accounts
        self._cookie = ReceiptCookie(askfirst)
        self._scripts = Scripts(askfirst.site, path)
        self._said_refused = False

    def steps(self, request: Incoming) -> Steps:
        """Return the work that answers a request."""
        path = request.path.strip("/")
        known: dict[str, Mapping[str, Callable[[Incoming], Steps]]] = {
            "d": {"POST": self._decide},
            "r": {"GET": self._tell_region},
            "renew": {"POST": self._renew},
            "answer": {"POST": self._answer_form},
            "settings": {"GET": self._show_settings, "POST": self._answer_form},
            "banner.css": {"GET": self._style},
            "s.js": {"GET": lambda one: self._scripts.answer(one, None)},
        }
        ways = known.get(path)
        if ways is None and path.startswith("s/") and path.endswith(".js"):
            language = path[2:-3]
            policy = self.askfirst.policy()
            if _is_language(language) and (policy is None or language in policy.languages):
                ways = {"GET": lambda one: self._scripts.answer(one, language)}
        if ways is None:
            return problem(404, "not-found", "Not found", "There is nothing at this address.")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in ways:
            allowed = ", ".join(sorted({*ways, *(("HEAD",) if "GET" in ways else ())}))
            return problem(405, "method-not-allowed", "Method not allowed", f"Use {allowed}.", ("Allow", allowed))
        if len(request.body) > MAX_BODY:
            return problem(413, "body-too-large", "Body too large", f"At most {MAX_BODY} bytes are read.")
        self.askfirst.read(None)  # the refresh begins with the first request of any kind
        return (yield from self._of_who_is_here(request, ways[method]))

    def _of_who_is_here(self, request: Incoming, way: Callable[[Incoming], Steps]) -> Steps:
        """Answer a request as that of whoever is signed in now, and end what an earlier session left behind."""
        if self.accounts is None or "cookie" not in request.headers:
            return (yield from way(request))
        loopback = self.loopback(request)
        left = self.accounts.left_behind(request.headers, request.request, loopback=loopback, now=time.time())
        if not left:
            return (yield from way(request))
        if way == self._decide:
            # A script answered in the place of the account's choice: what it wrote stays.
            answer: Outgoing = yield from way(request)
            ends = left[1:] if answer.status in (200, 201) else ()
        else:
            own = self.accounts.counting(request.headers["cookie"], request.request, loopback=loopback)
            answer = yield from way(replace(request, headers={**request.headers, "cookie": str(own)}))
            ends = left[1:] if any(name == "Set-Cookie" for name, _ in answer.headers) else left
        if _NO_STORE not in answer.headers:
            return answer
        return replace(answer, headers=[*answer.headers, *(("Set-Cookie", one) for one in ends)])

    def loopback(self, request: Incoming) -> bool:
        """Say whether the browser itself asked over plain http for a loopback host."""
        proxied = any(name in request.headers for name in _PROXIED)
        return request.scheme == "http" and not proxied and is_loopback(request.headers.get("host"))

    # --- with JavaScript

    def _decide(self, request: Incoming) -> Steps:
        origin = page_origin(request, self._origins)
        if origin is None:
            return _foreign()
        now = time.time()
        reply = yield Call(
            "POST",
            f"/d/{self.askfirst.site}",
            {
                "content-type": "text/plain",
                "origin": origin,
                **self._credential(request),
                **self._account_header(request),
            },
            request.body,
        )
        if reply.status in (401, 403) and self._token is not None and _code(reply) in ("unauthorized", "forbidden"):
            self._say_refused()
            return _away()
        if reply.status == 0:
            return _away()
        headers = [("Content-Type", reply.headers.get("content-type", "application/json")), _NO_STORE]
        if "retry-after" in reply.headers:
            headers.append(("Retry-After", reply.headers["retry-after"]))
        if reply.status in (200, 201):
            cookie = self._cookie_for(request, reply, _members(request.body), now)
            if cookie is not None:
                headers.append(("Set-Cookie", cookie))
        return Outgoing(reply.status, headers, reply.body)

    def _rule(self, request: Incoming, policy: PolicyDocument, told: str | None) -> Generator[Call, Reply, str]:
        """Return the region rule that an answer is given under: by this server's own knowledge, else the one that the
        page knew, else as the service sees it; the policy's own modes where nobody knows."""
        described = self.askfirst.descriptor
        found: object = None
        if described is not None and self._region is not None:
            found = described.region_rules().rule_of(self._region(request), time.time())
        elif told is not None:
            found = told
        elif len(policy.rules) > 1:
            reply = yield Call("GET", f"/r/{self.askfirst.site}", self._credential(request))
            found = _members(reply.body).get("rule") if reply.status == 200 else None
        return found if isinstance(found, str) and found in policy.rules else DEFAULT_RULE

    def _tell_region(self, request: Incoming) -> Steps:
        described = self.askfirst.descriptor
        place = None if self._region is None else self._region(request)
        if self._region is None and self._token is not None:
            reply = yield Call("GET", f"/r/{self.askfirst.site}", self._credential(request))
            if reply.status == 200:
                return Outgoing(200, [("Content-Type", "application/json"), _NO_STORE], reply.body)
        rule = None if described is None else described.region_rules().rule_of(place, time.time())
        if rule is None:
            # Not known here: the page then follows the strictest rule.
            return problem(404, "not-found", "Not found", "This server does not know where the visitor is.")
        return Outgoing(200, [("Content-Type", "application/json"), _NO_STORE], json.dumps({"rule": rule}).encode())

    def _renew(self, request: Incoming) -> Steps:
        yield from ()
        if page_origin(request, self._origins) is None:
            return _foreign()
        now, loopback = time.time(), self.loopback(request)
        held = self._cookie.held(request.headers.get("cookie"), loopback=loopback, now=now)
        cookie = self._cookie.renewed(held, host=request.headers.get("host", ""), loopback=loopback, now=now)
        return Outgoing(204, [_NO_STORE, *([("Set-Cookie", cookie)] if cookie else [])])

    # --- without JavaScript

    def _style(self, request: Incoming) -> Steps:  # noqa: ARG002
        yield from ()
        policy = self.askfirst.policy()
        kept = "public, max-age=300" if policy is not None else "no-store"
        headers = [("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", kept), _NO_SNIFF]
        return Outgoing(200, headers, banner_css({} if policy is None else policy.theme).encode())

    def _show_settings(self, request: Incoming) -> Steps:
        yield from ()
        asked = parse_qs(request.query, max_num_fields=20)
        back = self._back(request, _first(asked, "next"))
        return self._settings(request, _first(asked, "language"), back, saved="saved" in asked)

    def _settings(self, request: Incoming, language: str | None, back: str, *, saved: bool = False) -> Outgoing:
        policy = self.askfirst.policy()
        if policy is None:
            return _page(503, unrecorded_page(None, None, back, self.path), ("Retry-After", "5"))
        consent = self.askfirst.read(
            request.headers.get("cookie"), headers=request.headers, loopback=self.loopback(request)
        )
        spoken = language or request.headers.get("accept-language", "").split(",")[0].partition(";")[0].strip() or None
        page = settings_page(policy, policy.language(spoken), consent, mount=self.path, back=back, saved=saved)
        return _page(200, page)

    def _answer_form(self, request: Incoming) -> Steps:
        origin = page_origin(request, self._origins)
        if origin is None:
            return _foreign()
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            form = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
        except ValueError:
            form = {}
        if kind != "application/x-www-form-urlencoded" or not form:
            return problem(400, "malformed-body", "Malformed body", "An answer is a form with the member answer.")
        back = self._back(request, _first(form, "next"))
        policy = self.askfirst.policy(_first(form, "policy")) or self.askfirst.policy()
        method = _METHODS.get(_first(form, "answer") or "")
        if policy is None or method is None or _first(form, "policy") != policy.digest:
            # What was asked is not known here any more, or not yet: nothing is taken for an answer; it is asked anew.
            return self._settings(request, _first(form, "language"), back)
        granted = (
            set(policy.optional) if method == "accept_all" else set(form.get("purpose", ())) & set(policy.optional)
        )
        if method in ("reject_all", "withdraw"):
            granted = set()
        return (yield from self._record(request, origin, policy, method, granted, form, back))

    def _record(
        self,
        request: Incoming,
        origin: str,
        policy: PolicyDocument,
        method: str,
        granted: Collection[str],
        form: Mapping[str, list[str]],
        back: str,
    ) -> Steps:
        now, loopback, host = time.time(), self.loopback(request), request.headers.get("host", "")
        held = self._cookie.held(request.headers.get("cookie"), loopback=loopback, now=now)
        named = next((copy.token for copy in held if not copy.receipt.anonymous), None)
        account = self._account(request) if policy.accounts else None
        rule = yield from self._rule(request, policy, _first(form, "rule"))
        decision = {
            "v": 1,
            "id": str(uuid.uuid4()),
            "site": self.askfirst.site,
            "policy": policy.digest,
            "language": policy.language(_first(form, "language")),
            "purposes": {purpose: purpose in granted for purpose in policy.optional},
            "method": method,
            "at": int(now * 1000),
            "gpc": signal_is_on(request.headers),
            "rule": rule,
            "origin": origin,
            **({} if named is None else {"receipt": named}),
            **({} if account is None else {"account": account}),
        }
        language = policy.language(_first(form, "language"))
        body = json.dumps(decision).encode()
        headers = {"content-type": "application/json", **self._credential(request)}
        reply = yield Call("POST", "/api/v1/decisions", headers, body)
        if reply.status not in (200, 201):
            if reply.status in (401, 403):
                self._say_refused()
            _log.warning("site %s: an answer without JavaScript was not recorded: %s", self.askfirst.site, reply.status)
            page = unrecorded_page(policy, language, back, self.path)
            # A server must not go on believing a grant that was just taken back.
            gone = [("Set-Cookie", self._cookie.removed(host=host, loopback=loopback))] if not granted else []
            return _page(503, page, ("Retry-After", "5"), *gone)
        cookie = self._cookie_for(request, reply, decision, now)
        target = (
            f"{self.path}/settings?saved=1&next={quote(back, safe='/')}"
            if request.path.strip("/") == "settings"
            else back
        )
        return Outgoing(
            303, [("Location", target), _NO_STORE, *([("Set-Cookie", cookie)] if cookie is not None else [])]
        )

    def _cookie_for(self, request: Incoming, reply: Reply, decision: Mapping[str, object], now: float) -> str | None:
        """Return the Set-Cookie value for the receipt in the service's answer to a decision."""
        token = _members(reply.body).get("receipt")
        answered, at = decision.get("receipt"), decision.get("at")
        loopback = self.loopback(request)
        if not isinstance(token, str):
            return None
        return self._cookie.after_decision(
            token,
            self._cookie.held(request.headers.get("cookie"), loopback=loopback, now=now),
            answered=answered if isinstance(answered, str) else None,
            at=at if isinstance(at, int) else None,
            host=request.headers.get("host", ""),
            loopback=loopback,
            now=now,
        )

    def _account(self, request: Incoming) -> str | None:
        return None if self.accounts is None else self.accounts.account_of(request.request)

    def _account_header(self, request: Incoming) -> dict[str, str]:
        account = self._account(request)
        return {} if account is None else {"askfirst-account": account}

    def _credential(self, request: Incoming) -> dict[str, str]:
        if self._token is None:
            return {}
        address = truncated(request.address if self._address is None else self._address(request))
        visitor = {} if address is None else {"askfirst-visitor": address}
        return {"authorization": f"Bearer {self._token}", **visitor}

    def _back(self, request: Incoming, wanted: str | None) -> str:
        """Return where to go after an answer: a path of this site alone, and not the mount's own."""
        host = request.headers.get("host", "")
        for one in (wanted, request.headers.get("referer")):
            path = own_path(one, host)
            if path is not None and not path.startswith(f"{self.path}/"):
                return path
        return "/"

    def _say_refused(self) -> None:
        if not self._said_refused:
            self._said_refused = True
            _log.error(
                "site %s: the service does not take this mount's token: issue one with --role recorder",
                self.askfirst.site,
            )


_PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_METHODS = {"accept_all": "accept_all", "reject_all": "reject_all", "save": "custom", "withdraw": "withdraw"}


def _is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None


def _foreign() -> Outgoing:
    return problem(403, "origin-not-allowed", "Origin not allowed", "This was not sent by a page of this site.")


def _away() -> Outgoing:
    return problem(503, "unavailable", "Unavailable", "The service can not be reached.", ("Retry-After", "5"))


def _page(status: int, html: str, *more: tuple[str, str]) -> Outgoing:
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        _NO_STORE,
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", _PAGE_POLICY),
        *more,
    ]
    return Outgoing(status, headers, html.encode())


def _members(body: bytes) -> dict[str, object]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _code(reply: Reply) -> str:
    return str(_members(reply.body).get("type", "")).rpartition("/")[2]


def _first(form: Mapping[str, list[str]], name: str) -> str | None:
    return form.get(name, [None])[0] or None

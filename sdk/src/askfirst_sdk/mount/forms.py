"""The mount's ways for pages without JavaScript: the style of the banner, the settings page, and the answer's form."""

import json
import logging
import time
import uuid
from collections.abc import Collection, Mapping
from urllib.parse import parse_qs, quote

from ..policy_document import PolicyDocument
from ..signal import signal_is_on
from .answers import NO_SNIFF, NO_STORE, first, foreign, html_page
from .banner_css import banner_css
from .exchange import Call, Incoming, Outgoing, Steps, problem
from .ground import Ground
from .origin import own_path
from .settings_page import settings_page, unrecorded_page

__all__ = ["Forms"]

_log = logging.getLogger("askfirst_sdk")
_METHODS = {"accept_all": "accept_all", "reject_all": "reject_all", "save": "custom", "withdraw": "withdraw"}


class Forms:
    """Answers without a script."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def style(self, request: Incoming) -> Steps:  # noqa: ARG002
        """Return the styles of the banner in the site's theme."""
        yield from ()
        policy = self._ground.askfirst.policy()
        kept = "public, max-age=300" if policy is not None else "no-store"
        headers = [("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", kept), NO_SNIFF]
        return Outgoing(200, headers, banner_css({} if policy is None else policy.theme).encode())

    def show_settings(self, request: Incoming) -> Steps:
        """Show the settings with what was answered."""
        yield from ()
        asked = parse_qs(request.query, max_num_fields=20)
        back = self._back(request, first(asked, "next"))
        return self._settings(request, first(asked, "language"), back, saved="saved" in asked)

    def _settings(self, request: Incoming, language: str | None, back: str, *, saved: bool = False) -> Outgoing:
        policy = self._ground.askfirst.policy()
        if policy is None:
            return html_page(
                503, unrecorded_page(None, None, back, self._ground.path, _host(request)), ("Retry-After", "5")
            )
        consent = self._ground.askfirst.read(
            request.headers.get("cookie"), headers=request.headers, loopback=self._ground.loopback(request)
        )
        spoken = language or request.headers.get("accept-language", "").split(",")[0].partition(";")[0].strip() or None
        page = settings_page(
            policy,
            policy.language(spoken),
            consent,
            mount=self._ground.path,
            back=back,
            host=_host(request),
            saved=saved,
        )
        return html_page(200, page)

    def answer(self, request: Incoming) -> Steps:
        """Record what a form answered, and lead back to the page."""
        origin = self._ground.origin(request)
        if origin is None:
            return foreign()
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            form = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
        except ValueError:
            form = {}
        if kind != "application/x-www-form-urlencoded" or not form:
            return problem(400, "malformed-body", "Malformed body", "An answer is a form with the member answer.")
        back = self._back(request, first(form, "next"))
        policy = self._ground.askfirst.policy(first(form, "policy")) or self._ground.askfirst.policy()
        method = _METHODS.get(first(form, "answer") or "")
        if policy is None or method is None or first(form, "policy") != policy.digest:
            # What was asked is not known here any more, or not yet: nothing is taken for an answer; it is asked anew.
            return self._settings(request, first(form, "language"), back)
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
        now, loopback, host = time.time(), self._ground.loopback(request), _host(request)
        held = self._ground.cookie.held(request.headers.get("cookie"), loopback=loopback, now=now)
        named = next((copy.token for copy in held if not copy.receipt.anonymous), None)
        account = self._ground.account(request) if policy.accounts else None
        rule = yield from self._ground.rule(request, policy, first(form, "rule"))
        decision = {
            "v": 1,
            "id": str(uuid.uuid4()),
            "site": self._ground.askfirst.site,
            "policy": policy.digest,
            "language": policy.language(first(form, "language")),
            "purposes": {purpose: purpose in granted for purpose in policy.optional},
            "method": method,
            "at": int(now * 1000),
            "gpc": signal_is_on(request.headers),
            "rule": rule,
            "origin": origin,
            **({} if named is None else {"receipt": named}),
            **({} if account is None else {"account": account}),
        }
        language = policy.language(first(form, "language"))
        body = json.dumps(decision).encode()
        headers = {"content-type": "application/json", **self._ground.credential(request)}
        reply = yield Call("POST", "/api/v1/decisions", headers, body)
        if reply.status not in (200, 201):
            if reply.status in (401, 403):
                self._ground.say_refused()
            _log.warning(
                "site %s: an answer without JavaScript was not recorded: %s", self._ground.askfirst.site, reply.status
            )
            page = unrecorded_page(policy, language, back, self._ground.path, host)
            # A server must not go on believing a grant that was just taken back.
            gone = [("Set-Cookie", self._ground.cookie.removed(host=host, loopback=loopback))] if not granted else []
            return html_page(503, page, ("Retry-After", "5"), *gone)
        cookie = self._ground.cookie_for(request, reply, decision, now)
        target = (
            f"{self._ground.path}/settings?saved=1&next={quote(back, safe='/')}"
            if request.path.strip("/") == "settings"
            else back
        )
        return Outgoing(
            303, [("Location", target), NO_STORE, *([("Set-Cookie", cookie)] if cookie is not None else [])]
        )

    def _back(self, request: Incoming, wanted: str | None) -> str:
        """Return where to go after an answer: a path of this site alone, and not the mount's own."""
        host = _host(request)
        for one in (wanted, request.headers.get("referer")):
            path = own_path(one, host)
            if path is not None and not path.startswith(f"{self._ground.path}/"):
                return path
        return "/"


def _host(request: Incoming) -> str:
    return request.headers.get("host", "")

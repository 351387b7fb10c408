"""The mount itself: which request below it does what. No input or output: a driver makes the calls to the service."""

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ..accounts import Accounts
from ..client import Askfirst
from ..errors import ConfigurationError
from .answers import NO_STORE
from .exchange import Incoming, Outgoing, Steps, problem
from .files import Files
from .forms import Forms
from .ground import Ground
from .origin import own_path
from .scripted import Scripted
from .scripts import Scripts

__all__ = ["MAX_BODY", "Mount"]

MAX_BODY = 8192

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")


class Mount:
    """What the service does, from the site's own origin at `path` (`/askfirst`): `s.js` and `s/LANGUAGE.js`, what
    these fetch later (`f/…`, `c/…`), `d`, `r`, `renew`, and for pages without JavaScript `answer`, `settings` and
    `banner.css`.

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
        self.accounts = accounts
        self._ground = Ground(
            askfirst, token=token, path=path, origins=origins, address=address, region=region, accounts=accounts
        )
        self._scripted = Scripted(self._ground)
        self._forms = Forms(self._ground)
        self._scripts = Scripts(askfirst.site, path)
        self._files = Files(askfirst.site)

    def steps(self, request: Incoming) -> Steps:
        """Return the work that answers a request."""
        path = request.path.strip("/")
        known: dict[str, Mapping[str, Callable[[Incoming], Steps]]] = {
            "d": {"POST": self._scripted.decide},
            "r": {"GET": self._scripted.tell_region},
            "renew": {"POST": self._scripted.renew},
            "answer": {"POST": self._forms.answer},
            "settings": {"GET": self._forms.show_settings, "POST": self._forms.answer},
            "banner.css": {"GET": self._forms.style},
            "s.js": {"GET": lambda one: self._scripts.answer(one, None)},
        }
        ways = known.get(path)
        if ways is None and path.startswith("s/") and path.endswith(".js"):
            language = path[2:-3]
            policy = self.askfirst.policy()
            if _is_language(language) and (policy is None or language in policy.languages):
                ways = {"GET": lambda one: self._scripts.answer(one, language)}
        if ways is None and self._files.knows(path):
            ways = {"GET": lambda one: self._files.answer(one, path)}
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
        if way == self._scripted.decide:
            # A script answered in the place of the account's choice: what it wrote stays.
            answer: Outgoing = yield from way(request)
            ends = left[1:] if answer.status in (200, 201) else ()
        else:
            own = self.accounts.counting(request.headers["cookie"], request.request, loopback=loopback)
            answer = yield from way(replace(request, headers={**request.headers, "cookie": str(own)}))
            ends = left[1:] if any(name == "Set-Cookie" for name, _ in answer.headers) else left
        if NO_STORE not in answer.headers:
            return answer
        return replace(answer, headers=[*answer.headers, *(("Set-Cookie", one) for one in ends)])

    def loopback(self, request: Incoming) -> bool:
        """Say whether the browser itself asked over plain http for a loopback host."""
        return self._ground.loopback(request)


def _is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None
